#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the virtual machine: the doctor looks at real serial devices and a real GPIO chip, that others hold or may not use.
    doctor_test.py PROGRAM"""
import contextlib
import json
import os
import pwd
import subprocess
import sys
import unittest
from pathlib import Path

from pi import RESET, SERIAL, Pi, wait_for

NOBODY = pwd.getpwnam("nobody")
GPIO = "/dev/gpiochip0"
DIALOUT = 20


@contextlib.contextmanager
def gpioset(line):
    """Somebody else drives a line."""
    with subprocess.Popen(["gpioset", "--mode=signal", "gpiochip0", f"{line}=1"]) as other:
        wait_for("gpioset", lambda: line in Pi.users())
        yield other
        other.terminate()


class Doctor(unittest.TestCase):
    program = ""

    def examine(self, *arguments, code, **options):
        """The findings that are not ok, by check."""
        environment = {**os.environ, "LASTGOOD_DATA": str(Path(__file__).resolve().parents[2])}
        done = subprocess.run([self.program, "doctor", "--json", *arguments], env=environment, capture_output=True, text=True,
                              check=False, **options)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(events[-1]["exit_code"], code)
        self.seen = {event["check"] for event in events[:-1]}
        return {event["check"]: event for event in events[:-1] if event["verdict"] in ("problem", "unknown")}

    def board(self, code, **options):
        return self.examine("espiot-phat", "--host-only", "--serial", SERIAL, code=code, **options)

    def test_free(self):
        self.assertEqual(self.board(0), {})
        self.assertLessEqual({"serial-device", "serial-holder", "gpio-access", "gpio-lines"}, self.seen)
        self.assertEqual(Pi.users(), {}, "looking takes no line")

    def test_every_device_without_a_board(self):
        self.assertEqual(self.examine(code=0), {})

    def test_held_device(self):
        held = os.open(SERIAL, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        found = self.board(11)
        os.close(held)
        self.assertEqual(list(found), ["serial-holder"])
        self.assertRegex(found["serial-holder"]["text"], rf"^{SERIAL} is in use by process {os.getpid()} \(.+\)$")

    def test_held_line(self):
        with gpioset(RESET) as other:
            found = self.board(11)
            self.assertEqual(list(found), ["gpio-holder"])
            self.assertEqual(found["gpio-holder"]["text"], f"GPIO line 'GPIO{RESET}' is in use by 'gpioset'")
            self.assertIn(f"process {other.pid} (gpioset)", found["gpio-holder"]["remedy"])

    def test_without_permission(self):
        def found(code, groups):
            return self.board(code, user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=groups)

        self.assertEqual({check for check, event in found(7, []).items() if event["verdict"] == "problem"},
                         {"serial-access", "gpio-access"})
        for path in (SERIAL, GPIO):
            os.chown(path, 0, DIALOUT)
            os.chmod(path, 0o660)
        self.assertIn("sudo usermod -aG dialout nobody", found(7, [])["serial-access"]["remedy"])
        self.assertEqual({check: event["verdict"] for check, event in found(0, [DIALOUT]).items()}, {"serial-holder": "unknown"})
        for path in (SERIAL, GPIO):
            os.chmod(path, 0o600)


if __name__ == "__main__":
    Doctor.program = sys.argv.pop(1)
    unittest.main(failfast=True, verbosity=2)
