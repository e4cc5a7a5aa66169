#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lastgood is killed wherever it has just asked for something to be on disk: the next start finishes what was begun, or takes it
back, and nothing of it is left in the end."""
import shutil
import sys

from host_root import RELEASES, difference, run as run_outside
from stage import STEPS, RootsTest, main

SYNCS = "fsync,fdatasync"
KILLED = -9


# Backups of the user database belong to the program that makes them.
BACKUPS = ("/etc/group-", "/etc/gshadow-")


def settings(root):
    return {path: state for path, state in root.tree("/etc").items() if path not in BACKUPS}


class Kill(RootsTest):
    def killed_at(self, root, count, *arguments):
        """Runs lastgood until it syncs for the `count`-th time. Returns whether it came to that."""
        strace = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={SYNCS}", "-e", f"inject={SYNCS}:signal=SIGKILL:when={count}",
                  "--", "chroot", str(root.root)]
        done = run_outside([*strace, *self.stage.program.inside(), *arguments])
        if done.returncode in (KILLED, 128 - KILLED):
            return True
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return False

    def test_at_every_sync_of_a_run_and_of_its_undo(self):
        manifest = self.stage.manifest(STEPS)
        run = ("provision", "--host-only", "--user", "pi", manifest)
        for release in RELEASES:
            with self.subTest(release), self.stage.root(release) as root:
                before = settings(root)
                self.expect(root.lastgood(*run))
                applied = settings(root)
                self.expect(root.lastgood("undo"))
                count = self.each_sync(root, run, before, applied)
                self.each_sync(root, ("undo",), before, applied, prepare=run)
                self.assertGreater(count, 20)

    def each_sync(self, root, arguments, before, applied, prepare=None):
        """Half of the points on each release: together they are all."""
        points = 0
        first = 1 + RELEASES.index(root.release)
        for count in range(first, 1000, 2):
            shutil.rmtree(root.at("/var/lib/lastgood"))
            if prepare:
                self.expect(root.lastgood(*prepare))
            if not self.killed_at(root, count, *arguments):
                self.expect(root.lastgood("undo"))
                break
            points += 1
            with self.subTest(f"killed at sync {count} of {arguments[0]}"):
                self.recover(root, arguments, before, applied, count)
        return points

    def recover(self, root, arguments, before, applied, count):
        # Undo takes up what a cut run has made as well, and what a cut undo has left.
        if arguments[0] == "undo" or count % 4 < 2:
            self.expect(root.lastgood("undo"))
        else:
            self.expect(root.lastgood("resume", "--user", "pi"))
            self.assertIn(difference(applied, settings(root)) and difference(before, settings(root)), ({},),
                          "it is finished, or was not begun")
            self.expect(root.lastgood("undo"))
        self.assert_same(before, settings(root), "nothing is left")


if not shutil.which("strace"):
    sys.exit("strace is missing: scripts/install-dependencies test")
main()
