#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the virtual machine: the incident over real pins and a real UART, with real images and the recipe that ships.
Each test goes on from the board that the one before left behind."""
import subprocess
import unittest

from pi import BOOT, RESET, SERIAL, Pi, main, wait_for


class Provision(unittest.TestCase):
    pi: Pi

    def setUp(self):
        self.pi.edges()
        self.before = self.pi.board_status()
        self.flash_before = self.pi.flash()

    def flash_holds(self, version):
        name, _, _ = self.pi.publish(version)
        image = (self.pi.web / name).read_bytes()
        return self.pi.flash()[4:len(image)] == image[4:]

    def assert_lines_were_driven_well(self):
        """As the kernel saw it: nothing moved when the lines were opened, the boot line was steady whenever reset rose, and
        they were let go of with the board running. The board saw each reset."""
        edges = self.pi.edges()
        self.assertEqual([(edge.line, edge.level) for edge in edges[:2]], [(RESET, 1), (BOOT, 1)], "no glitch at open")
        level = {RESET: 1, BOOT: 1}
        moves = ""
        for edge in edges:
            self.assertEqual(edge.who, "lastgood")
            if level[edge.line] != edge.level:
                level[edge.line] = edge.level
                moves += {(RESET, 0): "r", (RESET, 1): "R", (BOOT, 0): "b", (BOOT, 1): "B"}[edge.line, edge.level]
        # Into the loader: boot low, reset low, reset high, boot high. Into the firmware: reset alone.
        self.assertRegex(moves, "^((brRB)+(rR)+)+$")
        self.assertEqual(self.pi.board_status()["resets_by_line"] - self.before["resets_by_line"], moves.count("R"))
        self.assertEqual(self.pi.users(), {}, "nobody has a line any more")
        for line in (RESET, BOOT):
            self.assertEqual(self.pi.direction(line), "input")
            self.assertEqual(self.pi.level(line), 1, "the board's pull-up decides")
        self.wait_until_it_runs()

    def wait_until_it_runs(self):
        wait_for("the start of the board's firmware", lambda: self.pi.board_status()["running_application"] == 1)

    def assert_board_was_left_alone(self):
        self.assertEqual([edge for edge in self.pi.edges() if edge.who == "lastgood"], [])
        self.assertEqual(self.pi.board_status(), self.before)
        self.assertEqual(self.pi.flash(), self.flash_before)

    def test_1_good_run(self):
        done = self.pi.run("provision", self.pi.manifest("1.8.2", fallback="1.8.7"))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.pi.status()["running"], "MicroPython 1.8.2")
        self.assertTrue(self.flash_holds("1.8.2"))
        self.assert_lines_were_driven_well()

    def test_2_second_run_writes_nothing(self):
        done = self.pi.run("provision", self.pi.manifest("1.8.2", fallback="1.8.7"))
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing to do", done.stdout)
        self.assertEqual(self.pi.flash(), self.flash_before)
        self.assertEqual(self.pi.board_status()["bytes_programmed"], self.before["bytes_programmed"])
        self.assert_lines_were_driven_well()

    def test_3_busy_gpio_line_is_named_with_its_holder(self):
        with subprocess.Popen(["gpioset", "--mode=signal", "gpiochip0", f"{RESET}=1"]) as holder:
            wait_for("gpioset's use of the line", lambda: RESET in self.pi.users())
            done = self.pi.run("provision", self.pi.manifest("1.8.7"))
            self.assertEqual(self.pi.users(), {RESET: ("gpioset", "output")}, "the other line is free again")
            holder.terminate()
        self.assertEqual(done.returncode, 11)
        self.assertRegex(done.stderr, f"error: GPIO line 'GPIO{RESET}' is in use by .*gpioset")
        self.assert_board_was_left_alone()

    def test_4_busy_serial_device_is_named_with_its_holder(self):
        with open(SERIAL, "rb", buffering=0) as device, subprocess.Popen(["sleep", "infinity"], stdin=device) as holder:
            device.close()
            done = self.pi.run("provision", self.pi.manifest("1.8.7"))
            holder.terminate()
        self.assertEqual(done.returncode, 11)
        self.assertIn(f"error: serial device '{SERIAL}' is in use by process {holder.pid} (sleep)", done.stderr)
        self.assert_board_was_left_alone()

    def test_5_wrong_line_name_is_refused(self):
        manifest = self.pi.manifest("1.8.7")
        recipe = self.pi.recipe(lambda text: text.replace(f'"GPIO{BOOT}"', '"GPIO72"'))
        done = self.pi.run("provision", manifest, "--recipe", recipe)
        self.assertEqual(done.returncode, 7)
        self.assertRegex(done.stderr, "error: .*GPIO72")
        self.assertIn("pinctrl-bcm2835", done.stderr)
        self.assert_board_was_left_alone()

    def test_6_forced_bad_header_loops_is_named_and_rolled_back(self):
        done = self.pi.run("provision", "--force", self.pi.manifest("1.8.7", size="1MB"))
        self.assertEqual(done.returncode, 8)
        self.assertIn("boot loop", done.stdout)
        self.assertIn("rf_cal[0] !=0x05", done.stdout)
        self.assertIn("the header says 1 MB of flash, the chip has 4 MB", done.stdout)
        self.assertIn("rolled back, the board runs MicroPython 1.8.2", done.stderr)
        self.assertTrue(self.flash_holds("1.8.2"))
        self.assert_lines_were_driven_well()


if __name__ == "__main__":
    main(Provision)
