#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the virtual machine: lastgood is stopped in the middle of a write, in each way that a system does it, and is started by
a user who may not do it. The images are made by the simulator."""
import os
import pwd
import signal
import subprocess
import tempfile
import unittest

from pi import BOOT, RESET, SERIAL, Pi, bench, main, wait_for

NOBODY = pwd.getpwnam("nobody")


def in_mid_flash(event):
    return event["event"] == "progress" and event["stage"] == "flash" and 4 * event["bytes_done"] >= event["bytes_total"]


class Interrupt(unittest.TestCase):
    pi: Pi

    def setUp(self):
        """A board that runs the old firmware, known to be good; a manifest for the new one."""
        self.assertEqual(self.pi.run("provision", self.pi.manifest("1.9.3", fallback="1.22.1")).returncode, 0)
        self.wait_until_it_runs()
        self.manifest = self.pi.manifest("1.22.1")

    def wait_until_it_runs(self):
        wait_for("the start of the board's firmware", lambda: self.pi.board_status()["running_application"] == 1)

    def assert_nobody_holds_the_board_down(self):
        self.assertEqual(self.pi.users(), {})
        self.assertEqual((self.pi.level(RESET), self.pi.level(BOOT)), (1, 1), "the board's pull-ups decide")

    def assert_it_runs(self, version):
        self.assertEqual(self.pi.status()["running"], f"MicroPython {version}")
        self.assertEqual(self.pi.run("resume").stdout, "Nothing to resume.\n")
        self.wait_until_it_runs()
        self.assert_nobody_holds_the_board_down()

    def test_killed(self):
        code = self.pi.signal_when(signal.SIGKILL, ["provision", self.manifest], in_mid_flash)
        self.assertEqual(code, -signal.SIGKILL)
        self.assert_nobody_holds_the_board_down()
        self.assertEqual(self.pi.run("resume").returncode, 0)
        self.assert_it_runs("1.22.1")

    def test_asked_to_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                written = self.pi.board_status()["bytes_programmed"]
                code = self.pi.signal_when(number, ["provision", self.manifest], in_mid_flash)
                self.assertEqual(code, 130)
                self.assertGreater(self.pi.board_status()["bytes_programmed"], written, "it was in mid-flash")
                self.assert_it_runs("1.9.3")

    def test_without_permission(self):
        os.chmod(SERIAL, 0o666)
        before = self.pi.board_status()
        with tempfile.TemporaryDirectory() as home:
            os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
            done = self.pi.run("provision", self.manifest, "--state", f"{home}/state", user=NOBODY.pw_uid, group=NOBODY.pw_gid,
                               extra_groups=[])
        os.chmod(SERIAL, 0o600)
        self.assertEqual(done.returncode, 7)
        self.assertRegex(done.stderr, "(?s)error: .*gpio.*hint: ")
        self.assertEqual(self.pi.board_status(), before)


def make_images(pi):
    os.chmod(pi.directory, 0o755)
    bench.SHARED = pi.directory
    (pi.directory / "firmware").symlink_to(pi.directory)
    for version in ("1.9.3", "1.22.1"):
        name = f"micropython-{version}.bin"
        subprocess.run([pi.board_program, "--quiet", "simulate", "image", "micropython", str(pi.directory / name),
                        "--image-version", version, "--size", "200000"], check=True)
        bench.FIRMWARE[version] = name


if __name__ == "__main__":
    main(Interrupt, make_images)
