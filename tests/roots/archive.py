# SPDX-License-Identifier: MIT
"""An archive of Debian packages in a directory: made by dpkg-deb, read by apt."""
import shutil
import subprocess
from pathlib import Path

# What tests install. lgtool needs lglib; lgfoe can not be beside it; lgslow takes its time in the middle of its installation;
# lgunit brings a unit.
PACKAGES = {
    "lgtool_1.0": {"Depends": "lglib"},
    "lglib_1.0": {},
    "lglater_1.0": {"Depends": "lglib"},
    "lgfoe_1.0": {"Conflicts": "lglib", "Provides": "lgvirtual"},
    "lgfriend_1.0": {"Provides": "lgvirtual"},
    "lgslow_1.0": {"Depends": "lglib"},
    "lgunit_1.0": {},
}
UNIT = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"


def make_package(name, version, fields, directory):
    build = directory / "build"
    (build / "DEBIAN").mkdir(parents=True)
    control = {"Package": name, "Version": version, "Architecture": "all", "Maintainer": "Tests <tests@example.org>", **fields,
               "Description": "for lastgood's tests"}
    (build / "DEBIAN/control").write_text("".join(f"{key}: {value}\n" for key, value in control.items()))
    (build / f"usr/share/{name}").mkdir(parents=True)
    (build / f"usr/share/{name}/version").write_text(version + "\n")
    (build / "etc").mkdir()
    (build / f"etc/{name}.conf").write_text("as packaged\n")
    (build / "DEBIAN/conffiles").write_text(f"/etc/{name}.conf\n")
    if name == "lgslow":
        script = build / "DEBIAN/postinst"
        script.write_text("#!/bin/sh\nset -e\ntouch /run/lgslow-began\nsleep 2\n")
        script.chmod(0o755)
    if name == "lgunit":
        (build / "usr/lib/systemd/system").mkdir(parents=True)
        (build / "usr/lib/systemd/system/lgunit.service").write_text(UNIT)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", build, directory], check=True, capture_output=True)
    shutil.rmtree(build)


def make_archive(directory, more=()):
    """`more`: packages that are there already."""
    directory = Path(directory)
    directory.mkdir()
    for package in more:
        shutil.copy(package, directory)
    for package, fields in PACKAGES.items():
        make_package(*package.split("_"), fields, directory)
    make_package("lgtool", "0.9", {"Depends": "lglib"}, directory)
    entries = []
    for package in sorted(directory.glob("*.deb")):
        control = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
        digest = subprocess.run(["sha256sum", package], check=True, capture_output=True, text=True).stdout.split()[0]
        entries.append(f"{control}Filename: ./{package.name}\nSize: {package.stat().st_size}\nSHA256: {digest}\n")
    (directory / "Packages").write_text("\n".join(entries))
