#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The incident with the real images: each test goes on from the board that the one before left behind."""
import sys
import unittest

from bench import Bench, require_real_input


class Incident(unittest.TestCase):
    bench: Bench

    def flash_holds(self, version):
        image = (self.bench.web / __import__("bench").FIRMWARE[version]).read_bytes()
        return self.bench.flash()[4:len(image)] == image[4:]

    def test_1_old_firmware_is_committed(self):
        done = self.bench.run("provision", self.bench.manifest("1.8.2", fallback="at"))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.bench.status()["running"], "MicroPython 1.8.2")
        self.assertTrue(self.flash_holds("1.8.2"))

    def test_2_wrong_header_size_is_refused_with_the_reason(self):
        before = self.bench.flash()
        done = self.bench.run("provision", self.bench.manifest("1.8.7", size="1MB"))
        self.assertEqual(done.returncode, 12)
        self.assertIn("would boot-loop on this 4 MB chip", done.stderr)
        self.assertIn('size = "detect"', done.stderr)
        self.assertEqual(self.bench.flash(), before)

    def test_3_forced_it_loops_is_named_and_rolled_back(self):
        done = self.bench.run("provision", "--force", self.bench.manifest("1.8.7", size="1MB"))
        self.assertEqual(done.returncode, 8)
        self.assertIn("boot loop", done.stdout)
        self.assertIn("rf_cal[0] !=0x05", done.stdout)
        self.assertIn("the header says 1 MB of flash, the chip has 4 MB", done.stdout)
        self.assertIn("rolled back, the board runs MicroPython 1.8.2", done.stderr)
        self.assertTrue(self.flash_holds("1.8.2"))
        before = self.bench.flash()
        again = self.bench.run("provision", "--force", self.bench.manifest("1.8.7", size="1MB"))
        self.assertEqual(again.returncode, 12)
        self.assertIn("is quarantined there; the board runs MicroPython 1.8.2, which is known good", again.stderr)
        self.assertIn("--retry", again.stderr)
        self.assertEqual(self.bench.flash(), before)

    def test_4_detected_size_is_committed(self):
        done = self.bench.run("provision", self.bench.manifest("1.8.7", size="detect"))
        self.assertEqual(done.returncode, 0)
        self.assertTrue(self.flash_holds("1.8.7"))
        self.assertEqual(self.bench.flash()[3] >> 4, 4, "the header says 4 MB")
        self.assertEqual([good["firmware"] for good in self.bench.status()["known_good"]],
                         ["MicroPython 1.8.7", "MicroPython 1.8.2"])

    def test_5_at_firmware_is_committed(self):
        done = self.bench.run("provision", self.bench.manifest("at"))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.bench.status()["running"], "AT firmware 1.1.0.0")
        refused = self.bench.run("provision", self.bench.manifest("1.8.7", size="1MB"))
        self.assertEqual(refused.returncode, 12)
        self.assertIn("init data of AT firmware may lie at 0xfc000", refused.stdout)

    def test_6_wrong_downloads_are_refused_and_the_cache_stays(self):
        before = self.bench.flash()
        changes = {
            "truncated": lambda data: data[:-1000],
            "bit flipped": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
            "an HTML page": lambda data: b"<!DOCTYPE html><html><body>Please log in</body></html>",
        }
        for what, change in changes.items():
            with self.subTest(what):
                done = self.bench.run("provision", self.bench.manifest("1.9.3", change=change))
                self.assertIn(done.returncode, (4, 5))
                self.assertNotIn("board  ", done.stdout)
                self.assertFalse(self.bench.cached("1.9.3"))
                for version in ("1.8.2", "1.8.7", "at"):
                    self.assertTrue(self.bench.cached(version), f"the cached {version} is still there")
        self.assertEqual(self.bench.flash(), before)
        self.assertEqual(self.bench.status()["running"], "AT firmware 1.1.0.0")

    def test_7_going_back_by_hand(self):
        done = self.bench.run("rollback")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(self.flash_holds("1.8.7"))

    def test_8_second_run_writes_nothing(self):
        before = self.bench.flash()
        done = self.bench.run("provision", self.bench.manifest("1.8.7", size="detect"))
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing to do", done.stdout)
        self.assertEqual(self.bench.flash(), before)


if __name__ == "__main__":
    require_real_input()
    with Bench(sys.argv.pop(1)) as Incident.bench:
        unittest.main(failfast=True, exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
