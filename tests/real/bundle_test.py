#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Real firmware from a web server into a bundle, and out of it onto a board where there is no network; bundles and archives that
are bombs."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from bench import FIRMWARE, SHARED, SOURCE, leave_out_unless_ci

# What a reader may take: the program itself and its libraries, the decompressor's 8 MiB, one artifact.
PEAK_KILOBYTES_MAX = 64 * 1024
# An archive is unpacked in memory, up to 64 MiB, into room that doubles as it fills up.
ARCHIVE_PEAK_KILOBYTES_MAX = 256 * 1024


class Bundles(unittest.TestCase):
    program: str

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-bundle-"))
        self.addCleanup(shutil.rmtree, self.directory)

    def run_program(self, *arguments, prefix=()):
        """Output, exit status and peak memory (of lastgood alone) in KB."""
        with open(self.directory / "output", "w+", encoding="utf-8") as output:
            process = subprocess.Popen([*prefix, self.program, "--state", "state", *arguments], cwd=self.directory,
                                       stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            return output.read(), process.returncode, usage.ru_maxrss

    def firmware(self, table, version, url):
        data = (SHARED / "firmware" / FIRMWARE[version]).read_bytes()
        return (f'name = "micropython"\nversion = "{version}"\nchip = "esp8266"\n[[{table}.part]]\noffset = 0\n'
                f'urls = ["{url}/{FIRMWARE[version]}"]\nsha256 = "{hashlib.sha256(data).hexdigest()}"\nsize = {len(data)}\n'
                f'[{table}.health]\nkind = "micropython"\nversion = "{version}"\nsettle_s = 1\n')

    def test_real_firmware_travels_in_a_bundle(self):
        server = subprocess.Popen([str(SOURCE / "tests/support/serve-directory"), str(SHARED / "firmware")],
                                  stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip().rstrip("/")
            (self.directory / "real.toml").write_text(
                'schema = 1\nname = "real"\nrecipe = "./phat.toml"\n[firmware]\n' + self.firmware("firmware", "1.22.1", url) +
                "[[fallback]]\n" + self.firmware("fallback", "1.9.3", url))
            self.write_recipe()
            output, status, _ = self.run_program("bundle", "real.toml", "-o", "a.lastgood.tar.zst")
            self.assertEqual(status, 0, output)
            self.assertEqual(self.run_program("bundle", "real.toml", "-o", "b.lastgood.tar.zst")[1], 0)
        finally:
            server.terminate()
            server.wait(timeout=20)
            server.stdin.close()
            server.stdout.close()
        bundle = self.directory / "a.lastgood.tar.zst"
        self.assertEqual(bundle.read_bytes(), (self.directory / "b.lastgood.tar.zst").read_bytes())
        listed = subprocess.run(["tar", "--zstd", "-tf", str(bundle)], capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(listed[:3], ["SHA256SUMS", "manifests/real.toml", "recipes/phat.toml"])

        shutil.rmtree(self.directory / "state")
        for name in ("real.toml", "phat.toml", "b.lastgood.tar.zst"):
            (self.directory / name).unlink()
        # The server is gone. Where this user may make namespaces, so is every network.
        alone = ["unshare", "--map-root-user", "--net", "--"]
        if subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            print("[ LEFT OUT ] a namespace without network: not allowed here")
            alone = []
        output, status, _ = self.run_program("provision", "--virtual-time", "a.lastgood.tar.zst", prefix=alone)
        self.assertEqual(status, 0, output)
        self.assertIn("not needed, the firmware is in the store", output)
        self.assertIn("runs MicroPython 1.22.1 and is known good", output)
        image = (SHARED / "firmware" / FIRMWARE["1.22.1"]).read_bytes()
        self.assertEqual((self.directory / "board.flash").read_bytes()[4:len(image)], image[4:])

    def test_bombs_take_neither_memory_nor_disk(self):
        lines = (b"0" * 64 + b"  images/" + b"0" * 64 + b"\n") * 7000
        bombs = {
            "zeros": ("head -c 600000000 /dev/zero", "it ends before 'SHA256SUMS'"),
            "an endless line": ("cat head; yes | tr -d '\\n'", "line 1 of its SHA256SUMS makes no sense"),
            "a long table": ("cat head lines; head -c 600000000 /dev/zero", "it has no manifest where a bundle has one"),
        }
        (self.directory / "head").write_bytes(self.tar_head("SHA256SUMS", len(lines)))
        (self.directory / "lines").write_bytes(lines)
        for name, (content, message) in bombs.items():
            with self.subTest(name):
                bomb = self.directory / "bomb.lastgood.tar.zst"
                subprocess.run(f"({content}) 2>/dev/null | head -c 600000000 | zstd -q -1 >{bomb}", shell=True, check=True,
                               cwd=self.directory)
                output, status, peak = self.run_program("provision", bomb.name)
                self.assertEqual(status, 5, output)
                self.assertIn(message, output)
                self.assertLess(peak, PEAK_KILOBYTES_MAX)
                self.assertFalse((self.directory / "state").exists())

    def test_archives_that_are_bombs_take_little_memory_and_no_disk(self):
        self.write_recipe()
        bombs = {
            "bomb.gz": "unpacks to more than 67108864 bytes",
            "bomb.tar.xz": "unpacks to more than 67108864 bytes",
            "bomb.tar.zst": "unpacks to more than 67108864 bytes",
            "bomb.zip": "has more than 16777216 bytes",
            "sparse-map.tar.zst": "holds sparse files",
        }
        for name, message in bombs.items():
            with self.subTest(name):
                path = SOURCE / "tests/vectors/archives" / name
                data = path.read_bytes()
                (self.directory / "bomb.toml").write_text(
                    'schema = 1\nname = "bomb"\nrecipe = "./phat.toml"\n[firmware]\nname = "bomb"\nversion = "1"\n'
                    f'chip = "esp8266"\n[[firmware.part]]\noffset = 0\nurls = ["file://{path}"]\n'
                    f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nsize = {len(data)}\n'
                    f'member = "{"*" if name == "bomb.gz" else "a.bin"}"\n[firmware.health]\nkind = "none"\n')
                output, status, peak = self.run_program("provision", "--virtual-time", "bomb.toml")
                self.assertEqual(status, 5, output)
                self.assertIn(message, output)
                self.assertLess(peak, ARCHIVE_PEAK_KILOBYTES_MAX)
                self.assertEqual(sum(file.stat().st_size for file in (self.directory / "state/images").iterdir()), len(data))
                self.assertFalse((self.directory / "board.flash").exists())
                shutil.rmtree(self.directory / "state")

    def write_recipe(self):
        (self.directory / "phat.toml").write_text(
            'schema = 1\nname = "phat"\ntitle = "a simulated pHAT"\n[board]\nchip = "esp8266"\n'
            'serial = ["sim:board.flash?flash=4MB"]\n[board.lines]\nkind = "none"\n')

    @staticmethod
    def tar_head(name, size):
        head = bytearray(512)
        head[0:len(name)] = name.encode()
        head[100:136] = b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size
        head[136:148] = b"00000000000\0"
        head[148:156] = b" " * 8
        head[156:157] = b"0"
        head[257:265] = b"ustar\00000"
        head[148:156] = b"%06o\0 " % sum(head)
        return bytes(head)


if __name__ == "__main__":
    if not (SHARED / "firmware").is_dir():
        leave_out_unless_ci("real firmware (../shared/firmware)")
    Bundles.program = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
