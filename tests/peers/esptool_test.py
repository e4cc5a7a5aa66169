#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Debian's esptool, unchanged, on the simulated board, and lastgood on what it wrote: esptool_test.py PROGRAM CHIP [-k PART]

esptool's own stub loaders (generation 1) run where it uploads them; with --no-stub it talks to the ROM.
"""
import hashlib
import random
import sys
import tempfile
import unittest

from peers import STUBS, Board, require_peers

MAC = "18:fe:34:ab:cd:ef"
# What a chip's ROM loader can do without a stub, and where its image starts.
CHIPS = {
    "esp8266": {"rom": {"write"}, "offset": 0x0, "says": "ESP8266"},
    "esp32": {"rom": {"write", "write compressed", "verify"}, "offset": 0x1000, "says": "ESP32"},
    "esp32c3": {"rom": {"write", "write compressed", "verify"}, "offset": 0x0, "says": "ESP32-C3"},
}
FLASH_BYTES = 4 << 20


def pattern(size, seed):
    """Half of it hard to compress, half easy."""
    noise = random.Random(seed).randbytes(size // 2)
    return noise + bytes(range(256)) * ((size - len(noise)) // 256)


class Esptool(unittest.TestCase):
    board: Board
    chip: str

    def run_esptool(self, *arguments):
        done = self.board.esptool(self.chip, "--baud", "921600", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def can(self, what):
        if what not in CHIPS[self.chip]["rom"]:
            self.skipTest(f"this ROM cannot {what}")

    def assert_flash(self, offset, data):
        there = self.board.flash()[offset:offset + len(data)]
        self.assertEqual(hashlib.sha256(there).hexdigest(), hashlib.sha256(data).hexdigest())

    # The ROM loader.

    def test_rom_identifies(self):
        self.assertIn(CHIPS[self.chip]["says"], self.run_esptool("--no-stub", "chip_id"))
        self.assertIn(f"MAC: {MAC}", self.run_esptool("--no-stub", "read_mac"))
        self.assertIn("Detected flash size: 4MB", self.run_esptool("--no-stub", "flash_id"))

    def test_rom_writes_raw(self):
        data = pattern(24 << 10, 1)
        self.run_esptool("--no-stub", "write_flash", "--no-compress", "0x20000", self.board.file("raw.bin", data))
        self.assert_flash(0x20000, data)

    def test_rom_writes_compressed(self):
        self.can("write compressed")
        data = pattern(24 << 10, 2)
        self.run_esptool("--no-stub", "write_flash", "--compress", "0x30000", self.board.file("deflated.bin", data))
        self.assert_flash(0x30000, data)

    def test_rom_verifies(self):
        self.can("verify")
        data = pattern(16 << 10, 3)
        path = self.board.file("verified.bin", data)
        self.run_esptool("--no-stub", "write_flash", "0x40000", path)
        self.assertIn("verify OK", self.run_esptool("--no-stub", "verify_flash", "0x40000", path))

    # The stub loader.

    def test_stub_identifies(self):
        self.assertIn(CHIPS[self.chip]["says"], self.run_esptool("chip_id"))
        self.assertIn(f"MAC: {MAC}", self.run_esptool("read_mac"))
        self.assertIn("Detected flash size: 4MB", self.run_esptool("flash_id"))

    def test_stub_writes_compressed_and_raw(self):
        for offset, option in ((0x50000, "--compress"), (0x70000, "--no-compress")):
            data = pattern(80 << 10, offset)
            path = self.board.file("stub.bin", data)
            self.assertIn("Hash of data verified", self.run_esptool("write_flash", option, hex(offset), path))
            self.assert_flash(offset, data)
            self.assertIn("verify OK", self.run_esptool("verify_flash", hex(offset), path))

    def test_stub_tells_other_content_from_the_same(self):
        path = self.board.file("other.bin", pattern(8 << 10, 9))
        done = self.board.esptool(self.chip, "verify_flash", "0x90000", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("verify FAILED", done.stdout)

    def test_stub_reads(self):
        data = pattern(40 << 10, 5)
        self.run_esptool("write_flash", "0xa0000", self.board.file("read.bin", data))
        copy = self.board.directory / "copy.bin"
        self.run_esptool("read_flash", "0xa0000", hex(len(data)), str(copy))
        self.assertEqual(hashlib.sha256(copy.read_bytes()).hexdigest(), hashlib.sha256(data).hexdigest())

    def test_stub_erases_a_region_and_nothing_else(self):
        data = pattern(16 << 10, 6)
        self.run_esptool("write_flash", "0xb0000", self.board.file("region.bin", data))
        self.run_esptool("erase_region", "0xb1000", "0x2000")
        self.assert_flash(0xb0000, data[:0x1000] + b"\xff" * 0x2000 + data[0x3000:])

    def test_stub_erases_everything(self):
        self.run_esptool("write_flash", "0xc0000", self.board.file("all.bin", pattern(4 << 10, 7)))
        self.run_esptool("erase_flash")
        self.assertEqual(self.board.flash(), b"\xff" * FLASH_BYTES)

    # Both tools on one board. lastgood knows nothing about it: each time its record is a new one.

    def provision(self, *arguments):
        state = tempfile.mkdtemp(dir=self.board.directory)
        return self.board.lastgood("--state", state, "provision", "--no-fallback", *arguments, self.board.manifest(
            "mpy.bin", "1.22.1", self.chip, CHIPS[self.chip]["offset"]))

    def expected_image(self):
        """The image as both tools write it: its header says 4 MB, as they detect it."""
        image = self.board.make_image("mpy.bin", "1.22.1")
        return image[:3] + bytes([image[3] & 0x0f | 4 << 4]) + image[4:]

    def test_both_what_esptool_wrote_lastgood_recognises(self):
        expected = self.expected_image()
        self.run_esptool("write_flash", "--flash_size", "detect", hex(CHIPS[self.chip]["offset"]),
                         str(self.board.directory / "mpy.bin"))
        for generation, stubs in STUBS.items():
            with self.subTest(generation=generation):
                done = self.provision("--stubs", str(stubs), "--loader", "stub")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("none of 24 sectors differs", done.stdout)
                self.assert_flash(CHIPS[self.chip]["offset"], expected)

    def test_both_what_lastgood_wrote_esptool_verifies(self):
        expected = self.expected_image()
        offset = hex(CHIPS[self.chip]["offset"])
        path = self.board.file("expected.bin", expected)
        for how in (["--loader", "rom"], *(["--stubs", str(stubs), "--loader", "stub"] for stubs in STUBS.values())):
            with self.subTest(how=how):
                self.run_esptool("erase_flash")
                done = self.provision(*how)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("verify OK", self.run_esptool("verify_flash", offset, path))
                copy = self.board.directory / "copy.bin"
                self.run_esptool("read_flash", offset, hex(len(expected)), str(copy))
                self.assertEqual(hashlib.sha256(copy.read_bytes()).hexdigest(), hashlib.sha256(expected).hexdigest())

    def test_both_what_esptool_read_is_what_lastgood_keeps(self):
        self.run_esptool("write_flash", "0xd0000", self.board.file("kept.bin", pattern(20 << 10, 8)))
        self.expected_image()
        self.provision()
        for generation, stubs in STUBS.items():
            with self.subTest(generation=generation):
                kept = self.board.directory / f"kept-{generation}.img"
                state = tempfile.mkdtemp(dir=self.board.directory)
                done = self.board.lastgood("--state", state, "backup", "--stubs", str(stubs), "-o", str(kept),
                                           str(self.board.directory / "bench.toml"))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(hashlib.sha256(kept.read_bytes()).hexdigest(),
                                 hashlib.sha256(self.board.flash()).hexdigest())


if __name__ == "__main__":
    require_peers()
    Esptool.chip = sys.argv.pop(2)
    options = "flash=4MB" + ("" if Esptool.chip == "esp8266" else f"&chip={Esptool.chip}")
    with Board(sys.argv.pop(1), options) as Esptool.board:
        unittest.main(exit=False, verbosity=2).result.wasSuccessful() or sys.exit(1)
