#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Debian's minisign and lastgood read each other's keys and signatures: minisign_test.py PROGRAM"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = ""
TEXT = b'schema = 1\nname = "phat"\n[firmware]\nversion = "1.22.1"\n'


class Minisign(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lastgood-minisign-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        (self.directory / "f.toml").write_bytes(TEXT)

    def run_program(self, *argv, text=""):
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.directory), "LASTGOOD_CONFIG": str(self.directory / "config"),
                       "LASTGOOD_DATA": str(self.directory / "data"), **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
        return subprocess.run(argv, cwd=self.directory, env=environment, input=text, capture_output=True, text=True, timeout=120,
                              check=False)

    def lastgood(self, *argv, text=""):
        return self.run_program(PROGRAM, *argv, text=text)

    def minisign(self, *argv, text=""):
        return self.run_program("minisign", *argv, text=text)

    def expect(self, done, code=0):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def keys_of_lastgood(self):
        self.expect(self.lastgood("keys", "new", "k", "--no-password"))

    def keys_of_minisign(self):
        self.expect(self.minisign("-G", "-W", "-f", "-p", "k.pub", "-s", "k.key"))

    def sign_by_lastgood(self):
        self.expect(self.lastgood("sign", "f.toml", "--key", "k.key"))

    def sign_by_minisign(self):
        self.expect(self.minisign("-S", "-s", "k.key", "-m", "f.toml"))

    def alter(self, name, change):
        path = self.directory / name
        before = path.read_bytes()
        path.write_bytes(change(before))
        self.assertNotEqual(path.read_bytes(), before, "the case alters nothing")

    def verdicts(self):
        """Whether minisign and lastgood believe f.toml."""
        by_minisign = self.minisign("-V", "-p", "k.pub", "-m", "f.toml").returncode
        shutil.rmtree(self.directory / "config", ignore_errors=True)
        self.expect(self.lastgood("keys", "add", "k.pub"))
        by_lastgood = self.lastgood("keys", "verify", "f.toml")
        self.assertIn(by_lastgood.returncode, (0, 5), by_lastgood.stderr)
        return by_minisign == 0, by_lastgood.returncode == 0

    def other_keys(self):
        (self.directory / "k.pub").unlink()
        self.expect(self.minisign("-G", "-W", "-f", "-p", "k.pub", "-s", "other.key"))

    def sign_legacy(self):
        self.expect(self.minisign("-S", "-l", "-s", "k.key", "-m", "f.toml"))

    def sign_with_own_comment(self):
        self.expect(self.minisign("-S", "-s", "k.key", "-m", "f.toml", "-t", "hello"))

    def test_both_say_the_same(self):
        signature = "f.toml.minisig"
        cases = {
            # what is done to it: (how, minisign believes it, lastgood believes it)
            "nothing": (lambda: None, True, True),
            "file altered": (lambda: self.alter("f.toml", lambda b: b.replace(b"phat", b"what")), False, False),
            "file cut off": (lambda: self.alter("f.toml", lambda b: b[:-1]), False, False),
            "CR LF in the file": (lambda: self.alter("f.toml", lambda b: b.replace(b"\n", b"\r\n")), False, False),
            "CR LF in the signature": (lambda: self.alter(signature, lambda b: b.replace(b"\n", b"\r\n")), True, True),
            "trusted comment altered": (lambda: self.alter(signature, lambda b: b.replace(b"file:f", b"file:g")), False, False),
            "untrusted comment altered": (lambda: self.alter(signature, lambda b: b.replace(b"signature from", b"greetings from")),
                                          True, True),
            "signature cut off in line 2": (lambda: self.alter(signature, lambda b: b[:100]), False, False),
            "signature cut off after line 2": (lambda: self.alter(signature, lambda b: b"\n".join(b.split(b"\n")[:2]) + b"\n"),
                                               False, False),
            "signature cut off in line 4": (lambda: self.alter(signature, lambda b: b[:-4]), False, False),
            "signature empty": (lambda: self.alter(signature, lambda b: b""), False, False),
            "another key": (self.other_keys, False, False),
            # What only lastgood asks for.
            "legacy form": (self.sign_legacy, True, False),
            "a comment that names no file": (self.sign_with_own_comment, True, False),
        }
        makers = {"lastgood": (self.keys_of_lastgood, self.sign_by_lastgood),
                  "minisign": (self.keys_of_minisign, self.sign_by_minisign)}
        for signer, (make_keys, sign) in makers.items():
            for what, (change, by_minisign, by_lastgood) in cases.items():
                with self.subTest(signer=signer, what=what):
                    for path in self.directory.iterdir():
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                    (self.directory / "f.toml").write_bytes(TEXT)
                    make_keys()
                    sign()
                    change()
                    self.assertEqual(self.verdicts(), (by_minisign, by_lastgood))

    def test_each_signs_with_the_others_key(self):
        self.keys_of_lastgood()
        self.sign_by_minisign()
        self.assertEqual(self.verdicts(), (True, True))
        self.keys_of_minisign()
        self.expect(self.lastgood("sign", "f.toml", "--force", "--key", "k.key"))
        self.assertEqual(self.verdicts(), (True, True))

    def test_each_opens_the_others_encrypted_key(self):
        (self.directory / "password").write_text("correct horse\n")
        self.expect(self.lastgood("keys", "new", "k", "--password-file", "password"))
        self.expect(self.minisign("-S", "-s", "k.key", "-m", "f.toml", text="correct horse\n"))
        self.assertEqual(self.verdicts(), (True, True))
        self.expect(self.minisign("-G", "-f", "-p", "k.pub", "-s", "k.key", text="correct horse\ncorrect horse\n"))
        self.expect(self.lastgood("sign", "f.toml", "--force", "--key", "k.key", "--password-file", "-", text="correct horse\n"))
        self.assertEqual(self.verdicts(), (True, True))

    def test_minisign_reads_what_is_said_about_the_file(self):
        self.keys_of_lastgood()
        self.expect(self.lastgood("sign", "f.toml", "--key", "k.key", "--comment", "for room 12"))
        shown = self.expect(self.minisign("-V", "-p", "k.pub", "-m", "f.toml")).stdout
        self.assertRegex(shown, r"timestamp:\d+\tfile:f\.toml\thashed\tproduct:phat\tversion:1\.22\.1\tcomment:for room 12")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if not shutil.which("minisign"):
        if os.environ.get("CI") == "true":
            sys.exit("minisign is missing in CI")
        print("left out: minisign is not installed")
        sys.exit(0)
    unittest.main(verbosity=2)
