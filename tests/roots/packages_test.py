#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Steps of kind `apt`, with the apt and dpkg of both releases and an archive in a directory."""
import fcntl
import os
import signal
import subprocess
import threading
import time

from host_root import WAIT_S
from stage import SHARED_INSIDE, RootsTest, apt, main, on_each_release

NOBODY_THERE = "deb [trusted=yes] http://127.0.0.1:9/debian ./\n"


class Lock:
    """Held as another apt holds it."""

    def __init__(self, root, path):
        self.file = open(root.at(path), "w", encoding="ascii")
        fcntl.lockf(self.file, fcntl.LOCK_EX)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


class Packages(RootsTest):
    def refused(self, root, steps, code, *texts, **arguments):
        """Returns what it said; the tree is as before."""
        before = root.tree()
        said = self.provision(root, self.stage.manifest(steps), code=code, **arguments)
        for text in texts:
            self.assertIn(text, said)
        self.assert_same(before, root.tree(), "nothing was changed")
        return said

    def status(self, root, package):
        return root.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", package]).stdout

    @on_each_release()
    def test_version_is_changed_and_brought_back(self, root):
        self.provision(root, self.stage.manifest(apt("lgtool")))
        before = root.tree()
        self.assertEqual(self.status(root, "lgtool"), "ii 1.0")
        self.provision(root, self.stage.manifest(apt("lgtool=0.9"), name="older"))
        self.assertEqual(self.status(root, "lgtool"), "ii 0.9")
        self.expect(root.lastgood("undo"))
        self.assertEqual(self.status(root, "lgtool"), "ii 1.0")
        self.assert_same(before, root.tree(), "the version from before is back")

    @on_each_release()
    def test_settings_from_an_earlier_installation_stay(self, root):
        root.must("apt-get", "-q", "update")
        root.must("apt-get", "-q", "-y", "install", "lglib")
        root.write("/etc/lglib.conf", "my own\n")
        root.must("apt-get", "-q", "-y", "remove", "lglib")
        before = root.tree()
        self.provision(root, self.stage.manifest(apt("lgtool")))
        self.assertEqual(root.read("/etc/lglib.conf"), "my own\n")
        self.expect(root.lastgood("undo"))
        self.assertEqual(self.status(root, "lglib"), "rc 1.0")
        self.assertEqual(self.status(root, "lgtool"), "")
        self.assertEqual(root.read("/etc/lglib.conf"), "my own\n")
        before.pop("/var/lib/dpkg/status")
        after = root.tree()
        after.pop("/var/lib/dpkg/status")  # its entries may come in another order
        self.assert_same(before, after, "settings stay, the rest goes")

    @on_each_release()
    def test_what_others_came_to_need_is_not_taken_away(self, root):
        self.provision(root, self.stage.manifest(apt("lgtool")))
        root.must("apt-get", "-q", "-y", "install", "lglater")
        before = root.tree()
        said = self.expect(root.lastgood("undo"), 6)
        self.assertIn("lglib", said)
        self.assert_same(before, root.tree(), "nothing was removed")
        root.must("apt-get", "-q", "-y", "purge", "lglater")
        self.expect(root.lastgood("undo"))
        self.assertEqual(self.status(root, "lglib"), "")

    @on_each_release()
    def test_what_would_change_others_or_is_not_known_is_refused(self, root):
        self.provision(root, self.stage.manifest(apt("lglib")))
        self.refused(root, apt("lgfoe"), 6, "installing lgfoe would change what the recipe does not name: lglib removed")
        self.refused(root, apt("lgvirtual"), 6, "lgvirtual")
        self.refused(root, apt("lgtol"), 6, "apt knows no package 'lgtol'; did you mean 'lgtool'?")
        self.refused(root, apt("lgtool=7"), 6, "Version '7' for 'lgtool' was not found")

    @on_each_release()
    def test_without_network_it_says_what_is_missing(self, root):
        sources = root.read("/etc/apt/sources.list")
        root.write("/etc/apt/apt.conf.d/90retries", 'Acquire::Retries "0";\n')
        # apt calls the update a success when no name server answers.
        root.write("/etc/apt/sources.list", "deb http://nosuch.invalid/debian ./\n")
        self.refused(root, apt("lgtool"), 4, "cannot download lgtool: apt has no lists of packages")
        root.write("/etc/apt/sources.list", NOBODY_THERE)
        self.refused(root, apt("lgtool"), 4, "cannot download lgtool: E: Failed to fetch")
        root.write("/etc/apt/sources.list", sources)
        root.must("apt-get", "-q", "update")
        lists = root.at("/var/lib/apt/lists")
        for file in lists.glob("*_Packages"):  # as if they came from there
            file.rename(lists / "127.0.0.1:9_debian_._Packages")
        root.write("/etc/apt/sources.list", NOBODY_THERE)
        self.refused(root, apt("lgtool"), 4, "cannot download lgtool and 1 that it needs: E: Failed to fetch")
        # What is installed needs no network.
        self.assertIn("1 done already", self.provision(root, self.stage.manifest(apt("dpkg"))))

    @on_each_release()
    def test_lock_is_waited_for_with_a_limit(self, root):
        root.must("apt-get", "-q", "update")
        for path in ("/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock"):
            with self.subTest(path), Lock(root, path):
                said = self.refused(root, apt("lgtool", more="lock_wait_s = 1\nupdate = true"), 11, "another program uses apt",
                                    f"held by process {os.getpid()}")
                self.assertIn(path, said)
        lock = Lock(root, "/var/lib/dpkg/lock-frontend")
        release = threading.Timer(2, lock.file.close)
        release.start()
        self.provision(root, self.stage.manifest(apt("lgtool", more="lock_wait_s = 60")))
        release.join()
        self.assertEqual(self.status(root, "lgtool"), "ii 1.0")

    # The installation goes on without it, as after a crash of lastgood, and the next run waits for it.
    @on_each_release()
    def test_killed_in_the_middle_of_an_installation(self, root):
        before = root.tree()
        manifest = self.stage.manifest(apt("lgslow"))
        command = ["chroot", root.root, *self.stage.program.inside(), "provision", "--host-only", manifest]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            began = root.at("/run/lgslow-began")
            end = time.monotonic() + WAIT_S
            while not began.exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            self.assertTrue(began.exists(), "the installation began")
            process.send_signal(signal.SIGKILL)
        self.expect(root.lastgood("resume"))
        self.assertEqual(self.status(root, "lgslow"), "ii 1.0")
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "undo")

    # dpkg itself was cut: unpacked, not configured.
    @on_each_release()
    def test_interrupted_dpkg_is_finished_first(self, root):
        before = root.tree()
        root.must("sh", "-c", f"dpkg --unpack {SHARED_INSIDE}/{root.release}/lgfriend_1.0_all.deb")
        self.provision(root, self.stage.manifest(apt("lgtool")))
        self.assertEqual(self.status(root, "lgfriend"), "ii 1.0")
        self.expect(root.lastgood("undo"))
        self.assertEqual(self.status(root, "lgfriend"), "ii 1.0")
        root.must("dpkg", "--purge", "lgfriend")
        self.assert_same(before, root.tree(), "undo")


main()
