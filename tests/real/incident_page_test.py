#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/incident.md shows real output: each ```console block is typed again, in order, in one directory with the real images and
simulated boards, and must print what the page says but for times and dates. incident_page_test.py PROGRAM --write renews the page."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import FIRMWARE, SHARED, SOURCE, leave_out_unless_ci

PAGE = SOURCE / "docs/incident.md"
# Where the files come from is the same each time, and how far a stage is passes by.
LEFT_OUT = re.compile(r"^  (?:    +\w+ +\d+ %.*|[a-z]+ +(?:trust|network|fetch)  .*)\n", re.M)
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.M | re.S)
RECIPE = """schema = 1
name = "phat"
title = "a simulated pHAT"
[board]
chip = "esp8266"
serial = ["sim:{name}.flash?flash={size}MB&mac=18:fe:34:00:00:0{number}"]
[board.lines]
kind = "none"
"""
# Each board has a recipe of its own, and is as it left the factory: blank.
BOARDS = {"first": 4, "second": 4, "third": 4, "fourth": 4, "large": 8, "huge": 16}
# name: version, size in the header, board
MANIFESTS = {
    "incident": ("1.8.7", "1MB", "first"),
    "at": ("at", "keep", "second"),
    "incident-after-at": ("1.8.7", "1MB", "second"),
    "incident-elsewhere": ("1.8.7", "1MB", "third"),
    "before": ("1.8.6", "1MB", "fourth"),
    "large": ("1.8.7", "8MB", "large"),
    "large-detected": ("1.8.7", "detect", "large"),
    "huge": ("1.8.7", "16MB", "huge"),
    "mended": ("1.8.7", "detect", "first"),
}


def firmware(table, version, size, directory):
    name = FIRMWARE[version]
    data = (SHARED / "firmware" / name).read_bytes()
    (directory / name).write_bytes(data)
    at = version == "at"
    return (f'name = "{"at" if at else "micropython"}"\nversion = "{"1.1.0.0" if at else version}"\nchip = "esp8266"\n'
            f'[[{table}.part]]\noffset = 0x0\nurls = ["file://{directory}/{name}"]\n'
            f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nsize = {len(data)}\n[{table}.flash]\nsize = "{size}"\n'
            f'[{table}.health]\nkind = "{"at" if at else "micropython"}"\n' + ("" if at else f'version = "{version}"\n'))


def prepare(directory):
    for number, (name, size) in enumerate(BOARDS.items(), 1):
        (directory / f"{name}-board.toml").write_text(RECIPE.format(name=name, size=size, number=number))
    for name, (version, size, board) in MANIFESTS.items():
        fallback = ("1.9.3", "detect") if version == "at" else ("at", "keep")
        (directory / f"{name}.toml").write_text(
            f'schema = 1\nname = "{name}"\nrecipe = "./{board}-board.toml"\n[firmware]\n' +
            firmware("firmware", version, size, directory) + "[[fallback]]\n" + firmware("fallback", *fallback, directory))
    subprocess.run([SOURCE / "tests/cli/bin/make-stub", directory / "stubs"], check=True)


def run(program, line, directory):
    """What a terminal would show of `line`, and nothing of the directory."""
    words = line.removeprefix("$ lastgood ").split()
    if words[0] in ("provision", "rollback"):
        words.insert(1, "--virtual-time")
    environment = {**os.environ, "STATE_DIRECTORY": str(directory / "state"), "LASTGOOD_DATA": str(directory),
                   "LASTGOOD_CONFIG": str(directory / "config"), "NO_COLOR": "1", "TZ": "UTC"}
    done = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=directory,
                          env=environment, stdin=subprocess.DEVNULL, timeout=120, check=False)
    code = f"(exit code {done.returncode})\n" if done.returncode else ""
    shown = LEFT_OUT.sub("", done.stdout.replace(f"{directory}/", ""))
    dots = "  …\n" if LEFT_OUT.search(done.stdout) else ""
    return f"{line}\n{dots}{shown}{code}"


def plain(text):
    """Without what differs from day to day and from machine to machine."""
    text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DATE", text)
    text = re.sub(r"\b\d+(\.\d+)? s\b", "TIME", text)
    text = re.sub(r"\b\d+ resets", "N resets", text)
    return re.sub(r"[ \t]+", " ", text.replace("sudo lastgood", "lastgood"))


def main():
    program = str(Path(sys.argv[1]).resolve())
    if not (SHARED / "firmware").is_dir():
        leave_out_unless_ci("real firmware (../shared/firmware)")
    page = PAGE.read_text()
    directory = Path(tempfile.mkdtemp(prefix="lastgood-incident-"))
    try:
        prepare(directory)
        renewed = BLOCK.sub(lambda block: "".join(
            run(program, line, directory) for line in block.group().splitlines() if line.startswith("$ ")), page)
    finally:
        shutil.rmtree(directory)
    if "--write" in sys.argv:
        PAGE.write_text(renewed)
        return
    said, done = BLOCK.findall(page), BLOCK.findall(renewed)
    wrong = [(a, b) for a, b in zip(said, done) if plain(a) != plain(b)]
    for expected, actual in wrong:
        print(f"--- docs/incident.md says\n{expected}--- it prints\n{actual}")
    if wrong or not said:
        sys.exit("docs/incident.md is not what lastgood prints; to renew it: tests/real/incident_page_test.py PROGRAM --write")


if __name__ == "__main__":
    main()
