#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a test inside the virtual machine; see tests/vm/run.
    vm_test.py [--firmware] [--trixie] [--host] COMMAND ARGUMENT...
--firmware: it needs real firmware. --trixie: it needs the root directory of Debian 13, which is @trixie@ in its arguments.
--host: it runs on this host instead. What a clone does not have is left out with a word, and is a failure in CI."""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "real"))
from bench import SHARED, leave_out_unless_ci  # noqa: E402

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lastgood-tests"

arguments = [argument.replace("@trixie@", str(CACHE / "trixie")) for argument in sys.argv[1:]]
options = []
if not (CACHE / "vm/ORIGIN").exists():
    leave_out_unless_ci("the virtual machine (tests/vm/install)")
while arguments[0].startswith("--"):
    option = arguments.pop(0)
    options.append(option)
    if option == "--firmware" and not (SHARED / "firmware").is_dir():
        leave_out_unless_ci("real firmware (../shared/firmware)")
    if option == "--trixie" and not (CACHE / "trixie/ORIGIN").exists():
        leave_out_unless_ci("the root directory of Debian 13 (tests/trixie/install)")
sys.stdout.flush()
if "--host" in options:
    os.execv(arguments[0], arguments)
# CTest's limit is a little longer: then the machine ends by itself and says so.
os.execv(HERE / "run", ["run", "--timeout", "840", "--", *arguments])
