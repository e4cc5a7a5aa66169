#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the virtual machine: the incident over real pins and a real UART, with real images and the recipe that ships."""
import sys
import unittest

from pi import BOOT, RESET, Pi


class Provision(unittest.TestCase):
    pi: Pi

    def setUp(self):
        self.pi.edges()

    def flash_holds(self, version):
        name, _, _ = self.pi.publish(version)
        image = (self.pi.web / name).read_bytes()
        return self.pi.flash()[4:len(image)] == image[4:]

    def test_1_good_run(self):
        done = self.pi.run("provision", self.pi.manifest("1.8.2", fallback="1.8.7"))
        print(self.pi.edges(), self.pi.board_status())
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    with Pi(sys.argv.pop(1)) as Provision.pi:
        unittest.main(failfast=True, exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
