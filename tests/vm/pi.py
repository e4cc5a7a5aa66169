# SPDX-License-Identifier: MIT
"""Inside the virtual machine: a Raspberry Pi as far as its pins and its UART go, with a simulated pHAT in another process.
lastgood drives the pins through libgpiod and the kernel; the board watches them through gpio-sim. Every line that anyone
drives is traced by the kernel, so that a test can say what the board saw."""
import argparse
import collections
import json
import os
import re
import select
import socket
import stat
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real"))
import bench  # noqa: E402
from bench import SOURCE, Bench  # noqa: E402

RESET, BOOT = 17, 27
CHIP = Path(os.environ["GPIO_VM_SIM"])
SERIAL = "/dev/ttyS1"
STUBS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lastgood-tests/stubs"
TRACING = Path("/sys/kernel/tracing/instances/test")

Edge = collections.namedtuple("Edge", "who seconds line level")  # `line`: RESET or BOOT


class Pi(Bench):
    """`inside`: another root directory in which the program is run."""

    def __init__(self, program, board_program=None, inside=None):
        super().__init__(program, real_repl=False)
        self.board_program = str(Path(board_program or program).resolve())
        self.inside = ["chroot", enter(Path(inside))] if inside else []

    def __enter__(self):
        self._trace()
        return super().__enter__()

    def _serve(self):
        return f"file://{self.web}"

    def _simulate(self):
        # lastgood looks for other users of its device by name, and the board's process asks for the device's rate all the time.
        peer = self.directory / "wire"
        if not peer.exists():
            os.mknod(peer, 0o600 | stat.S_IFCHR, os.stat(SERIAL).st_rdev)
        self.board = subprocess.Popen(
            [self.board_program, "simulate", "board", "board.flash?flash=4MB", "--uart", "/dev/ttyS2", "--peer-uart", peer,
             "--gpio-sim", f"{CHIP},reset={RESET},boot={BOOT}", "--lines", "lines.sock"],
            stdout=subprocess.PIPE, text=True, cwd=self.directory)
        self.processes.append(self.board)
        ready = self.board.stdout.readline()
        assert ready.startswith("simulated"), ready

    def manifest(self, version, fallback=None, **arguments):
        path = Path(super().manifest(version, fallback, **arguments))
        path.write_text(path.read_text().replace('"./phat.toml"', f'"{SOURCE}/recipes/espiot-phat.toml"'))
        return str(path)

    def recipe(self, change):
        """The one that ships, changed."""
        path = self.directory / "recipe.toml"
        path.write_text(change((SOURCE / "recipes/espiot-phat.toml").read_text()))
        return str(path)

    def argv(self, *arguments):
        wire = ["--serial", SERIAL, "--stubs", str(STUBS)] if arguments[0] in ("provision", "plan") else []
        return [*self.inside, self.program, *arguments[:1], *wire, *arguments[1:]]

    def run(self, *arguments, **options):
        argv = self.argv(*arguments)
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.directory, env=self.environment,
                              stdin=subprocess.DEVNULL, timeout=280, check=False, **options)
        print(f"$ {' '.join(argv)}\n{done.stdout}{done.stderr}(exit code {done.returncode})", flush=True)
        return done

    def signal_when(self, number, arguments, wanted):
        """Runs lastgood with --json and sends it a signal at the first event that `wanted` accepts; returns its exit code."""
        process = subprocess.Popen(self.argv(*arguments, "--json"), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                   cwd=self.directory, env=self.environment)
        sent = False
        for line in process.stdout:
            if not sent and wanted(json.loads(line)):
                process.send_signal(number)
                sent = True
        process.stdout.close()
        assert sent, "no such event"
        return process.wait(timeout=120)

    # What the board says and sees.

    def ask_board(self, request):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.directory / "lines.sock"))
            client.sendall(request.encode() + b"\n")
            return client.makefile().readline().strip()

    def board_status(self):
        """Its counters: boots, resets_by_line, sectors_erased, running_application, ..."""
        return {key: int(value) for key, value in (word.split("=") for word in self.ask_board("status").split())}

    @staticmethod
    def level(line):
        return int((CHIP / f"sim_gpio{line}/value").read_text())

    @staticmethod
    def users():
        """Who uses which line, as gpioinfo says: {17: ("lastgood", "output")}."""
        text = subprocess.run(["gpioinfo", "gpiochip0"], capture_output=True, text=True, check=True).stdout
        used = re.findall(r'line\s+(\d+):\s+\S+\s+"([^"]*)"\s+(\w+)', text)
        return {int(line): (who, direction) for line, who, direction in used}

    @staticmethod
    def direction(line):
        text = subprocess.run(["gpioinfo", "gpiochip0"], capture_output=True, text=True, check=True).stdout
        return re.search(rf"line\s+{line}:.*\b(input|output)\b", text).group(1)

    # The kernel's trace of the two lines.

    def _trace(self):
        base = int(next((CHIP.parent / "gpio").glob("gpiochip*/base")).read_text())
        self.numbers = {base + RESET: RESET, base + BOOT: BOOT}
        TRACING.mkdir(exist_ok=True)
        (TRACING / "events/gpio/gpio_value/filter").write_text(" || ".join(f"gpio=={number}" for number in self.numbers))
        (TRACING / "events/gpio/gpio_value/enable").write_text("1")
        self.edges()

    def edges(self):
        """What was driven since the last call, in order."""
        lines = (TRACING / "trace").read_text().splitlines()
        (TRACING / "trace").write_text("")
        found = (re.match(r"\s*(.+)-\d+\s.*?(\d+\.\d+): gpio_value: (\d+) set ([01])", line) for line in lines)
        return [Edge(m[1].strip(), float(m[2]), self.numbers[int(m[3])], int(m[4])) for m in found if m]


def enter(root):
    """Makes what a program needs visible below another root directory; only this machine sees that."""
    for directory in ("/dev", "/proc", "/sys", "/tmp", str(SOURCE), str(STUBS)):
        below = root / directory[1:]
        below.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--rbind", directory, str(below)], check=True)
    return str(root)


def main(case, prepare=lambda pi: None):
    """PROGRAM [--board PROGRAM] [--inside ROOT] [TEST...]: runs the tests of `case` on one Pi."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--board", help="the program that is the board, when the one under test is not to be")
    parser.add_argument("--inside", help="root directory to run PROGRAM in")
    parser.add_argument("tests", nargs="*")
    given = parser.parse_args()
    with Pi(given.program, given.board, given.inside) as case.pi:
        prepare(case.pi)
        done = unittest.main(argv=[sys.argv[0], *given.tests], failfast=True, exit=False, verbosity=2)
    sys.exit(0 if done.result.wasSuccessful() else 1)


def wait_for(what, condition, seconds=60):
    """Polls `condition`; a test fails after `seconds`."""
    waiting = select.poll()  # of nothing: a pause
    for _ in range(seconds * 50):
        if condition():
            return
        waiting.poll(20)
    raise AssertionError(f"{what} did not happen in {seconds} s")


__all__ = ["BOOT", "Edge", "Pi", "RESET", "SERIAL", "bench", "main", "wait_for"]
