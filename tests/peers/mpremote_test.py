#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Debian's mpremote, unchanged, on a board that lastgood has provisioned: mpremote_test.py PROGRAM"""
import sys
import unittest

from peers import Board, require_peers


class Mpremote(unittest.TestCase):
    board: Board

    @classmethod
    def setUpClass(cls):
        cls.board.make_image("mpy.bin", "1.22.1")
        done = cls.board.lastgood("provision", "--no-fallback", cls.board.manifest("mpy.bin", "1.22.1"))
        assert done.returncode == 0, done.stderr

    def python(self, code):
        # Letting go of the lines may reset the board: give it time to boot, or the first Ctrl-A is lost.
        done = self.board.mpremote("sleep", "2", "exec", code)
        self.assertEqual(done.returncode, 0)
        return done.stdout.strip()

    def test_code_is_executed(self):
        self.assertEqual(self.python("print(6 * 7)"), "42")

    def test_the_firmware_says_its_version(self):
        self.assertIn("(1, 22, 1", self.python("import sys; print(sys.implementation)"))

    def test_an_exception_is_mpremotes_failure(self):
        done = self.board.mpremote("sleep", "2", "exec", "1 / 0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ZeroDivisionError", done.stdout + done.stderr)


if __name__ == "__main__":
    require_peers()
    with Board(sys.argv.pop(1), circuit="two-transistor") as Mpremote.board:
        unittest.main(exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
