#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A web server that means harm, octet by octet. What is only broken is fault_server.py's.

usage: hostile_server.py DIR [--tls VERSION]

With --tls it speaks HTTPS, in no later version than VERSION (1.0, 1.1, 1.2), as "localhost"; the authority that clients are to
trust is DIR/ca.pem.

The path names the attack, its last part a file in DIR:

  /slow-head          one octet of the head every 0.2 s, for ever
  /slow-body/NAME     the file's length announced, one octet every 0.2 s
  /informational      "100 Continue" for ever
  /endless-chunks     chunks of zeros for ever
  /endless-404        the same, as the page of an error
  /endless-extension  one chunk whose extension has no end
  /endless-trailer    a whole body, then trailer lines for ever
  /huge-chunk         a chunk that says it has 2^64 - 1 octets
  /negative-chunk     a chunk that says it has -1 octets
  /negative-length    Content-Length: -1
  /huge-length        Content-Length: 2^64
  /two-lengths/N/NAME the file, with its own length announced and N as well
  /length-and-chunks/NAME  the file in one chunk, with the length of nothing announced
  /packed/N/NAME      the file with its length and "Content-Encoding: gzip", followed by N octets more
  /date/YEAR          the answer is of November 1 of that year
  /grow               redirects to a longer address each time
  /NAME               the file
"""

import os
import socket
import ssl
import sys
import threading
import warnings

import fault_server
import loopback


def head(*lines):
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *lines, "")).encode()


class Attack:
    """One connection."""

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection

    def run(self):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = self.connection.recv(4096)
            if not piece:
                return
            request += piece
        path = request.split()[1].decode()
        kind, *arguments = path.strip("/").split("/")
        attack = getattr(self, kind.split("?")[0].replace("-", "_"), None)
        if attack is None:
            self.send(head(f"Content-Length: {len(self.content(kind))}") + self.content(kind))
        else:
            attack(*arguments)

    def send(self, octets):
        self.connection.sendall(octets)

    def send_for_ever(self, octets):
        while not self.server.over.is_set():
            self.send(octets)

    def send_slowly(self, octets):
        for octet in octets:
            self.send(bytes([octet]))
            if self.server.over.wait(0.2):
                return

    def content(self, name):
        with open(os.path.join(self.server.directory, name), "rb") as file:
            return file.read()

    def slow_head(self):
        self.send_slowly(head()[:-2] + b"X-Filler: " + b"x" * 10_000)

    def slow_body(self, name):
        content = self.content(name)
        self.send(head(f"Content-Length: {len(content)}"))
        self.send_slowly(content)

    def informational(self):
        self.send_for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    def endless_chunks(self):
        self.send(head("Transfer-Encoding: chunked"))
        self.send_for_ever(b"10000\r\n" + bytes(65536) + b"\r\n")

    def endless_404(self):
        self.send(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.send_for_ever(b"10000\r\n" + bytes(65536) + b"\r\n")

    def endless_extension(self):
        self.send(head("Transfer-Encoding: chunked") + b"1;")
        self.send_for_ever(b"x" * 65536)

    def endless_trailer(self):
        self.send(head("Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\n")
        self.send_for_ever(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    def huge_chunk(self):
        self.send(head("Transfer-Encoding: chunked") + b"ffffffffffffffff\r\n" + b"x" * 100)

    def negative_chunk(self):
        self.send(head("Transfer-Encoding: chunked") + b"-1\r\n" + b"x" * 100)

    def negative_length(self):
        self.send(head("Content-Length: -1") + b"x" * 100)

    def huge_length(self):
        self.send(head(f"Content-Length: {1 << 64}") + b"x" * 100)

    def two_lengths(self, other, name):
        content = self.content(name)
        self.send(head(f"Content-Length: {other}", f"Content-Length: {len(content)}") + content)

    def length_and_chunks(self, name):
        content = self.content(name)
        self.send(head("Content-Length: 0", "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))

    def packed(self, more, name):
        content = self.content(name) + bytes(int(more))
        self.send(head(f"Content-Length: {len(content)}", "Content-Encoding: gzip") + content)

    def date(self, year):
        self.send(head(f"Date: Sun, 01 Nov {year} 00:00:00 GMT", "Content-Length: 0"))

    def grow(self, address="x"):
        line = f"HTTP/1.1 302 Found\r\nLocation: /grow/{address * 4}\r\nContent-Length: 0\r\n\r\n"
        self.send(line.encode())


class Server:
    def __init__(self, directory, tls):
        self.directory = directory
        self.listener = loopback.listen()
        self.tls = tls
        self.over = threading.Event()

    def url(self):
        start = "https://localhost" if self.tls else "http://127.0.0.1"
        return f"{start}:{self.listener.getsockname()[1]}"

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        # A victim that leaves is a victim that defends itself.
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            Attack(self, connection).run()
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            connection.close()


def old_tls(directory, version):
    context = fault_server.tls_context(directory, "good")
    # Debian's OpenSSL does not speak them by itself any more.
    context.set_ciphers("ALL:@SECLEVEL=0")
    warnings.simplefilter("ignore", DeprecationWarning)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = getattr(ssl.TLSVersion, "TLSv" + version.replace(".", "_").removesuffix("_0"))
    return context


def main():
    directory, *rest = sys.argv[1:]
    loopback.die_with_parent()
    loopback.exit_on_sigterm()
    server = Server(directory, old_tls(directory, rest[1]) if rest[:1] == ["--tls"] else None)
    threading.Thread(target=server.serve, daemon=True).start()
    loopback.announce(server.url())
    loopback.wait_until_told()
    server.over.set()


if __name__ == "__main__":
    main()
