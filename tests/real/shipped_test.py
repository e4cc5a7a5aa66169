#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The manifests that ship, provisioned as they stand but for their URLs, which lead to the local server, and `esp.check_fw()`."""
import re
import sys
import unittest

from bench import FIRMWARE, SOURCE, Bench, require_real_input


class Shipped(unittest.TestCase):
    bench: Bench

    def provision(self, name):
        for version in ("1.22.1", "1.9.3", "at"):
            self.bench.publish(version)
        text = (SOURCE / "manifests" / f"{name}.toml").read_text()
        mapped = re.sub(r'"https?://[^"]*/([^"/]+)"', lambda url: f'"{self.bench.url}/{self.local_name(url.group(1))}"', text)
        # The engine behind the UART is a real MicroPython, but no port to an ESP8266: it has no module `esp`. That check is
        # run against the built-in console (scenario.Provisioning.FirmwareChecksItselfOnTheBoard).
        mapped = re.sub(r"^run = .*check_fw.*\n", "", mapped, flags=re.M)
        path = self.bench.directory / f"{name}.toml"
        path.write_text(mapped)
        return self.bench.run("provision", str(path), "--recipe", "./phat.toml")

    def local_name(self, name):
        """Some files are kept under a longer name than the one they are published under."""
        return next(local for local in FIRMWARE.values() if local.endswith(name))

    def test_1_micropython(self):
        done = self.provision("espiot-phat-micropython")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.bench.status()["running"], "MicroPython 1.22.1")

    def test_2_at_firmware(self):
        done = self.provision("espiot-phat-at")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(self.bench.status()["running"].startswith("AT firmware"))


if __name__ == "__main__":
    require_real_input()
    with Bench(sys.argv.pop(1)) as Shipped.bench:
        unittest.main(failfast=True, exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
