# SPDX-License-Identifier: MIT
"""The networks of the lab, and what is expected in each: the table SCENARIOS.

client --usb0-- gateway --wan0-- world. The gateway is a telephone, a router or a teacher's computer that shares its connection,
and serves a plain mirror itself. A scenario takes the whole network and breaks one thing.
"""
from dataclasses import dataclass, field
from typing import Callable

from lab import Server, wait_until

GATEWAY, CLIENT, CLIENT_LATER = "192.168.42.129", "192.168.42.2", "192.168.42.3"
GATEWAY6, CLIENT6 = "fd42::1", "fd42::2"
OUTSIDE, OUTSIDE6 = "198.51.100.1", "2001:db8::1"  # the gateway's side of the world
BEYOND, BEYOND6 = "198.51.100.2", "2001:db8::2"
ELSEWHERE = "192.168.43.1"  # a second gateway
PROXY = "192.168.42.8"
# Names of the world, their IPv4 and IPv6 addresses: servers of firmware, and those that lastgood asks for a known answer.
WORLD = {
    "firmware.example": ("198.51.100.10", "2001:db8::10"),
    "mirror.example": ("198.51.100.20", "2001:db8::20"),
    "network-test.debian.org": ("198.51.100.81", "2001:db8::81"),
    "detectportal.firefox.com": ("198.51.100.82", "2001:db8::82"),
    "nmcheck.gnome.org": ("198.51.100.83", "2001:db8::83"),
}
NAMELESS = ("1.1.1.1", "8.8.8.8", "2606:4700:4700::1111")
IMAGE, FALLBACK = "firmware.bin", "fallback.bin"
ORIGIN = f"https://firmware.example/{IMAGE}"
MIRROR = f"https://mirror.example/{IMAGE}"
TEACHER = f"http://teacher.example/{IMAGE}"
SOURCES = {"firmware.example": "first URL", "mirror.example": "mirror", "teacher.example": "plain mirror in the room",
           GATEWAY: "plain mirror in the room"}
KNOWN_ANSWERS = {"network-test.debian.org": "NetworkManager is online", "detectportal.firefox.com": "success",
                 "nmcheck.gnome.org": "NetworkManager is online"}
SIGN_IN = "<!DOCTYPE html><html><title>Welcome</title><a href=/accept>I agree</a></html>"


def records(*, v4=True, v6=True):
    options = []
    for name, (address, address6) in WORLD.items():
        addresses = [address] * v4 + [address6] * v6
        options.append(f"--host-record={','.join([name, *addresses])}")
    return [*options, *([f"--host-record=teacher.example,{GATEWAY}"] if v4 else [])]


def files(lab):
    return f"root {lab.shared}/www;"


def world_servers(lab, rules="", tls="world", down=(), socket=""):
    """The firmware's server with `rules`, a mirror and the known answers. `tls`: the certificate that is shown; `down`: who
    listens on no tcp_port at all; `socket`: nginx's words for the firmware's."""
    sites = {name: f"default_type text/plain; return 200 '{text}\\n';" for name, text in KNOWN_ANSWERS.items()}
    sites.update({"firmware.example": rules or files(lab), "mirror.example": files(lab)})
    for tcp_port, certificate in ((80, None), (443, tls)):
        for name, what in sites.items():
            options = socket if name == "firmware.example" else ""
            listen = [f"{host}:{tcp_port} {options}" for host in (WORLD[name][0], f"[{WORLD[name][1]}]")]
            if name not in down:
                yield Server(name, listen, what, certificate)
        yield Server("_", [f"{literal(address)}:{tcp_port}" for address in NAMELESS], "return 204;", certificate)


def literal(address):
    return f"[{address}]" if ":" in address else address


def plug_in(lab, address):
    lab.link((lab.client, "usb0", f"{address}/24"), (lab.gateway, "usb0", f"{GATEWAY}/24"))


def computers(lab):
    lab.gateway, lab.world = lab.node("gateway"), lab.node("world")
    plug_in(lab, CLIENT)
    addresses = [address for both in WORLD.values() for address in both] + [*NAMELESS]
    lab.link((lab.gateway, "wan0", f"{OUTSIDE}/24", f"{OUTSIDE6}/64"),
             (lab.world, "wan0", f"{BEYOND}/24", f"{BEYOND6}/64", *(f"{a}/{128 if ':' in a else 32}" for a in addresses)))
    lab.gateway.ip("route", "add", "default", "via", BEYOND)
    lab.gateway.ip("route", "add", "default", "via", BEYOND6)
    lab.world.ip("route", "add", "192.168.0.0/16", "via", OUTSIDE)
    lab.world.ip("route", "add", "fd42::/64", "via", OUTSIDE6)


def default_route(lab):
    lab.client.ip("route", "add", "default", "via", GATEWAY)


def forwarding(lab):
    lab.gateway.set("net/ipv4/ip_forward", 1)
    lab.gateway.set("net/ipv6/conf/all/forwarding", 1)


def teacher(lab):
    lab.gateway.serve(Server(f"teacher.example {GATEWAY}", ["80"], files(lab)))


def whole(lab, **servers):
    """All is well: the client reaches the world through a gateway that answers pings."""
    computers(lab)
    default_route(lab)
    forwarding(lab)
    lab.client.resolver(f"nameserver {GATEWAY}\n")
    lab.gateway.name_server(*records())
    teacher(lab)
    lab.world.serve(*world_servers(lab, **servers))


def usb_tether(lab):
    whole(lab)
    lab.gateway.set("net/ipv4/icmp_echo_ignore_all", 1)


def two_routes(lab, first_metric, second_metric):
    """Another gateway, that answers pings and leads nowhere."""
    whole(lab)
    lab.elsewhere = lab.node("elsewhere")
    lab.link((lab.client, "wlan0", "192.168.43.2/24"), (lab.elsewhere, "wlan0", f"{ELSEWHERE}/24"))
    lab.elsewhere.set("net/ipv4/ip_forward", 1)
    lab.elsewhere.ip("route", "add", "blackhole", "default")
    lab.client.ip("route", "delete", "default")
    lab.client.ip("route", "add", "default", "via", GATEWAY, "metric", str(first_metric))
    lab.client.ip("route", "add", "default", "via", ELSEWHERE, "metric", str(second_metric))


def point_to_point(lab):
    whole(lab)
    lab.gateway.set("net/ipv4/conf/usb0/proxy_arp", 1)
    lab.client.ip("route", "delete", "default")
    lab.client.ip("route", "add", "default", "dev", "usb0")


def only_ipv6(lab):
    computers(lab)
    forwarding(lab)
    lab.client.ip("address", "flush", "dev", "usb0", "scope", "global")
    lab.client.ip("address", "add", f"{CLIENT6}/64", "dev", "usb0", "nodad")
    lab.gateway.ip("address", "add", f"{GATEWAY6}/64", "dev", "usb0", "nodad")
    lab.client.ip("route", "add", "default", "via", GATEWAY6)
    lab.client.resolver(f"nameserver {GATEWAY6}\n")
    lab.gateway.name_server(*records(v4=False))
    lab.world.serve(*world_servers(lab))


def dead_ipv6(lab):
    """The client has an IPv6 address and a default route, and nothing comes back from there."""
    whole(lab)
    lab.client.ip("address", "add", f"{CLIENT6}/64", "dev", "usb0", "nodad")
    lab.gateway.ip("address", "add", f"{GATEWAY6}/64", "dev", "usb0", "nodad")
    lab.client.ip("route", "add", "default", "via", GATEWAY6)
    lab.gateway.ip("-6", "rule", "add", "from", CLIENT6, "iif", "usb0", "blackhole")


def only_proxy(lab, *lines):
    """The gateway lets nobody out and its name server knows no name of the world; a proxy has a foot in both networks."""
    computers(lab)
    default_route(lab)
    lab.gateway.ip("address", "add", f"{PROXY}/24", "dev", "usb0")
    lab.gateway.resolver(f"nameserver {BEYOND}\n")
    lab.gateway.set("net/ipv4/ip_forward", 1)
    lab.gateway.ip("rule", "add", "from", CLIENT, "iif", "usb0", "blackhole")
    lab.client.resolver(f"nameserver {GATEWAY}\n")
    lab.gateway.name_server(f"--listen-address={GATEWAY}", "--bind-interfaces", f"--host-record=teacher.example,{GATEWAY}")
    lab.world.name_server(*records())
    teacher(lab)
    lab.gateway.proxy(8888, f"Listen {PROXY}", *lines)
    lab.world.serve(*world_servers(lab))


def proxy_with_password(lab):
    only_proxy(lab, "BasicAuth pupil secret")


def proxy_in_etc_environment(lab):
    proxy_with_password(lab)
    with open("/etc/environment", "w", encoding="utf-8") as file:
        file.write(f'https_proxy="http://pupil:secret@{PROXY}:8888"\n')


def proxy_of_apt(lab):
    only_proxy(lab)
    with open("/etc/apt/apt.conf.d/80proxy", "w", encoding="utf-8") as file:
        file.write(f'Acquire::http::Proxy "http://{PROXY}:8888/";\n')


def portal(lab, *servers):
    """Whatever address is asked for, the gateway answers; it serves the plain mirror by its own address."""
    computers(lab)
    default_route(lab)
    lab.gateway.ip("link", "set", "wan0", "down")
    lab.gateway.ip("route", "add", "local", "default", "dev", "lo", "table", "main")
    lab.client.resolver(f"nameserver {GATEWAY}\n")
    lab.gateway.name_server(*records())
    lab.gateway.serve(Server("teacher.example", ["80"], files(lab)), *servers)


def portal_redirect(lab):
    portal(lab, Server("portal.example", ["80"], f"default_type text/html; return 200 '{SIGN_IN}';"),
           Server("_", ["80 default_server"], "return 302 http://portal.example/sign-in;"))


def portal_page(lab):
    """HTTPS too, with the portal's own certificate."""
    page = f"default_type text/html; return 200 '{SIGN_IN}';"
    portal(lab, Server("_", ["80 default_server"], page), Server("_", ["443 default_server"], page, "portal"))


def dns_hijack(lab):
    """Every name is the gateway, whose web server has a page for all of them."""
    computers(lab)
    default_route(lab)
    lab.client.resolver(f"nameserver {GATEWAY}\n")
    lab.gateway.name_server(f"--address=/#/{GATEWAY}")
    lab.gateway.serve(Server("teacher.example", ["80"], files(lab)),
                      Server("_", ["80 default_server"], f"default_type text/html; return 200 '{SIGN_IN}';"))


def dns_dead(lab):
    whole(lab)
    lab.gateway.ip("route", "add", "blackhole", "198.51.100.53")
    lab.client.resolver("nameserver 198.51.100.53\noptions timeout:2 attempts:1\n")


def first_name_server_dead(lab):
    whole(lab)
    lab.gateway.ip("route", "add", "blackhole", "198.51.100.53")
    lab.client.resolver(f"nameserver 198.51.100.53\nnameserver {GATEWAY}\n")


def foreign_certificate(lab):
    """Somebody in between speaks TLS for every server, with certificates of an authority of their own."""
    whole(lab, tls="foreign")


def refused(lab):
    whole(lab, down=["firmware.example"])


def unavailable(lab):
    whole(lab, rules="return 503;")


def slow(lab):
    """A whole answer slows down in its middle, for something to happen there; the rest of one comes at once. The server waits 2 s
    for a client that is gone, and little of what it has sent is still under way."""
    middle = "location / { limit_rate_after 100k; if ($http_range = '') { limit_rate 20k; } }"
    whole(lab, rules=f"{files(lab)} send_timeout 2s; {middle}", socket="sndbuf=8k")


def stall(lab):
    """The gateway forwards nothing any more; links and gateway stay up."""
    lab.when_received(MIDDLE)
    lab.gateway.set("net/ipv4/ip_forward", 0)


def cut_and_restore(lab):
    lab.when_received(MIDDLE)
    lab.client.ip("link", "set", "usb0", "down")
    wait_until(lambda: any(path == f"/{IMAGE}" and status == 200 for _, _, path, status, _, _ in lab.world.requests()),
               "the server gives the client up")
    lab.client.ip("link", "set", "usb0", "up")
    default_route(lab)


def plug_in_again(lab):
    """A tether gives another address then; the old connection is told nothing."""
    lab.when_received(MIDDLE)
    lab.client.ip("link", "delete", "usb0")
    plug_in(lab, CLIENT_LATER)
    default_route(lab)


def offline(lab):
    """No link at all; the resolver's configuration is still the last network's."""
    lab.client.resolver(f"nameserver {GATEWAY}\n")


def only_local(lab):
    """A link, a gateway that answers, and nothing behind it."""
    computers(lab)
    default_route(lab)
    lab.gateway.ip("link", "set", "wan0", "down")
    lab.client.resolver(f"nameserver {GATEWAY}\n")
    lab.gateway.name_server(f"--host-record=teacher.example,{GATEWAY}")
    teacher(lab)


MIDDLE = 80_000  # bytes into a download: before it slows down


@dataclass(frozen=True)
class Scenario:
    name: str
    network: str  # for the table
    build: Callable
    ping: bool  # what the incumbent's check says
    verdict: str  # what `lastgood doctor network` says of the first URL …
    diagnosed: int  # … and its exit code
    provisioned: int  # exit code of `lastgood provision`
    source: str  # who delivered, by the servers' logs; "" = nobody
    urls: tuple = (ORIGIN, TEACHER)
    environment: dict = field(default_factory=dict)
    options: tuple = ()  # of `lastgood provision`
    clock: str = ""  # the client's, in faketime's words
    during: Callable = None  # happens while lastgood provisions
    resumed: bool = False  # a server was asked for the rest of the firmware
    given: str = ""  # where the client has the firmware from before: "store", "bundle"


SCENARIOS = [
    Scenario("whole", "all is well", whole, True, "direct", 0, 0, "first URL"),
    Scenario("usb-tether", "USB tether whose gateway drops ICMP", usb_tether, False, "direct", 0, 0, "first URL"),
    Scenario("two-routes", "two default routes, the preferred one leads out", lambda lab: two_routes(lab, 100, 600), True,
             "direct", 0, 0, "first URL"),
    Scenario("two-routes-dead", "two default routes, the preferred one leads nowhere", lambda lab: two_routes(lab, 600, 100),
             True, "local-only", 4, 0, "plain mirror in the room"),
    Scenario("point-to-point", "point-to-point: a default route without a gateway", point_to_point, False, "direct", 0, 0,
             "first URL"),
    Scenario("ipv6-only", "IPv6 only", only_ipv6, False, "direct", 0, 0, "first URL", urls=(ORIGIN,)),
    Scenario("ipv6-dead", "IPv6 that leads nowhere beside IPv4 that works", dead_ipv6, True, "direct", 0, 0, "first URL"),
    Scenario("proxy", "proxy only, named in the environment", only_proxy, True, "via-proxy", 0, 0, "first URL, through the proxy",
             environment={"https_proxy": f"http://{PROXY}:8888"}),
    Scenario("proxy-password", "proxy only, with a password, named in the environment", proxy_with_password, True, "via-proxy", 0,
             0, "first URL, through the proxy", environment={"https_proxy": f"http://pupil:secret@{PROXY}:8888"}),
    Scenario("proxy-no-password", "proxy only, the environment has no password for it", proxy_with_password, True, "server-down",
             4, 0, "plain mirror in the room", environment={"https_proxy": f"http://{PROXY}:8888"}),
    Scenario("proxy-etc-environment", "proxy only, with a password, named in `/etc/environment`", proxy_in_etc_environment, True,
             "via-proxy", 0, 0, "first URL, through the proxy", urls=(ORIGIN,)),
    Scenario("proxy-apt", "proxy only, named in apt's configuration", proxy_of_apt, True, "via-proxy", 0, 0,
             "first URL, through the proxy", urls=(ORIGIN,)),
    Scenario("portal-redirect", "captive portal that redirects", portal_redirect, True, "portal", 4, 0, "plain mirror in the room"),
    Scenario("portal-page", "captive portal that answers everything with its page, HTTPS too", portal_page, True, "portal", 4, 0,
             "plain mirror in the room"),
    Scenario("portal-no-mirror", "captive portal, and no mirror", portal_redirect, True, "portal", 4, 4, "",
             urls=(f"http://firmware.example/{IMAGE}",)),
    Scenario("dns-hijack", "every name resolves to a portal", dns_hijack, True, "portal", 4, 0, "plain mirror in the room"),
    Scenario("dns-dead", "the name server does not answer", dns_dead, True, "dns-broken", 4, 0, "plain mirror in the room",
             urls=(ORIGIN, f"http://{GATEWAY}/{IMAGE}")),
    Scenario("dns-first-dead", "the first of two name servers does not answer", first_name_server_dead, True, "direct", 0, 0,
             "first URL"),
    Scenario("clock-behind", "the clock says 1970", whole, True, "clock-wrong", 4, 0, "plain mirror in the room",
             clock="@1970-01-01 00:05:00"),
    Scenario("clock-ahead", "the clock is ten years ahead", whole, True, "clock-wrong", 4, 0, "plain mirror in the room",
             clock="+3650d"),
    Scenario("foreign-certificate", "somebody in between has a certificate of their own", foreign_certificate, True,
             "tls-intercepted", 4, 0, "plain mirror in the room"),
    Scenario("server-refuses", "the server refuses connections", refused, True, "server-down", 4, 0, "mirror",
             urls=(ORIGIN, MIRROR)),
    Scenario("server-alone", "the server refuses connections, and no mirror", refused, True, "server-down", 4, 4, "",
             urls=(ORIGIN,)),
    Scenario("server-503", "the server answers 503", unavailable, True, "server-down", 4, 0, "mirror", urls=(ORIGIN, MIRROR)),
    Scenario("stall", "the link stalls in mid-download", slow, True, "direct", 0, 0, "plain mirror in the room", during=stall,
             resumed=True),
    Scenario("cut", "the link is cut and restored in mid-download", slow, True, "direct", 0, 0, "first URL",
             during=cut_and_restore, resumed=True),
    Scenario("replug", "the tether is unplugged in mid-download, and plugged in again", slow, True, "direct", 0, 0, "first URL",
             during=plug_in_again, resumed=True),
    Scenario("classroom", "a classroom without Internet, its mirror is the first URL", only_local, True, "direct", 0, 0,
             "plain mirror in the room", urls=(TEACHER,)),
    Scenario("classroom-mirror", "the same, its mirror is a served store (`--mirror`)", only_local, True, "local-only", 4, 0,
             "plain mirror in the room", urls=(ORIGIN,), options=("--mirror", "http://teacher.example/images")),
    Scenario("local-only", "a link with nothing behind its gateway", only_local, True, "local-only", 4, 0,
             "plain mirror in the room"),
    Scenario("offline", "no link", offline, False, "offline", 4, 4, "", urls=(ORIGIN,)),
    Scenario("offline-stored", "no link, the firmware was downloaded before", offline, False, "offline", 4, 0, "store",
             urls=(ORIGIN,), given="store"),
    Scenario("offline-bundle", "no link, a bundle at hand", offline, False, "offline", 4, 0, "bundle", urls=(ORIGIN,),
             given="bundle"),
]
