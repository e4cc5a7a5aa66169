# SPDX-License-Identifier: MIT
"""What the tests of this directory share: a manifest with host steps, and one test case for both releases of Debian."""
import functools
import hashlib
import os
import shutil
import sys
import unittest
from pathlib import Path

import host_root
from archive import make_archive
from host_root import HERE, INSIDE, RELEASES, HostRoot, Program, difference, must

VERSION = "1.22.1"
SHARED_INSIDE = f"{INSIDE}/shared"

GROUP = '[[step]]\nkind = "group"\ngroup = "dialout"\nuser = "pi"\n'
INVOKER = '[[step]]\nkind = "group"\ngroup = "gpio"\nuser = "@invoker"\noptional = true\n'
MODULE = '[[step]]\nkind = "module"\nmodule = "i2c-dev"\noptions = "bufsiz=8192"\n'
MODULE_FILE = "/etc/modules-load.d/lastgood-i2c-dev.conf"


def apt(*packages, more=""):
    return f'[[step]]\nkind = "apt"\npackages = [{", ".join(f"{package!r}" for package in packages)}]\n{more}\n'


def service(unit, state):
    return f'[[step]]\nkind = "service"\nunit = "{unit}"\nstate = "{state}"\n'


MASK = service("serial-getty@ttyAMA0.service", "masked")
DISABLE = service("getty@tty1.service", "disabled") + service("apt-daily.timer", "disabled")
ENABLE = service("systemd-networkd.service", "enabled")
# Everything that needs no package.
STEPS = GROUP + INVOKER + MODULE + MASK + DISABLE + ENABLE


class Stage:
    """What all roots of a test program see: the program, a firmware, an archive of packages for each release."""

    def __init__(self, program):
        self.directory = Path("/mnt")  # of this mount namespace: nothing is left behind, whatever ends it
        must(["mount", "-t", "tmpfs", "-o", "mode=755,size=256m", "shared", str(self.directory)])
        self.files = self.directory / "files"
        self.files.mkdir()
        self.program = Program(program, self.directory / "bin")
        self.firmware = self.files / "firmware.bin"
        must([program, "--quiet", "simulate", "image", "micropython", str(self.firmware), "--image-version", VERSION, "--size",
              "98304"])
        self.manifests = 0

    def with_archives(self):
        for release in RELEASES:
            make_archive(self.files / release, (host_root.CACHE / release / "packages").glob("*.deb"))
        return self

    def manifest(self, steps, name="roots", shared=SHARED_INSIDE):
        """Its path as it is seen inside a root."""
        self.manifests += 1
        directory = self.files / str(self.manifests)
        directory.mkdir()
        (directory / "recipe.toml").write_text(f'schema = 1\nname = "{name}"\ntitle = "A host"\n[board]\nchip = "esp8266"\n'
                                               'serial = ["/dev/serial0"]\n[board.lines]\nkind = "none"\n' + steps)
        (directory / "manifest.toml").write_text(
            f'schema = 1\nname = "{name}"\nrecipe = "./recipe.toml"\n[firmware]\nname = "micropython"\nversion = "{VERSION}"\n'
            f'chip = "esp8266"\n[[firmware.part]]\noffset = 0x0\nurls = ["file://{shared}/firmware.bin"]\n'
            f'sha256 = "{hashlib.sha256(self.firmware.read_bytes()).hexdigest()}"\nsize = {self.firmware.stat().st_size}\n')
        return f"{shared}/{self.manifests}/manifest.toml"

    def at(self, manifest):
        """Its path outside."""
        return self.files / Path(manifest).parent.name / "manifest.toml"

    def phat(self, shared=SHARED_INSIDE):
        """A manifest for the pHAT, with the recipe as it is shipped."""
        manifest = self.manifest("", shared=shared)
        for recipe in (HERE.parents[1] / "recipes").glob("*.toml"):
            shutil.copy(recipe, self.at(manifest).parent)
        self.at(manifest).write_text(self.at(manifest).read_text().replace("./recipe.toml", "./espiot-phat.toml"))
        return manifest

    def root(self, release, **options):
        root = HostRoot(release, self.program, self.directory, **options)
        if (self.files / release).is_dir():
            for sources in root.at("/etc/apt").glob("sources.list*"):
                for file in sources.glob("*") if sources.is_dir() else [sources]:
                    file.unlink()
            root.write("/etc/apt/sources.list", f"deb [trusted=yes] file:{SHARED_INSIDE}/{release} ./\n")
        return root


def on_each_release(**options):
    """The test gets a root of each release in turn; `options` are HostRoot's."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for release in RELEASES:
                with self.subTest(release), self.stage.root(release, **options) as root:
                    test(self, root)
        return run
    return decorate


class RootsTest(unittest.TestCase):
    stage = None

    def provision(self, root, manifest, *more, code=0, **arguments):
        return self.expect(root.lastgood("provision", "--host-only", "--user", "pi", *more, manifest, **arguments), code)

    def expect(self, done, code=0):
        self.assertEqual(done.returncode, code, f"{' '.join(map(str, done.args[-6:]))}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def assert_same(self, before, after, why):
        self.assertEqual(difference(before, after), {}, why)


def main():
    host_root.enter_namespaces()
    os.umask(0o022)
    program = sys.argv.pop(1)
    RootsTest.stage = Stage(program).with_archives()
    unittest.main(verbosity=2)
