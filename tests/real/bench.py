# SPDX-License-Identifier: MIT
"""A host with a simulated pHAT behind a pty in another process, and a web server with real firmware."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LASTGOOD_SHARED", SOURCE.parent / "shared"))
REPL = SOURCE / "tests/repl/repl.mjs"
FIRMWARE = {
    "1.8.2": "esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin",
    "1.8.6": "esp8266-20161110-v1.8.6.bin",
    "1.8.7": "esp8266-20170108-v1.8.7.bin",
    "1.9.3": "esp8266-20171101-v1.9.3.bin",
    "1.22.1": "ESP8266_GENERIC-20240105-v1.22.1.bin",
    "at": "pimoroni-at-esp8266-firmware-latest.bin",
}


def leave_out_unless_ci(what):
    """In a clone without `what` the test says so; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        sys.exit(f"{what} is missing in CI")
    print(f"[ LEFT OUT ] {what} is not at hand")
    sys.exit(0)


def require_real_input():
    if not (SHARED / "firmware").is_dir():
        leave_out_unless_ci("real firmware (../shared/firmware)")
    if shutil.which("node") is None or not (REPL.parent / "node_modules").is_dir():
        leave_out_unless_ci("the real MicroPython REPL (tests/repl/install)")


class Bench:
    """Context manager; everything lives below one temporary directory."""

    def __init__(self, program, real_repl=True):
        self.program = str(Path(program).resolve())
        self.real_repl = real_repl
        self.processes = []

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-real-"))
        self.web = self.directory / "web"
        self.web.mkdir()
        self.environment = {**os.environ, "STATE_DIRECTORY": str(self.directory / "state"), "NO_COLOR": "1"}
        self.url = self._serve()
        self._simulate()
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=20)
        shutil.rmtree(self.directory)

    def _start(self, argv):
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=self.directory,
                                   env=self.environment)
        self.processes.append(process)
        return process.stdout.readline().strip()

    def _serve(self):
        return self._start([str(SOURCE / "tests/support/serve-directory"), str(self.web)]).rstrip("/")

    def _simulate(self):
        console = ["--console", shutil.which("node"), str(REPL)] if self.real_repl else []
        ready = self._start([self.program, "simulate", "board", "board.flash?flash=4MB", "--link", "tty", "--lines",
                             "lines.sock", *console])
        assert ready.startswith("simulated"), ready
        lines = [self.program, "simulate", "lines", str(self.directory / "lines.sock")]
        (self.directory / "phat.toml").write_text(
            'schema = 1\nname = "phat"\ntitle = "a simulated pHAT"\n[board]\nchip = "esp8266"\n'
            f'serial = ["{self.directory}/tty"]\nbaud = [921600, 460800, 115200]\n[board.lines]\nkind = "command"\n'
            f'enter_download = {json.dumps([*lines, "download"])}\nrun_firmware = {json.dumps([*lines, "run"])}\n')

    def publish(self, version, change=None):
        """Puts a real image on the web server, altered by `change` if given; its digest stays the real one's."""
        name = FIRMWARE[version]
        data = (SHARED / "firmware" / name).read_bytes()
        (self.web / name).write_bytes(change(data) if change else data)
        return name, hashlib.sha256(data).hexdigest(), len(data)

    def firmware(self, table, version, size="detect", change=None, says=None):
        name, digest, length = self.publish(version, change)
        at = version == "at"
        return (f'name = "{"at" if at else "micropython"}"\nversion = "{says or ("1.1.0.0" if at else version)}"\n'
                f'chip = "esp8266"\n[[{table}.part]]\noffset = 0x0\nurls = ["{self.url}/{name}"]\n'
                f'sha256 = "{digest}"\nsize = {length}\n[{table}.flash]\nsize = "{"keep" if at else size}"\n'
                f'[{table}.health]\nkind = "{"at" if at else "micropython"}"\n' +
                ("" if at else f'version = "{says or version}"\n') + "settle_s = 2\n")

    def manifest(self, version, fallback=None, **arguments):
        text = 'schema = 1\nname = "story"\nrecipe = "./phat.toml"\n[firmware]\n' + self.firmware("firmware", version,
                                                                                                 **arguments)
        if fallback:
            text += "[[fallback]]\n" + self.firmware("fallback", fallback)
        path = self.directory / "manifest.toml"
        path.write_text(text)
        return str(path)

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, cwd=self.directory,
                              env=self.environment, stdin=subprocess.DEVNULL, timeout=280, check=False)
        print(f"$ lastgood {' '.join(arguments)}\n{done.stdout}{done.stderr}(exit code {done.returncode})")
        return done

    def status(self):
        """The one board's record."""
        lines = self.run("status", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines if json.loads(line)["event"] == "board"][0]

    def flash(self):
        return (self.directory / "board.flash").read_bytes()

    def cached(self, version):
        digest = hashlib.sha256((SHARED / "firmware" / FIRMWARE[version]).read_bytes()).hexdigest()
        path = self.directory / "state/images" / digest
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest

    def kill_when(self, arguments, wanted):
        """Runs lastgood with --json and kills it (SIGKILL) at the first event that `wanted` accepts."""
        process = subprocess.Popen([self.program, "--json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, text=True, cwd=self.directory, env=self.environment)
        killed = False
        for line in process.stdout:
            if wanted(json.loads(line)):
                process.send_signal(signal.SIGKILL)
                killed = True
                break
        process.stdout.close()
        process.wait(timeout=60)
        return killed
