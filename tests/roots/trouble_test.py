#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hosts that can not be changed, must not be, or were changed by somebody else: what lastgood says, and that nothing is left."""
import os

from host_root import must
from stage import ENABLE, GROUP, INVOKER, MASK, MODULE, MODULE_FILE, STEPS, RootsTest, main, on_each_release

ELSEWHERE = ("--state", "/tmp/state")


def fill(path):
    """Leaves no space at all on the file system of `path`."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


class Trouble(RootsTest):
    @on_each_release()
    def test_ordinary_user_is_told_which_steps_need_root(self, root):
        manifest = self.stage.manifest(STEPS)
        before = root.tree()
        self.expect(root.lastgood("plan", *ELSEWHERE, manifest, user="pi"))
        said = self.provision(root, manifest, *ELSEWHERE, code=6, user="pi")
        for text in ("these steps need root: 'group: pi in dialout'", "'module: i2c-dev'",
                     "'service: systemd-networkd.service enabled'; nothing was changed", "sudo"):
            self.assertIn(text, said)
        self.assert_same(before, root.tree(), "nothing was changed")

    @on_each_release(size="12m")
    def test_full_disk(self, root):
        manifest = self.stage.manifest(STEPS)
        must(["mount", "-t", "tmpfs", "tmp", str(root.at("/tmp"))])
        before = root.tree()
        fill(root.at("/filler"))
        said = self.provision(root, manifest, *ELSEWHERE, code=6)
        self.assertIn("undone", said)
        said = self.provision(root, self.stage.manifest(MODULE), *ELSEWHERE, code=6)
        self.assertIn("no space left on device", said.lower())
        root.at("/filler").unlink()
        self.assert_same(before, root.tree(), "what was begun is undone")
        self.provision(root, manifest, *ELSEWHERE)
        self.expect(root.lastgood("undo", *ELSEWHERE))
        self.assert_same(before, root.tree(), "undo")

    # Not even the record has space: then nothing may be changed.
    @on_each_release(size="12m")
    def test_full_disk_with_the_record_on_it(self, root):
        manifest = self.stage.manifest(STEPS)
        before = root.tree()
        fill(root.at("/filler"))
        done = root.lastgood("provision", "--host-only", manifest)
        self.assertNotEqual(done.returncode, 0)
        root.at("/filler").unlink()
        self.assert_same(before, root.tree(), "nothing was changed")

    @on_each_release()
    def test_read_only_file_system(self, root):
        manifest = self.stage.manifest(STEPS)
        must(["mount", "-t", "tmpfs", "tmp", str(root.at("/tmp"))])
        before = root.tree()
        must(["mount", "-o", "remount,ro", str(root.root)])
        said = self.provision(root, manifest, *ELSEWHERE, code=6)
        self.assert_same(before, root.tree(), "nothing was changed")
        said += self.provision(root, self.stage.manifest(MODULE), *ELSEWHERE, code=6)
        self.assertIn("read-only file system", said.lower())

    @on_each_release()
    def test_change_since_is_shown_and_stays(self, root):
        before = root.tree()
        self.provision(root, self.stage.manifest(STEPS))
        root.write(MODULE_FILE, "i2c-dev\n# mine\n")
        said = self.expect(root.lastgood("undo"), 6)
        for text in (f"'{MODULE_FILE}' was changed since, and stays", "+# mine"):
            self.assertIn(text, said)
        self.assertEqual(root.read(MODULE_FILE), "i2c-dev\n# mine\n")
        self.expect(root.lastgood("undo", "--leave-changed"))
        root.at(MODULE_FILE).unlink()
        self.assert_same(before, root.tree(), "everything else was undone")

    # Programs take back what files can not: the others' changes stay.
    @on_each_release()
    def test_user_database_that_others_changed_keeps_their_changes(self, root):
        self.provision(root, self.stage.manifest(GROUP + INVOKER))
        root.must("groupadd", "other")
        root.must("gpasswd", "-a", "pi", "other")
        self.expect(root.lastgood("undo"))
        self.assertEqual(root.must("id", "-nG", "pi").split(), ["pi", "other"])

    @on_each_release()
    def test_units_that_others_changed_keep_their_changes(self, root):
        self.provision(root, self.stage.manifest(MASK + ENABLE))
        root.must("systemctl", "unmask", "serial-getty@ttyAMA0.service")
        root.must("systemctl", "disable", "systemd-networkd.service")
        before = root.tree()
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "it was undone already")

    # systemctl disables them with the unit that names them.
    @on_each_release()
    def test_units_that_were_enabled_before_their_companion_stay_so(self, root):
        root.must("systemctl", "enable", "systemd-networkd.socket")
        before = root.tree()
        self.provision(root, self.stage.manifest(ENABLE))
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "undo")

    @on_each_release()
    def test_units_that_can_not_be_what_is_asked_for(self, root):
        root.write("/etc/systemd/system/own.service", "[Service]\nExecStart=/bin/true\n")
        before = root.tree()
        for unit, state, text in (("own.service", "masked", "'/etc/systemd/system/own.service' is in the place of the mask"),
                                  ("own.service", "enabled", "it has no [Install] section"),
                                  ("systemd-journald.service", "enabled", "it has no [Install] section"),
                                  ("nosuch.service", "enabled", "there is no such unit"),
                                  ("autovt@.service", "enabled", "is another name of a unit")):
            steps = GROUP + f'[[step]]\nkind = "service"\nunit = "{unit}"\nstate = "{state}"\n'
            said = self.provision(root, self.stage.manifest(steps), code=6)
            self.assertIn(text, said)
            self.assertIn("; undone", said)
        self.assert_same(before, root.tree(), "the step before it is undone")
        for unit, state in (("nosuch.service", "disabled"), ("systemd-journald.service", "disabled")):
            steps = f'[[step]]\nkind = "service"\nunit = "{unit}"\nstate = "{state}"\n'
            self.assertIn("1 done already", self.provision(root, self.stage.manifest(steps)))

    @on_each_release()
    def test_links_below_a_users_directory_lead_nowhere(self, root):
        home = root.at("/home/pi")
        (home / "settings").symlink_to("/etc")
        (home / "motd").symlink_to("/etc/shadow")
        for link in ("settings", "motd"):
            os.chown(home / link, 1000, 1000, follow_symlinks=False)
        before = root.tree()
        for path in ("/home/pi/settings/shadow", "/home/pi/motd"):
            steps = GROUP + f'[[step]]\nkind = "file"\npath = "{path}"\ncontent = "root::1::::::\\n"\n'
            said = self.provision(root, self.stage.manifest(steps), code=6)
            self.assertIn(path, said)
        self.assert_same(before, root.tree(), "no file of another user was written")

    @on_each_release()
    def test_run_goes_on_after_a_reboot_only(self, root):
        before = root.tree()
        steps = GROUP + '[[step]]\nkind = "reboot"\nexpect = ["/dev/null"]\n' + MODULE
        manifest = self.stage.manifest(steps)
        self.assertIn("has to be started anew", self.provision(root, manifest, code=10))
        self.assertFalse(root.at(MODULE_FILE).exists())
        self.assertIn("(roots) waits for a reboot; then: lastgood resume", self.expect(root.lastgood("status")))
        self.expect(root.lastgood("resume"), 10)
        root.reboot()
        self.expect(root.lastgood("resume"))
        self.assertEqual(root.read(MODULE_FILE), "i2c-dev\n")
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "undo")

    @on_each_release()
    def test_host_reboots_by_itself_and_goes_on(self, root):
        # All but the reboot is systemd's own; it works on files where no systemd runs.
        root.write("/usr/sbin/systemctl", '#!/bin/sh\n[ "$*" != reboot ] || exec touch /run/rebooted\nexec /usr/bin/systemctl "$@"\n')
        root.at("/usr/sbin/systemctl").chmod(0o755)
        root.at("/run/systemd/system").mkdir(parents=True)
        before = root.tree()
        steps = '[[step]]\nkind = "file"\npath = "/etc/motd"\ncontent = "x"\n[[step]]\nkind = "reboot"\n' + GROUP
        said = self.provision(root, self.stage.manifest(steps), "--reboot", code=10)
        self.assertIn("the host is being rebooted", said)
        self.assertTrue(root.at("/run/rebooted").exists())
        unit = "/etc/systemd/system/lastgood-resume.service"
        root.must("systemd-analyze", "verify", "--man=no", unit)
        for text in ('"--state" "/var/lib/lastgood" "resume"', '"--user" "pi"'):
            self.assertIn(text, root.read(unit))
        self.assertEqual(root.must("systemctl", "is-enabled", "lastgood-resume.service").strip(), "enabled")
        root.reboot()
        self.expect(root.lastgood("resume", "--user", "pi"))
        self.assertIn("pi", root.read("/etc/group").split("dialout:x:20:")[1].split("\n")[0])
        self.assertFalse(root.at(unit).exists())
        self.expect(root.lastgood("undo"))
        self.assert_same(before, root.tree(), "the unit is gone, and undo")


main()
