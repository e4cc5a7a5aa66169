#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a transcript against the real program: run_transcript.py PROGRAM TRANSCRIPT

A transcript is a dialogue in an empty directory:
  # a comment
  --- NAME          the lines up to the next line that starts a block become a file (indented by two blanks)
  $ COMMAND         is given to /bin/sh; `lastgood` is the program under test
  text              what it prints on standard output, indented by two blanks
  ! text            what it prints on standard error
  ? 3               its exit status (0 unless said)
In expected lines `[..]` stands for any text, and a line `...` for any number of lines.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def parse(text):
    """A list of ("file", name, content) and ("run", command, out, err, status)."""
    blocks = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("--- "):
            blocks.append(["file", line[4:], []])
        elif line.startswith("$ "):
            blocks.append(["run", line[2:], [], [], 0])
        elif not line.strip() and (not blocks or blocks[-1][0] == "run"):
            continue
        elif blocks[-1][0] == "file":
            blocks[-1][2].append(line[2:])
        elif line.startswith("! "):
            blocks[-1][3].append(line[2:])
        elif line.startswith("? "):
            blocks[-1][4] = int(line[2:])
        elif line == "...":
            blocks[-1][2].append(line)
        elif line == "! ...":
            blocks[-1][3].append("...")
        elif line.startswith("  "):
            blocks[-1][2].append(line[2:])
        else:
            raise SystemExit(f"not understood: {line!r}")
    return blocks


def matches(expected, actual):
    """Expected lines against actual ones; `...` swallows lines."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    if not actual:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].split("[..]"))
    return re.fullmatch(pattern, actual[0]) is not None and matches(expected[1:], actual[1:])


def show(title, expected, actual):
    print(f"  {title}, expected:")
    print("\n".join(f"    {line}" for line in expected) or "    (nothing)")
    print(f"  {title}, got:")
    print("\n".join(f"    {line}" for line in actual) or "    (nothing)")


def main():
    program, transcript = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    failures = ran = 0
    with tempfile.TemporaryDirectory(prefix="lastgood-cli-") as directory:
        environment = {
            "PATH": f"{directory}/.bin:{transcript.parent}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory, "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "XDG_STATE_HOME": f"{directory}/.state", "STATE_DIRECTORY": f"{directory}/.state",
            "LASTGOOD_CONFIG": f"{directory}/.config",
            "LASTGOOD_DATA": str(transcript.parents[2]),
            **{key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")},
        }
        os.mkdir(f"{directory}/.bin")
        os.symlink(program, f"{directory}/.bin/lastgood")
        for block in parse(transcript.read_text()):
            if block[0] == "file":
                path = Path(directory, block[1])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("\n".join(block[2]) + "\n")
                continue
            _, command, out, err, status = block
            ran += 1
            done = subprocess.run(["/bin/sh", "-c", command], cwd=directory, env=environment, capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=100, check=False)
            actual_out = done.stdout.decode(errors="replace").splitlines()
            actual_err = done.stderr.decode(errors="replace").splitlines()
            good = matches(out, actual_out) and matches(err, actual_err) and status == done.returncode
            if good:
                continue
            failures += 1
            print(f"FAILED: $ {command}")
            show("standard output", out, actual_out)
            show("standard error", err, actual_err)
            print(f"  exit status, expected {status}, got {done.returncode}")
    print(f"{ran} commands, {failures} failed")
    sys.exit(1 if failures or not ran else 0)


main()
