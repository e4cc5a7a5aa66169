#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every recipe that ships: checked, planned, and a real image provisioned with it on a simulated board.

Boards over USB are reached through RFC 2217, whose DTR and RTS drive the simulated board's two transistors as the recipe says.
Where a recipe has GPIO lines the board's own stand in for them here; the real ones are in tests/vm.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from bench import SHARED, SOURCE, leave_out_unless_ci

# Which shipped manifest goes with a recipe.
MANIFESTS = {
    "espiot-phat": "espiot-phat-micropython",
    "esp8266-header": "nodemcu-micropython",
    "nodemcu": "nodemcu-micropython",
    "esp32-devkit": "esp32-devkit-micropython",
    "esp32-header": "esp32-devkit-micropython",
}
# Some files are kept under another name than the one they are published under.
LOCAL_NAMES = {"at-esp8266-firmware-latest.bin": "pimoroni-at-esp8266-firmware-latest.bin",
               "ESP32_GENERIC-20240222-v1.22.2.bin": "ESP32_GENERIC-v1.22.2.bin"}


class Recipes(unittest.TestCase):
    program: str

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-recipes-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.environment = {**os.environ, "STATE_DIRECTORY": str(self.directory / "state"), "NO_COLOR": "1",
                            "LASTGOOD_DATA": str(SOURCE)}

    def run_lastgood(self, *arguments):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, cwd=self.directory,
                              env=self.environment, stdin=subprocess.DEVNULL, timeout=280, check=False)
        print(f"$ lastgood {' '.join(arguments)}\n{done.stdout}{done.stderr}(exit code {done.returncode})", flush=True)
        return done

    def manifest(self, name):
        """The shipped manifest with its URLs led to the real files."""
        text = (SOURCE / "manifests" / f"{name}.toml").read_text()

        def local(url):
            file = LOCAL_NAMES.get(url.group(1), url.group(1))
            return f'"file://{SHARED}/firmware/{file}"'

        path = self.directory / f"{name}.toml"
        path.write_text(re.sub(r'"https?://[^"]*/([^"/]+)"', local, text))
        return str(path)

    def serve_over_rfc2217(self, chip):
        board = subprocess.Popen([self.program, "simulate", "board", f"board.flash?chip={chip}", "--rfc2217", "0"],
                                 stdout=subprocess.PIPE, text=True, cwd=self.directory, env=self.environment)
        self.addCleanup(lambda: (board.terminate(), board.wait(timeout=20), board.stdout.close()))
        return re.search(r"serial device (\S+)", board.stdout.readline()).group(1).rstrip(",")

    def without_steps(self, recipe):
        """Its copy, beside those of the others: the host that runs this test is nobody's to set up (tests/roots has some)."""
        directory = self.directory / "recipes"
        directory.mkdir()
        for path in (SOURCE / "recipes").glob("*.toml"):
            # They stand at the end, each behind its comment.
            (directory / path.name).write_text(path.read_text().split("\n[[step]]")[0] + "\n")
        return directory / f"{recipe}.toml"

    def provision(self, recipe):
        copy = self.without_steps(recipe)
        text = copy.read_text()
        if base := re.search(r'^extends = "(.*)"', text, flags=re.M):
            text = copy.with_name(f"{base.group(1)}.toml").read_text() + text
        chip = re.findall(r'^chip = "(.*)"', text, flags=re.M)[-1]
        if re.search(r'^kind = "modem"', text, flags=re.M):
            device = ["--serial", self.serve_over_rfc2217(chip)]
        else:
            device = ["--serial", f"sim:board.flash?chip={chip}", "--virtual-time"]
        manifest = MANIFESTS[recipe]
        self.assertEqual(self.run_lastgood("check", str(SOURCE / "recipes" / f"{recipe}.toml")).returncode, 0)
        self.assertEqual(self.run_lastgood("plan", manifest, "--recipe", recipe).returncode, 0)
        # The flash is empty: where nothing is pinned there is nothing to go back to.
        options = [] if "[[fallback]]" in (SOURCE / "manifests" / f"{manifest}.toml").read_text() else ["--no-fallback"]
        done = self.run_lastgood("provision", self.manifest(manifest), "--recipe", str(copy), *device, *options)
        self.assertEqual(done.returncode, 0)
        self.assertIn("and is known good", done.stdout)
        again = self.run_lastgood("provision", self.manifest(manifest), "--recipe", str(copy), *device, *options)
        self.assertEqual(again.returncode, 0)
        self.assertIn("nothing to do", again.stdout)

    def test_interrupted_look_leaves_the_board_running(self):
        """Wherever Ctrl-C meets `board`, the firmware answers afterwards without another reset."""
        device = self.serve_over_rfc2217("esp8266")
        done = self.run_lastgood("provision", self.manifest("nodemcu-micropython"), "--serial", device)
        self.assertEqual(done.returncode, 0)
        cuts = 0
        for wait in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
            look = subprocess.Popen([self.program, "board", "nodemcu", "--serial", device], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, cwd=self.directory, env=self.environment)
            try:
                look.wait(timeout=wait)
            except subprocess.TimeoutExpired:
                look.send_signal(signal.SIGINT)
            cuts += look.wait(timeout=60) == 130
            again = json.loads(self.run_lastgood("--json", "board", "nodemcu", "--serial", device).stdout.splitlines()[0])
            self.assertEqual(again["running_before"], "MicroPython 1.22.1", wait)
        self.assertGreater(cuts, 0)

    def test_each_that_ships_is_tested(self):
        self.assertEqual({path.stem for path in (SOURCE / "recipes").glob("*.toml")}, set(MANIFESTS))


for shipped in MANIFESTS:
    def test(self, recipe=shipped):
        self.provision(recipe)
    setattr(Recipes, f"test_{shipped.replace('-', '_')}", test)


if __name__ == "__main__":
    if not (SHARED / "firmware").is_dir():
        leave_out_unless_ci("real firmware (../shared/firmware)")
    Recipes.program = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
