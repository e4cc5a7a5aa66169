#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A host is planned, set up, set up again, and brought back: the digest of its whole tree says what changed."""
from stage import ENABLE, GROUP, MODULE, MODULE_FILE, STEPS, RootsTest, apt, main, on_each_release


class Story(RootsTest):
    @on_each_release()
    def test_plan_run_run_again_undo(self, root):
        manifest = self.stage.manifest(STEPS + apt("lgunit", "lgtool", "picocom"))
        before = root.tree()
        said = self.expect(root.lastgood("plan", "--user", "pi", manifest))
        for what in ("gpasswd -a pi dialout", "+options i2c-dev bufsiz=8192", "systemctl mask serial-getty@ttyAMA0.service",
                     "apt-get -q update"):
            self.assertIn(what, said)
        self.assert_same(before, root.tree(), "a plan changes nothing")

        self.assertIn("8 changed", self.provision(root, manifest))
        applied = root.tree()
        self.assertEqual(root.must("id", "-nG", "pi").split(), ["pi", "dialout", "gpio"])
        self.assertEqual(root.read(MODULE_FILE), "i2c-dev\n")
        self.assertEqual(root.must("picocom", "--help")[:10], "picocom v3")
        for unit, state in (("serial-getty@ttyAMA0", "masked"), ("getty@tty1", "disabled"), ("systemd-networkd", "enabled")):
            self.assertEqual(root.run(["systemctl", "is-enabled", f"{unit}.service"]).stdout, state + "\n")

        self.assertIn("8 done already, 0 changed", self.provision(root, manifest))
        self.assert_same(applied, root.tree(), "a second run changes nothing")
        self.assertIn("8 done already, 0 changed", self.provision(root, manifest, "--state", "/tmp/other"))
        self.assert_same(applied, root.tree(), "nor does one that remembers nothing")

        self.assertIn("8 steps are undone", self.expect(root.lastgood("undo")))
        self.assert_same(before, root.tree(), "undo")
        self.assertIn("Nothing is left to undo", self.expect(root.lastgood("undo")))

    @on_each_release()
    def test_remove_takes_back_every_run_of_a_manifest_and_no_other(self, root):
        before = root.tree()
        self.provision(root, self.stage.manifest(MODULE, name="other"))
        other = root.tree()
        self.provision(root, self.stage.manifest(GROUP))
        self.provision(root, self.stage.manifest(GROUP + ENABLE))
        self.expect(root.lastgood("remove", "roots"))
        self.assert_same(other, root.tree(), "the other manifest's changes stay")
        self.expect(root.lastgood("remove", "other"))
        self.assert_same(before, root.tree(), "both are gone")

    @on_each_release()
    def test_recipe_of_the_phat_goes_on_after_the_reboot(self, root):
        manifest = self.stage.phat()
        before = root.tree()
        self.provision(root, manifest, code=10)
        root.reboot(nodes=["serial0", "ttyAMA0"])
        self.expect(root.lastgood("resume", "--user", "pi"))
        applied = root.tree()
        self.assertEqual(root.must("id", "-nG", "pi").split(), ["pi", "dialout", "gpio"])
        self.assertIn("enable_uart=1", root.read("/boot/firmware/config.txt").splitlines())
        self.assertNotIn("console=serial0", root.read("/boot/firmware/cmdline.txt"))
        self.assertIn("0 changed", self.provision(root, manifest))
        self.assertIn("0 changed", self.provision(root, manifest, "--state", "/tmp/other"))
        self.assert_same(applied, root.tree(), "a second run changes nothing")
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "undo")


main()
