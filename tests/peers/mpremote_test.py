#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Debian's mpremote, unchanged, on a board that lastgood has provisioned: mpremote_test.py PROGRAM"""
import subprocess
import sys
import unittest

from peers import Board, require_peers

# More than the receive buffer of an ESP8266 holds several times over: by raw-paste or not at all.
LONG = "".join(f"x = {number} + 1\n" for number in range(1000, 1100)) + "print(x)\n"


class Mpremote(unittest.TestCase):
    board: Board

    @classmethod
    def setUpClass(cls):
        cls.board.make_image("mpy.bin", "1.22.1")
        done = cls.board.lastgood("provision", "--no-fallback", cls.board.manifest("mpy.bin", "1.22.1"))
        assert done.returncode == 0, done.stderr

    def mpremote(self, *arguments):
        # Letting go of the lines may reset the board: give it time to boot, or the first Ctrl-A is lost.
        return self.board.mpremote("sleep", "2", *arguments)

    def python(self, code):
        done = self.mpremote("exec", code)
        self.assertEqual(done.returncode, 0)
        return done.stdout.strip()

    def test_code_is_executed(self):
        self.assertEqual(self.python("print(6 * 7)"), "42")

    def test_the_firmware_says_its_version(self):
        self.assertIn("(1, 22, 1", self.python("import sys; print(sys.implementation)"))

    def test_an_exception_is_mpremotes_failure(self):
        done = self.mpremote("exec", "1 / 0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ZeroDivisionError", done.stdout + done.stderr)

    def test_a_long_file_runs_by_raw_paste(self):
        self.assertGreater(len(LONG), 1024)
        done = self.mpremote("run", self.board.file("long.py", LONG.encode()))
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "1100"))

    def test_a_soft_reset_forgets_names(self):
        done = self.mpremote("resume", "exec", "x = 7", "exec", "print(x)", "soft-reset", "exec", "print(x)")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("7", done.stdout)
        self.assertIn("NameError", done.stdout + done.stderr)


class MpremoteWhereRawPasteFallsSilent(unittest.TestCase):
    """What the trap does to mpremote is a fact about mpremote: without a limit it waits for an acknowledgement that never
    comes. lastgood's own check goes on by the plain raw REPL (unit/health, against the same simulated fault)."""

    board: Board

    def test_it_waits_until_it_is_killed(self):
        self.board.restart("flash=4MB&fault=raw-paste-silent")
        with self.assertRaises(subprocess.TimeoutExpired):
            self.board.mpremote("sleep", "2", "exec", "print(6 * 7)", timeout=10)


if __name__ == "__main__":
    require_peers()
    with Board(sys.argv.pop(1), circuit="two-transistor") as Mpremote.board:
        MpremoteWhereRawPasteFallsSilent.board = Mpremote.board
        unittest.main(exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
