#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the virtual machine: runs a program with another root directory.
    inside.py ROOT PROGRAM ARGUMENT..."""
import os
import sys
from pathlib import Path

from pi import enter

os.chroot(enter(Path(sys.argv[1])))
os.chdir("/")
os.execv(sys.argv[2], sys.argv[2:])
