#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real program is killed (SIGKILL) at each state of a run; `lastgood resume` ends with a healthy board and a true
record. The board's console is the built-in one, its images are made by the simulator: this runs in every clone."""
import subprocess
import sys
import unittest

import bench
from bench import Bench

STATES = ["planned", "fetched", "identified", "fallback-secured", "flashing-new", "health", "flashing-fallback"]


class Kill(unittest.TestCase):
    program = ""

    def make(self, box, kind, version):
        name = f"{kind}-{version}.bin"
        subprocess.run([self.program, "--quiet", "simulate", "image", kind, str(box.directory / name), "--image-version",
                        version], check=True)
        bench.FIRMWARE[version] = name
        return (box.directory / name).read_bytes()

    def test_each_state(self):
        for state in STATES:
            with self.subTest(state), Bench(self.program, real_repl=False) as box:
                old_shared, bench.SHARED = bench.SHARED, box.directory
                (box.directory / "firmware").symlink_to(box.directory)
                try:
                    self.one_state(box, state)
                finally:
                    bench.SHARED = old_shared

    def one_state(self, box, state):
        old = self.make(box, "micropython", "1.9.3")
        new = self.make(box, "crashing" if state == "flashing-fallback" else "micropython", "1.22.1")
        self.assertEqual(box.run("provision", box.manifest("1.9.3", fallback="1.22.1")).returncode, 0)
        manifest = box.manifest("1.22.1")
        self.assertTrue(box.kill_when(["provision", manifest], lambda event: event.get("state") == state))
        done = box.run("resume")
        self.assertIn(done.returncode, (0, 8), "resumed to the new firmware or back to the old one")
        running = box.status()["running"]
        image = {"MicroPython 1.9.3": old, "MicroPython 1.22.1": new}[running]
        self.assertEqual(box.flash()[4:len(image)], image[4:], "the record agrees with the flash")
        self.assertEqual(box.run("resume").stdout, "Nothing to resume.\n")


if __name__ == "__main__":
    Kill.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
