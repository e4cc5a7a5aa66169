# SPDX-License-Identifier: MIT
"""Other people's tools (tests/peers/install) and simulated boards for them to talk to."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lastgood-tests"
PEERS = Path(os.environ.get("LASTGOOD_PEERS", CACHE))
# Stub loaders for lastgood by generation: esptool's own, and those of scripts/fetch-stubs.
STUBS = {1: PEERS / "root/usr/lib/python3/dist-packages/esptool/targets/stub_flasher", 2: PEERS / "stubs"}


def require_peers():
    """In a clone without the tools the test says so; in CI that is a failure."""
    missing = [tool for tool in ("esptool", "mpremote") if not os.access(PEERS / "bin" / tool, os.X_OK)]
    if not missing:
        probe = subprocess.run([PEERS / "bin/esptool", "version"], capture_output=True, text=True, check=False)
        if probe.returncode == 0:
            return
        missing = ["a Python package that esptool needs: " + (probe.stderr.strip().splitlines() or ["?"])[-1]]
    what = f"{' and '.join(missing)} (scripts/install-dependencies test, tests/peers/install)"
    if os.environ.get("CI") == "true":
        sys.exit(f"missing in CI: {what}")
    print(f"[ LEFT OUT ] not at hand: {what}")
    sys.exit(0)


class Board:
    """Context manager: a simulated board behind RFC 2217; everything lives below one temporary directory.

    `circuit`: "none" where a peer sets DTR and RTS one after the other, as pySerial does over RFC 2217: it takes so long in
    between that on a board with two transistors reset is released before the boot pin is low. That is no fault of the
    simulator: on a real board esptool needs its own RFC 2217 server, which plays the sequence beside the board.
    """

    def __init__(self, program, options="flash=4MB", circuit="none"):
        self.program = str(Path(program).resolve())
        self.options = options
        self.circuit = circuit
        self.process = None

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-peers-"))
        self.flash_file = self.directory / "board.flash"
        self.environment = {**os.environ, "STATE_DIRECTORY": str(self.directory / "state"), "NO_COLOR": "1",
                            "LASTGOOD_STUBS": os.environ.get("LASTGOOD_STUBS", str(STUBS[2]))}
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory)

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "simulate", "board", f"{self.flash_file}?{self.options}", "--rfc2217", "0", "--modem-circuit",
             self.circuit], stdout=subprocess.PIPE, text=True, cwd=self.directory, env=self.environment)
        ready = self.process.stdout.readline()
        found = re.search(r"serial device (\S+)", ready)
        if not found:
            raise RuntimeError(f"the simulated board did not start: {ready!r}")
        self.serial_device = found.group(1).rstrip(",")

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=20) != 0:
            raise RuntimeError(f"the simulated board ended with status {self.process.returncode}")
        self.process.stdout.close()

    def restart(self, options):
        """The same flash in another simulated board."""
        self.stop()
        self.options = options
        self.start()

    def flash(self):
        return self.flash_file.read_bytes()

    def file(self, name, data):
        path = self.directory / name
        path.write_bytes(data)
        return str(path)

    def _run(self, argv, timeout=200):
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.directory, env=self.environment,
                              stdin=subprocess.DEVNULL, timeout=timeout, check=False)
        # Progress is rewritten in place; the last word on it is enough.
        words = [line.rsplit("\r", 1)[-1] for line in (done.stdout + done.stderr).splitlines()]
        shown = [line for line in words if "%)" not in line or "100 %" in line]
        print(f"$ {Path(argv[0]).name} {' '.join(argv[1:])}", *shown, f"(exit code {done.returncode})", sep="\n  ", flush=True)
        return done

    def lastgood(self, *arguments):
        return self._run([self.program, *arguments])

    def esptool(self, chip, *arguments):
        return self._run([str(PEERS / "bin/esptool"), "--chip", chip, "--port", self.serial_device, *arguments])

    def mpremote(self, *arguments, timeout=200):
        return self._run([str(PEERS / "bin/mpremote"), "connect", self.serial_device, *arguments], timeout)

    def make_image(self, name, version, *arguments):
        done = self.lastgood("-q", "simulate", "image", "micropython", name, "--image-version", version, *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"no image: {done.stderr}")
        return (self.directory / name).read_bytes()

    def manifest(self, image, version, chip="esp8266", offset=0, size="detect"):
        """A manifest for the image file, and a recipe for this board."""
        data = (self.directory / image).read_bytes()
        (self.directory / "bench.toml").write_text(
            f'schema = 1\nname = "bench"\n[board]\nchip = "{chip}"\nserial = ["{self.serial_device}"]\n'
            'baud = [460800, 115200]\n[board.lines]\nkind = "modem"\n')
        path = self.directory / "manifest.toml"
        path.write_text(
            f'schema = 1\nname = "peer"\nrecipe = "./bench.toml"\n[firmware]\nname = "micropython"\nversion = "{version}"\n'
            f'chip = "{chip}"\n[[firmware.part]]\noffset = {offset}\nurls = ["file://{self.directory / image}"]\n'
            f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nsize = {len(data)}\n[firmware.flash]\nsize = "{size}"\n'
            f'[firmware.health]\nkind = "micropython"\nversion = "{version}"\nsettle_s = 0\n')
        return str(path)
