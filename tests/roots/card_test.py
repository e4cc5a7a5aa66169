#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A mounted card (--root): set up from outside, by this host's programs, without a kernel of its own."""
import os

from host_root import MODEL, run
from stage import GROUP, INVOKER, MODULE, MODULE_FILE, STEPS, RootsTest, apt, main, on_each_release


class Card(RootsTest):
    def lastgood(self, root, *arguments):
        return run([self.stage.program.path, *arguments, "--root", root.root], env={"PATH": os.environ["PATH"], "HOME": "/root"})

    def card_manifest(self, steps):
        return self.stage.manifest(steps, shared=str(self.stage.files))

    @on_each_release(card=True)
    def test_card_is_set_up_and_brought_back(self, root):
        manifest = self.card_manifest(STEPS)
        before = root.tree()
        self.expect(self.lastgood(root, "plan", "--user", "pi", manifest))
        self.assert_same(before, root.tree(), "a plan changes nothing")
        self.expect(self.lastgood(root, "provision", "--user", "pi", manifest))
        self.assertEqual(root.must("id", "-nG", "pi").split(), ["pi", "dialout", "gpio"])
        self.assertEqual(root.read(MODULE_FILE), "i2c-dev\n")
        for unit, state in (("serial-getty@ttyAMA0", "masked"), ("getty@tty1", "disabled"), ("systemd-networkd", "enabled")):
            self.assertEqual(root.run(["systemctl", "is-enabled", f"{unit}.service"]).stdout, state + "\n")
        applied = root.tree()
        self.assertIn("0 changed", self.expect(self.lastgood(root, "provision", "--user", "pi", manifest)))
        self.assert_same(applied, root.tree(), "a second run changes nothing")
        self.expect(self.lastgood(root, "undo"))
        self.assert_same(before, root.tree(), "undo")

    @on_each_release(card=True)
    def test_card_for_the_phat(self, root):
        before = root.tree()
        manifest = self.stage.phat(shared=str(self.stage.files))
        self.expect(self.lastgood(root, "provision", "--user", "pi", "--model", MODEL, manifest))
        applied = root.tree()
        self.assertIn("enable_uart=1", root.read("/boot/firmware/config.txt").splitlines())
        self.assertNotIn("console=serial0", root.read("/boot/firmware/cmdline.txt"))
        said = self.expect(self.lastgood(root, "provision", "--user", "pi", "--model", MODEL, manifest))
        self.assertIn("0 changed", said)
        self.assert_same(applied, root.tree(), "a second run changes nothing")
        self.expect(self.lastgood(root, "undo"))
        self.assert_same(before, root.tree(), "undo")

    # The record is the card's own: it can be undone there, and what a card was given is undone nowhere else.
    @on_each_release(card=True)
    def test_record_stays_on_the_card(self, root):
        before = root.tree()
        self.expect(self.lastgood(root, "provision", "--user", "pi", self.card_manifest(GROUP + MODULE)))
        self.assertTrue(root.at("/var/lib/lastgood").is_dir())
        self.expect(self.lastgood(root, "remove", "roots"))
        self.assert_same(before, root.tree(), "remove")

    @on_each_release(card=True)
    def test_who_prepares_it_need_not_be_on_it(self, root):
        before = root.tree()
        self.expect(self.lastgood(root, "provision", "--user", "teacher", self.card_manifest(INVOKER)))
        self.assert_same(before, root.tree(), "there is nobody to put into a group")

    @on_each_release(card=True)
    def test_packages_are_for_the_host_that_runs_them(self, root):
        before = root.tree()
        said = self.expect(self.lastgood(root, "provision", self.card_manifest(MODULE + apt("lgtool"))), 6)
        self.assertIn("packages can not be installed on another root directory: lgtool", said)
        self.assert_same(before, root.tree(), "the step before it is undone")
        self.assertIn("1 done already", self.expect(self.lastgood(root, "provision", self.card_manifest(apt("dpkg")))))


main()
