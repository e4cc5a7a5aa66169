#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real program fills its store: two processes download one artifact once, and a teacher's store that a static web server
serves is a classroom's mirror. The images are made by the simulator: this runs in every clone."""
import fcntl
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:1/new.bin"  # nobody listens there
WAIT_S = 100


class HoldingServer(http.server.ThreadingHTTPServer):
    """Sends half of the file, and the rest once it is told to; counts who asks for it."""
    daemon_threads = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.asked = []
        self.half_sent, self.go_on = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    # A client that leaves is part of the story.
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/new.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = self.server.content
        probe = "Range" in self.headers  # for the first octets: it says whether the server can be reached
        if not probe:
            self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:len(content) // 2])
        self.wfile.flush()
        if probe:
            return
        self.server.half_sent.set()
        self.server.go_on.wait(WAIT_S)
        self.wfile.write(content[len(content) // 2:])

    def log_message(self, *_):
        pass


class Fetching(unittest.TestCase):
    program = ""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="lastgood-fetch-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.run_program("-q", "simulate", "image", "micropython", "new.bin", "--image-version", "1.22.1")
        self.image = (self.directory / "new.bin").read_bytes()
        self.digest = hashlib.sha256(self.image).hexdigest()
        (self.directory / "phat.toml").write_text(
            'schema = 1\nname = "phat"\ntitle = "a simulated pHAT"\n[board]\nchip = "esp8266"\n'
            'serial = ["sim:board.flash?flash=4MB"]\n[board.lines]\nkind = "none"\n')

    def manifest(self, *urls):
        (self.directory / "one.toml").write_text(
            'schema = 1\nname = "one"\nrecipe = "./phat.toml"\n[firmware]\nname = "micropython"\nversion = "1.22.1"\n'
            f'chip = "esp8266"\n[[firmware.part]]\noffset = 0\nurls = {json.dumps(urls)}\nsha256 = "{self.digest}"\n'
            f'size = {len(self.image)}\n[firmware.health]\nkind = "micropython"\nversion = "1.22.1"\nsettle_s = 1\n')

    def start(self, *arguments, state="state", **environment):
        clean = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        process = subprocess.Popen([self.program, "--state", state, *arguments], cwd=self.directory, text=True,
                                   env={**clean, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, WAIT_S)
        self.addCleanup(process.kill)
        return process

    def run_program(self, *arguments, status=0, **options):
        process = self.start(*arguments, **options)
        output = process.stdout.read()
        self.assertEqual(process.wait(WAIT_S), status, output)
        return output

    def serve(self, argv):
        server = subprocess.Popen(argv, cwd=self.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.stdin.close)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, WAIT_S)
        self.addCleanup(server.terminate)
        return server.stdout.readline().strip()

    def test_two_processes_download_once(self):
        server = HoldingServer(self.image)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(server.go_on.set)
        self.manifest(server.url())
        (self.directory / "state").mkdir()
        with open(self.directory / "state/lock", "w", encoding="utf-8") as run_elsewhere:
            fcntl.flock(run_elsewhere, fcntl.LOCK_EX)  # a run is going on: that is nothing to fetch
            first = self.start("fetch", "one.toml")
            self.assertTrue(server.half_sent.wait(WAIT_S))
            second = self.start("fetch", "one.toml")
            self.assertIn("direct", second.stdout.readline())
            self.assertIn("another lastgood downloads 'new.bin': waiting for it", second.stdout.readline())
            server.go_on.set()
            self.assertIn("Everything is in the store", first.stdout.read())
            self.assertIn("sha256", second.stdout.read())
            self.assertEqual((first.wait(WAIT_S), second.wait(WAIT_S)), (0, 0))
        self.assertEqual(server.asked, ["/new.bin"])
        self.assertEqual([path.name for path in (self.directory / "state/images").iterdir()], [self.digest])

    def test_killed_holder_leaves_the_rest_to_the_next(self):
        server = HoldingServer(self.image)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(server.go_on.set)
        self.manifest(server.url())
        first = self.start("fetch", "one.toml")
        self.assertTrue(server.half_sent.wait(WAIT_S))
        second = self.start("fetch", "one.toml")
        self.assertIn("direct", second.stdout.readline())
        self.assertIn("waiting for it", second.stdout.readline())
        server.go_on.set()
        first.kill()
        self.assertIn("sha256", second.stdout.read())
        self.assertEqual(second.wait(WAIT_S), 0)
        self.assertEqual([path.name for path in (self.directory / "state/images").iterdir()], [self.digest])

    def test_classroom(self):
        self.manifest(f"file://{self.directory}/new.bin")
        self.run_program("fetch", "one.toml", state="teacher")
        self.manifest(NOWHERE)
        (self.directory / "new.bin").unlink()
        nginx = self.serve([str(SOURCE / "tests/support/serve-directory"), "teacher/images"])
        out = self.run_program("provision", "--no-fallback", "--virtual-time", "one.toml", "--mirror", nginx, state="pupil-1")
        self.assertIn("is known good", out)
        python = self.serve([sys.executable, "-c", "import http.server, socketserver, functools\n"
                             "handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory='teacher/images')\n"
                             "server = socketserver.TCPServer(('127.0.0.1', 0), handler)\n"
                             "print(f'http://127.0.0.1:{server.server_address[1]}', flush=True)\n"
                             "server.serve_forever()"])
        out = self.run_program("fetch", "one.toml", state="pupil-2", LASTGOOD_MIRRORS=f"{NOWHERE} {python}")
        self.assertIn("Everything is in the store: 1 of 1 downloaded", out)
        self.assertIn("connection refused", out)

    def test_mirror_with_other_bytes_is_no_harm(self):
        self.manifest(f"file://{self.directory}/new.bin")
        lying = self.directory / "lying"
        lying.mkdir()
        (lying / self.digest).write_bytes(b"<html>sign in</html>" * 10)
        nginx = self.serve([str(SOURCE / "tests/support/serve-directory"), "lying"])
        out = self.run_program("provision", "--no-fallback", "--virtual-time", "one.toml", "--mirror", nginx)
        self.assertIn("is known good", out)
        report = self.run_program("show", "1")
        self.assertIn(f"instead of the artifact, {nginx}/{self.digest} sent", report)
        self.assertIn(f"sha256 {hashlib.sha256(b'<html>sign in</html>' * 10).hexdigest()}", report)
        self.assertIn("<html>sign in</html><html>", report)


if __name__ == "__main__":
    Fetching.program = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
