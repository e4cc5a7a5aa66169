# SPDX-License-Identifier: MIT
"""Network namespaces with real servers, seen from inside: this process is root of a network, a mount and a PID namespace of
its own (network_test.py makes them), so nothing here reaches the host, and all of it ends with this process."""
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

# What a host's set-up says about its network. Replaced in this mount namespace; the rest of /etc is the host's.
PRIVATE = ("apt", "environment", "hosts", "lastgood", "netns", "nsswitch.conf", "resolv.conf", "ssl")
WAIT_S = 60  # for anything that will happen on a slow machine too
NOBODY = "65534"

NGINX = """
{user}
worker_processes 1;
error_log {work}/error.log;
pid {work}/pid;
events {{ worker_connections 64; }}
http {{
  log_format fields '$remote_addr $host $uri $status $body_bytes_sent "$http_range"';
  access_log {work}/access.log fields;
  default_type application/octet-stream;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  {servers}
}}
"""


def run(argv, **arguments):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=WAIT_S, check=False, **arguments)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_until(condition, what):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {WAIT_S} s still not: {what}")
        time.sleep(0.02)


class Server:
    """One of nginx's: `tls` names a certificate of network_test.py's, `rules` are nginx's own words."""

    def __init__(self, names, listen, rules, tls=None):
        self.names, self.listen, self.rules, self.tls = names, listen, rules, tls

    def text(self, certificates):
        tls = ""
        if self.tls:
            tls = f"ssl_certificate {certificates}/{self.tls}.pem; ssl_certificate_key {certificates}/{self.tls}.key;"
        listen = " ".join(f"listen {address}{' ssl' if self.tls else ''};" for address in self.listen)
        return f"server {{ {listen} server_name {self.names}; {tls} {self.rules} }}\n"


class Node:
    """A computer: a network namespace, its addresses and what runs there."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.work = lab.work / name
        self.work.mkdir()
        run(["ip", "netns", "add", name])
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        return run(["ip", "-n", self.name, *arguments])

    def inside(self, *argv):
        return ["ip", "netns", "exec", self.name, *argv]

    def set(self, setting, value):
        """set("net/ipv4/ip_forward", 1)"""
        run(self.inside("sh", "-c", f"echo {value} >/proc/sys/{setting}"))

    def resolver(self, text):
        """This node's own /etc/resolv.conf."""
        own = Path("/etc/netns", self.name)
        own.mkdir(parents=True, exist_ok=True)
        (own / "resolv.conf").write_text(text)

    def listens(self, tcp_port):
        return run(self.inside("ss", "-Hltn", f"sport = :{tcp_port}")).strip()

    def serve(self, *servers):
        """Listens when this returns: nginx goes into the background after that."""
        text = NGINX.format(user="user root;", work=self.work, servers="".join(s.text(self.lab.certificates) for s in servers))
        (self.work / "nginx.conf").write_text(text)
        (self.work / "access.log").touch()
        run(self.inside("nginx", "-p", self.work, "-e", f"{self.work}/error.log", "-c", f"{self.work}/nginx.conf"))

    def name_server(self, *options):
        """Answers on every address of this node when this returns. Asks nobody else: an unknown name does not exist."""
        run(self.inside("dnsmasq", "--conf-file=/dev/null", "--user=root", "--group=", f"--pid-file={self.work}/dns.pid",
                        "--no-resolv", "--no-hosts", "--log-facility=/dev/null", "--local=/#/", *options))

    def proxy(self, tcp_port, *lines):
        configuration = [f"Port {tcp_port}", "Timeout 60", "MaxClients 20", f'LogFile "{self.work}/proxy.log"', *lines]
        (self.work / "tinyproxy.conf").write_text("\n".join(configuration) + "\n")
        run(self.inside("tinyproxy", "-c", f"{self.work}/tinyproxy.conf"))
        wait_until(lambda: self.listens(tcp_port), "the proxy listens")

    def requests(self):
        """What nginx has answered: (client's address, name, path, status, bytes of the body, Range)."""
        log = self.work / "access.log"
        for line in log.read_text().splitlines() if log.exists() else []:
            words, ranged = line.split(' "', 1)
            address, name, path, status, length = words.split()
            yield address, name, path, int(status), int(length), ranged.rstrip('"')


class Lab:
    def __init__(self, work, shared, program):
        self.work, self.shared = Path(work), Path(shared)
        self.certificates = self.shared / "certificates"
        self.nodes = {}
        self._cut_off()
        self.program = self.work / "lastgood"
        self.program.touch()
        run(["mount", "--bind", program, self.program])
        self.home = self.work / "home"
        self.home.mkdir()
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.home), "TZ": "UTC", "LC_ALL": "C.UTF-8",
                            "STATE_DIRECTORY": str(self.home / "state"), "NO_COLOR": "1"}
        self.client = self.node("client")

    def _cut_off(self):
        """A view of the file system that says nothing of the host's network, and in which anything may be written."""
        run(["mount", "--make-rprivate", "/"])
        run(["mount", "-t", "tmpfs", "-o", "mode=755", "lab", self.work])
        for directory in ("/run", "/dev/shm"):
            run(["mount", "-t", "tmpfs", "-o", "mode=1777", "lab", directory])
        host, view = self.work / "etc-of-the-host", self.work / "etc"
        for directory in (host, view, view / "ssl/certs", view / "lastgood", view / "apt/apt.conf.d", view / "netns"):
            directory.mkdir(parents=True)
        run(["mount", "--bind", "/etc", host])
        for entry in sorted(os.listdir(host)):
            if entry not in PRIVATE:
                (view / entry).symlink_to(host / entry)
        (view / "ssl/openssl.cnf").symlink_to(host / "ssl/openssl.cnf")
        shutil.copy(self.certificates / "authority.pem", view / "ssl/certs/ca-certificates.crt")
        (view / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        (view / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (view / "resolv.conf").write_text("")
        (view / "environment").write_text("")
        run(["mount", "--bind", view, "/etc"])

    def node(self, name):
        self.nodes[name] = Node(self, name)
        return self.nodes[name]

    def link(self, *ends):
        """Two ends: (node, interface, address/length...)."""
        (a, a_name, *_), (b, b_name, *_) = ends
        run(["ip", "link", "add", "name", a_name, "netns", a.name, "type", "veth", "peer", "name", b_name, "netns", b.name])
        for node, interface, *addresses in ends:
            for address in addresses:
                # An address that is looked for on the link first would not be usable at once.
                node.ip("address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))
            node.ip("link", "set", interface, "up")

    def ping(self):
        """The incumbent's question."""
        command = "ping -q -w1 -c1 $(ip r | grep default | cut -d' ' -f3 | head -n1)"
        done = subprocess.run(self.client.inside("sh", "-c", command), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=WAIT_S, check=False)
        return done.returncode == 0, done.stdout + done.stderr

    def start_lastgood(self, *arguments, environment=None, clock=""):
        """As nobody, without a single capability: no raw socket can be opened. `clock`: in faketime's words."""
        identity = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        if int(Path("/proc/self/uid_map").read_text().split()[2]) > int(NOBODY):  # not so where a plain user is root here
            run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.home])
            identity += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        faked = ["env", "NO_FAKE_STAT=1", "faketime", "-m", "--exclude-monotonic", "-f", clock] if clock else []
        return subprocess.Popen(self.client.inside("setpriv", *identity, *faked, self.program, *arguments), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.home,
                                env={**self.environment, **(environment or {})})

    def received(self):
        """Bytes that the client got through its first interface."""
        return json.loads(self.client.ip("-s", "-j", "link", "show", "dev", "usb0"))[0]["stats64"]["rx"]["bytes"]

    def when_received(self, count):
        before = self.received()
        wait_until(lambda: self.received() >= before + count, f"{count} bytes have come in")
