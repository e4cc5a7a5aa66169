#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The lab is killed in the middle of a scenario: nothing of it goes on, and this host's set-up is what it was."""
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import network_test
from lab import WAIT_S, wait_until

SCENARIO = "stall"  # lasts long


def belongs_to(lab):
    """Process ids of everything that runs inside `lab`'s namespaces, and of what made them."""
    found = {lab}
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def traces():
    """What the lab would leave on this host if its namespaces leaked."""
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if line.startswith("lab ")]
    nodes = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout.split()
    return mounts, [node for node in nodes if node in ("client", "gateway", "world")], Path("/etc/resolv.conf").read_text()


def kill_with(signal_number, program, directory):
    lab = subprocess.Popen([sys.executable, network_test.__file__, program, SCENARIO], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ, "TMPDIR": directory})
    wait_until(lambda: {"nginx", "dnsmasq"} <= {name_of(pid) for pid in belongs_to(lab.pid)}, "the scenario has begun")
    inside = belongs_to(lab.pid)
    os.kill(lab.pid, signal_number)  # the first process alone: a terminal's Ctrl-C would reach the others too
    lab.wait(timeout=WAIT_S)
    wait_until(lambda: not any(name_of(pid) for pid in inside), "all of it has ended")
    left = os.listdir(directory) if signal_number != signal.SIGKILL else []
    print(f"{'FAILED' if left else 'ok    '} {signal_number.name}: {len(inside)} processes ended {left or ''}")
    return not left


def main():
    network_test.require_lab()
    before = traces()
    passed = []
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with tempfile.TemporaryDirectory(prefix="lastgood-killed-") as directory:
            passed.append(kill_with(signal_number, sys.argv[1], directory))
    if traces() != before:
        sys.exit(f"this host had {before}, and has {traces()}")
    return 0 if all(passed) else 1


sys.exit(main())
