#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Manifests from a server that means harm: a verdict, in little memory, and nothing is left behind."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from bench import SOURCE

PEAK_KILOBYTES_MAX = 64 * 1024


class HostileManifests(unittest.TestCase):
    program: str

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-hostile-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.server = subprocess.Popen([str(SOURCE / "tests/support/hostile_server.py"), str(self.directory)],
                                       stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()
        self.addCleanup(self.stop)

    def stop(self):
        self.server.stdin.close()
        self.server.stdout.close()
        self.server.wait(timeout=20)

    def test_what_has_no_end_is_ended(self):
        attacks = {
            "endless-chunks": (5, "is larger than 1048576 bytes"),
            "endless-404": (4, "there is no such file"),
            "endless-trailer": (4, "endless header"),
            "informational": (4, "endless header"),
            "grow": (4, "redirected more than 5 times"),
            "huge-chunk": (4, "lastgood: error: "),
            "negative-length": (4, "lastgood: error: "),
        }
        for attack, (code, message) in attacks.items():
            with self.subTest(attack), open(self.directory / "output", "w+", encoding="utf-8") as output:
                process = subprocess.Popen([self.program, "--state", "state", "provision", f"{self.url}/{attack}"],
                                           cwd=self.directory, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                output.seek(0)
                text = output.read()
                self.assertEqual(process.returncode, code, text)
                self.assertIn(message, text)
                self.assertLess(usage.ru_maxrss, PEAK_KILOBYTES_MAX)
                self.assertFalse((self.directory / "state").exists())


if __name__ == "__main__":
    HostileManifests.program = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
