# SPDX-License-Identifier: MIT
"""What the test servers share: a loopback socket, and an end that cannot be missed.

A server prints its URL as its first line, and stops when its standard input closes, on SIGTERM, or
when its parent dies, however that dies.
"""

import ctypes
import os
import select
import signal
import socket
import sys

PR_SET_PDEATHSIG = 1


def listen():
    """A listening socket on an ephemeral tcp_port: whoever connects now is served later."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def die_with_parent():
    """Also fit for a child between fork and exec."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def exit_on_sigterm():
    """As SystemExit, so that `finally` and `with` tidy up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def announce(url):
    print(url, flush=True)


def wait_until_told(child=None):
    """Returns when standard input closes; raises when the child ends by itself."""
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.2)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            return
        if child is not None and child.poll() is not None:
            raise RuntimeError(f"the server ended by itself with status {child.returncode}")
