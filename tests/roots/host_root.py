# SPDX-License-Identifier: MIT
"""Copies of Debian's root directories (tests/roots/install) that a test may ruin: overlays in a mount, process and network
namespace of this process, which end with it. What runs in one is in a chroot; it can reach nothing of this host, and no network."""
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lastgood-tests/roots"
RELEASES = ("bookworm", "trixie")
WAIT_S = 120
# Where the program is inside: not a part of the host, and left out of its digest as all of /run is.
INSIDE = "/run/lastgood-test"
MODEL = "Raspberry Pi 4 Model B Rev 1.4"
# What is nobody's set-up: what the kernel shows, lastgood's own record, and notes that apt and dpkg keep for themselves.
LEFT_OUT = ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/lib/lastgood", "/var/log", "/var/cache", "/var/lib/apt",
            "/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/triggers/Lock", "/var/lib/dpkg/status-old",
            "/var/lib/dpkg/diversions-old", "/var/lib/dpkg/statoverride-old", "/var/lib/dpkg/available",
            "/var/lib/dpkg/available-old")


def enter_namespaces():
    """Starts this program anew in namespaces of its own; where that can not be, says so; in CI that is a failure."""
    what = "root" if os.geteuid() != 0 else ""
    for release in RELEASES:
        if not (CACHE / release / "ORIGIN").exists():
            what = what or f"the root directory of {release} (tests/roots/install)"
    if what:
        if os.environ.get("CI") == "true":
            sys.exit(f"missing in CI: {what}")
        print(f"[ LEFT OUT ] not at hand: {what}")
        sys.exit(0)
    if os.environ.pop("LASTGOOD_TEST_INSIDE", "") != "1":
        os.environ["LASTGOOD_TEST_INSIDE"] = "1"
        os.execvp("setpriv", ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
                              "--mount-proc", sys.executable, *sys.argv])


def run(argv, **arguments):
    return subprocess.run(argv, capture_output=True, text=True, timeout=WAIT_S, check=False, stdin=subprocess.DEVNULL, **arguments)


def must(argv, **arguments):
    done = run(argv, **arguments)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: status {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def pi_files(release):
    """Boot files as Raspberry Pi OS ships them, from the vectors of the doctor: path → text, or the target of a link."""
    files, path = {}, None
    for line in (HERE.parent / f"vectors/hosts/parts/{release}.part").read_text().splitlines(keepends=True):
        if line.startswith("--- "):
            path, _, target = line[4:].strip().partition(" -> ")
            path = path if path.startswith("boot/") else None
            if path:
                files[path] = Path(target) if target else ""
        elif path:
            files[path] += line
    return files


class Program:
    """lastgood with the libraries that it was built with, in a directory that is seen inside every root: those of another
    release would not do."""

    def __init__(self, program, directory):
        self.path = Path(program)
        self.directory = Path(directory)
        self.directory.mkdir()
        shutil.copy(program, self.directory / "lastgood")
        for line in must(["ldd", program]).splitlines():
            words = line.split()
            library = words[2] if "=>" in words else words[0]
            if library.startswith("/"):
                shutil.copy(library, self.directory)
        self.loader = next(path.name for path in self.directory.iterdir() if path.name.startswith("ld-linux"))

    def inside(self):
        return [f"{INSIDE}/bin/{self.loader}", "--library-path", f"{INSIDE}/bin", f"{INSIDE}/bin/lastgood"]


class HostRoot:
    """One copy. `size` limits what can be written to it; `card`: it is not entered, as a mounted card is not."""

    def __init__(self, release, program, shared, size="256m", card=False):
        self.release = release
        self.program = program
        self.work = Path(tempfile.mkdtemp(prefix="root-", dir=shared))
        must(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "upper", str(self.work)])
        for name in ("upper", "overlay", "root"):
            (self.work / name).mkdir()
        self.root = self.work / "root"
        must(["mount", "-t", "overlay", "overlay", "-o",
              f"lowerdir={CACHE}/{release}/root,upperdir={self.work}/upper,workdir={self.work}/overlay", str(self.root)])
        self.write("/etc/resolv.conf", "")
        must(["chroot", str(self.root), "useradd", "--create-home", "--shell", "/bin/sh", "pi"])
        must(["chroot", str(self.root), "groupadd", "--system", "gpio"])
        for path, content in pi_files(release).items():
            if isinstance(content, Path):
                self.at("/" + path).symlink_to(content)
            else:
                self.write("/" + path, content)
        if not card:
            self.mount_kernel(shared)

    def mount_kernel(self, shared):
        """What a Pi's kernel shows: this one's, with a device tree."""
        for directory in ("proc", "run", "dev", "sys"):
            must(["mount", "-t", "tmpfs", "-o", "mode=755", directory, str(self.root / directory)])
        real = self.at("/run/proc")
        real.mkdir()
        must(["mount", "-t", "proc", "proc", str(real)])
        for entry in real.iterdir():
            if not entry.name.isdigit() or entry.name == "1":
                self.at(f"/proc/{entry.name}").symlink_to(f"/run/proc/{entry.name}")
        self.write("/proc/device-tree/model", MODEL + "\0")
        for node in ("null", "zero", "full", "random", "urandom", "tty"):
            self.write(f"/dev/{node}", "")
            must(["mount", "--bind", f"/dev/{node}", str(self.at(f"/dev/{node}"))])
        self.at(INSIDE).mkdir()
        for name in ("bin", "shared"):
            self.at(f"{INSIDE}/{name}").mkdir()
        must(["mount", "--bind", str(self.program.directory), str(self.at(f"{INSIDE}/bin"))])
        must(["mount", "--bind", str(shared / "files"), str(self.at(f"{INSIDE}/shared"))])

    def reboot(self, nodes=()):
        """As far as a program can tell: the kernel has another boot id, and these device nodes."""
        boot = self.at("/run/boot_id")
        boot.write_text(f"{uuid.uuid4()}\n")
        must(["mount", "--bind", str(boot), str(self.at("/run/proc/sys/kernel/random/boot_id"))])
        for node in nodes:
            self.write(f"/dev/{node}", "")

    def close(self):
        run(["umount", "--recursive", "--lazy", str(self.work)])
        self.work.rmdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Its files.

    def at(self, path):
        return self.root / path.lstrip("/")

    def write(self, path, text):
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text)

    def read(self, path):
        return self.at(path).read_text()

    def tree(self, below="/"):
        """Every path with its type, mode, owner and content."""
        tree = {}

        def look(path):
            name = "/" + str(path.relative_to(self.root))
            if name in LEFT_OUT:
                return
            status = path.lstat()
            entry = [stat.filemode(status.st_mode), status.st_uid, status.st_gid]
            if stat.S_ISLNK(status.st_mode):
                entry.append(os.readlink(path))
            elif stat.S_ISREG(status.st_mode):
                entry.append(self.content_digest(path, status))
            tree[name] = tuple(entry)
            if stat.S_ISDIR(status.st_mode):
                for child in path.iterdir():
                    look(child)

        for child in self.at(below).iterdir():
            look(child)
        return tree

    # Files of the shared lower layer are read once for all copies.
    seen = {}

    def content_digest(self, path, status):
        key = (self.release, str(path.relative_to(self.root)), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if key not in self.seen:
            self.seen[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self.seen[key]

    # Programs inside.

    def run(self, argv, user=None, **arguments):
        as_user = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] if user else []
        return run(["chroot", str(self.root), *as_user, *argv],
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": f"/home/{user}" if user else "/root"},
                   **arguments)

    def must(self, *argv):
        done = self.run(argv)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: status {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def lastgood(self, *arguments, user=None, before=()):
        return self.run([*before, *self.program.inside(), *arguments], user=user)


def difference(before, after):
    """Paths that differ, each with both states; empty when the trees are the same."""
    return {path: (before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)}
