#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP server that misbehaves as its URLs say.

usage: fault_server.py DIR [--tls good|expired|future|self-signed|other-name]

With --tls it speaks HTTPS as "localhost" with a certificate of that kind, made on the spot; the
authority that clients are to trust is DIR/ca.pem.

The first part of a path names the fault, the last one a file in DIR:

  /cut/N/NAME         whole length announced, connection closed after N octets of the body
  /cut-once/N/NAME    the same for the first request of that path, then right answers
  /stall/N/NAME       N octets of the body, then silence
  /trickle/NAME       one octet every 0.2 s
  /silent             reads the request and never answers
  /close              reads the request and closes
  /lie/N/NAME         says that the body has N octets, and sends all of the file
  /short/N/NAME       a complete answer of the first N octets
  /endless            zeros for ever, no length announced
  /chunked/NAME       no length announced, chunked
  /until-close/NAME   no length announced, ended by closing
  /no-range/NAME      ignores Range
  /wrong-range/NAME   206 with the file's beginning, whatever was asked for
  /unasked-range/NAME 206 though no range was asked for
  /refuse-range/NAME  416 to any range
  /no-etag/NAME       right, ranges too, but without ETag
  /html/NAME          200 with a sign-in page
  /busy-once/N/NAME   503 with Retry-After: N for the first request of that path, then right answers
  /status/N           that status and an HTML page about it
  /garbage            not HTTP at all
  /endless-header     header lines for ever
  /redirect?to=URL    302 to URL
  /NAME               the file, ranges and ETag included

As a proxy it serves http URLs by these rules, and refuses CONNECT with 407.

Every request is a line in requests.log beside DIR's files before it is answered:
PATH, Range and If-Range ("-" when absent).
"""

import http.server
import os
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse

import loopback

SIGN_IN_PAGE = b"<!DOCTYPE html>\r\n<html><title>Sign in</title>Welcome to the school network</html>\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        split = urllib.parse.urlsplit(self.path)
        self.write_log()
        parts = split.path.strip("/").split("/")
        fault = parts[0].replace("-", "_")
        handler = getattr(self, "fault_" + fault, None)
        if handler is None:
            self.send_file(parts[-1])
        else:
            handler(*parts[1:], **dict(urllib.parse.parse_qsl(split.query)))

    def do_CONNECT(self):
        self.head(407, ("Proxy-Authenticate", 'Basic realm="school"'), ("Content-Length", 0))

    def write_log(self):
        log = os.path.join(self.server.directory, "requests.log")
        with open(log, "a", encoding="utf-8") as file:
            ranges = [self.headers.get(name, "-") for name in ("Range", "If-Range")]
            file.write(" ".join([self.path, *ranges]) + "\n")

    def content(self, name):
        with open(os.path.join(self.server.directory, name), "rb") as file:
            return file.read()

    def etag(self, content):
        return f'"{len(content):x}-{content[:1].hex()}"'

    def head(self, status, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, str(value))
        self.end_headers()

    def drop(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def send_page(self, status, page):
        self.head(status, ("Content-Type", "text/html"), ("Content-Length", len(page)))
        self.wfile.write(page)

    def range_from(self, content):
        """The first octet asked for, or None for a whole file."""
        wanted = self.headers.get("Range")
        known = self.headers.get("If-Range", self.etag(content))
        if wanted is None or known != self.etag(content):
            return None
        return int(wanted.removeprefix("bytes=").split("-")[0])

    def send_file(self, name, body_max=None, etag=True):
        content = self.content(name)
        first = self.range_from(content)
        headers = [("ETag", self.etag(content))] if etag else []
        if first is None:
            body, status = content, 200
        elif first >= len(content):
            self.head(416, ("Content-Length", 0))
            return
        else:
            body, status = content[first:], 206
            wanted = self.headers["Range"].split("-")[1]
            if wanted:
                body = content[first : int(wanted) + 1]
            last = first + len(body) - 1
            headers.append(("Content-Range", f"bytes {first}-{last}/{len(content)}"))
        self.head(status, ("Content-Length", len(body)), *headers)
        self.wfile.write(body if body_max is None else body[:body_max])

    def fault_cut(self, count, name):
        self.send_file(name, int(count))
        self.drop()

    def fault_cut_once(self, count, name):
        if self.server.first_time(self.path):
            self.fault_cut(count, name)
        else:
            self.send_file(name)

    def fault_stall(self, count, name):
        self.send_file(name, int(count))
        self.server.over.wait()

    def fault_trickle(self, name):
        content = self.content(name)
        self.head(200, ("Content-Length", len(content)))
        for octet in content:
            self.wfile.write(bytes([octet]))
            if self.server.over.wait(0.2):
                return

    def fault_silent(self):
        self.server.over.wait()

    def fault_close(self):
        self.drop()

    def fault_lie(self, count, name):
        self.head(200, ("Content-Length", count))
        self.wfile.write(self.content(name))
        self.drop()

    def fault_short(self, count, name):
        self.head(200, ("Content-Length", count))
        self.wfile.write(self.content(name)[: int(count)])

    def fault_endless(self):
        self.head(200, ("Connection", "close"))
        while not self.server.over.is_set():
            self.wfile.write(bytes(65536))

    def fault_chunked(self, name):
        content = self.content(name)
        self.head(200, ("Transfer-Encoding", "chunked"))
        for at in range(0, len(content), 1000):
            piece = content[at : at + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def fault_until_close(self, name):
        self.head(200, ("Connection", "close"))
        self.wfile.write(self.content(name))
        self.drop()

    def fault_no_range(self, name):
        content = self.content(name)
        self.head(200, ("Content-Length", len(content)))
        self.wfile.write(content)

    def fault_wrong_range(self, name):
        content = self.content(name)
        if "Range" not in self.headers:
            self.fault_no_range(name)
            return
        last = len(content) - 1
        self.head(
            206,
            ("Content-Length", len(content)),
            ("Content-Range", f"bytes 0-{last}/{len(content)}"),
        )
        self.wfile.write(content)

    def fault_unasked_range(self, name):
        content = self.content(name)
        self.head(
            206,
            ("Content-Length", 10),
            ("Content-Range", f"bytes 0-9/{len(content)}"),
        )
        self.wfile.write(content[:10])

    def fault_refuse_range(self, name):
        if "Range" in self.headers:
            self.head(416, ("Content-Length", 0))
        else:
            self.send_file(name)

    def fault_no_etag(self, name):
        self.send_file(name, etag=False)

    def fault_html(self, _name="page"):
        self.send_page(200, SIGN_IN_PAGE)

    def fault_status(self, status):
        self.send_page(int(status), b"<html>%s</html>" % status.encode())

    def fault_busy_once(self, after, name):
        if self.server.first_time(self.path):
            self.head(503, ("Retry-After", after), ("Content-Length", 0))
        else:
            self.send_file(name)

    def fault_garbage(self):
        self.wfile.write(b"220 mail.example ESMTP ready\r\n")
        self.drop()

    def fault_endless_header(self):
        self.send_response(200)
        line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
        self.flush_headers()
        while not self.server.over.is_set():
            self.wfile.write(line)

    def fault_redirect(self, to):
        self.head(302, ("Location", to), ("Content-Length", 0))

    def log_message(self, *_):
        pass


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def new_key(path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]


def sign_for_the_future(directory, ca, ca_key, request, certificate):
    """Only `openssl ca` can set the day on which a certificate begins."""
    config = os.path.join(directory, "ca.cnf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={directory}/index.txt\nnew_certs_dir={directory}\n"
            "rand_serial=yes\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\n"
        )
    open(os.path.join(directory, "index.txt"), "w", encoding="utf-8").close()
    days = ["-startdate", "20990101000000Z", "-enddate", "20991231000000Z"]
    authority = ["-config", config, "-cert", ca, "-keyfile", ca_key]
    openssl("ca", "-batch", *authority, *days, "-in", request, "-out", certificate)


def tls_context(directory, kind):
    """A server's context whose certificate is of `kind`; leaves ca.pem in `directory`."""
    ca, ca_key, key, request, certificate = (
        os.path.join(directory, name)
        for name in ("ca.pem", "ca.key", "server.key", "server.csr", "server.pem")
    )
    openssl("req", "-x509", *new_key(ca_key), "-subj", "/CN=test authority", "-out", ca)
    name = "elsewhere.example" if kind == "other-name" else "localhost"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    if kind == "self-signed":
        openssl("req", "-x509", *new_key(key), *subject, "-out", certificate)
    else:
        openssl("req", *new_key(key), *subject, "-out", request)
    if kind == "future":
        sign_for_the_future(directory, ca, ca_key, request, certificate)
    elif kind != "self-signed":
        days = "-1" if kind == "expired" else "30"
        signing = ["-CA", ca, "-CAkey", ca_key, "-days", days, "-copy_extensions", "copy"]
        openssl("x509", "-req", "-in", request, *signing, "-out", certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory, tls):
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = loopback.listen()
        self.directory = directory
        self.tls = tls
        self.over = threading.Event()
        self.seen = set()

    def url(self):
        start = "https://localhost" if self.tls else "http://127.0.0.1"
        return f"{start}:{self.socket.getsockname()[1]}"

    def first_time(self, path):
        before = path in self.seen
        self.seen.add(path)
        return not before

    # In the connection's own thread, so that a client that says nothing holds nobody up.
    def finish_request(self, request, client_address):
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    # A client that leaves is what these faults are for.
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def main():
    directory, *rest = sys.argv[1:]
    loopback.die_with_parent()
    loopback.exit_on_sigterm()
    server = Server(directory, tls_context(directory, rest[1]) if rest[:1] == ["--tls"] else None)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    loopback.announce(server.url())
    loopback.wait_until_told()
    server.over.set()


if __name__ == "__main__":
    main()
