#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lastgood in networks that are wrong in one way each, beside the check of the script that it replaces.

usage: network_test.py [--write-table] PROGRAM [SCENARIO...]

Every scenario has network, mount and PID namespaces of its own: it changes nothing of this host, sends nothing out, and ends
with this process, however that ends. Root is needed, or a kernel that gives unprivileged users namespaces.
"""
import argparse
import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import loopback  # noqa: E402
from lab import WAIT_S, Lab  # noqa: E402
from scenarios import IMAGE, OUTSIDE, OUTSIDE6, SCENARIOS, SOURCES, WORLD  # noqa: E402

PAGE = HERE.parents[1] / "docs/connectivity.md"
BEGIN, END = "<!-- measured by tests/network -->", "<!-- end of what was measured -->"
PROGRAMS = {"ip": "iproute2", "ping": "iputils-ping", "nginx": "nginx-light", "dnsmasq": "dnsmasq-base",
            "tinyproxy": "tinyproxy-bin", "faketime": "faketime", "openssl": "openssl"}
AT_ONCE = 8  # they wait more than they work
SCENARIO_S = 240
IMAGE_VERSION, IMAGE_BYTES = "1.22.1", 400_000


def unshare():
    """The command that starts another in new namespaces, as root in them."""
    as_root = os.geteuid() == 0
    return ["setpriv", "--pdeathsig", "KILL", "unshare", *([] if as_root else ["--user", "--map-root-user"]), "--net", "--mount",
            "--pid", "--fork", "--kill-child", "--mount-proc"]


def require_lab():
    """Where the lab cannot be, the test says so; in CI that is a failure."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    what = " ".join(package for program, package in PROGRAMS.items() if not shutil.which(program))
    if not what:
        probe = subprocess.run([*unshare(), "ip", "link", "add", "name", "a", "type", "veth", "peer", "name", "b"],
                               capture_output=True, text=True, check=False)
        if probe.returncode == 0:
            return
        what = f"network namespaces (root, or a kernel that gives them to users): {probe.stderr.strip()}"
    if os.environ.get("CI") == "true":
        sys.exit(f"missing in CI: {what}")
    print(f"[ LEFT OUT ] not at hand: {what}")
    sys.exit(0)


# What all scenarios share: certificates, firmware.


def make_certificates(directory):
    """An authority that the client trusts and the world's servers, one that it does not, and a portal's own certificate."""
    directory.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=directory)

    def key(name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]

    for authority in ("authority", "interceptor"):
        openssl("req", "-x509", *key(authority), "-subj", f"/CN=the lab's {authority}", "-days", "30", "-out", f"{authority}.pem")
    names = ",".join(f"DNS:{name}" for name in WORLD)
    for name, authority in (("world", "authority"), ("foreign", "interceptor")):
        openssl("req", *key(name), "-subj", "/CN=firmware.example", "-addext", f"subjectAltName={names}", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-days", "30",
                "-copy_extensions", "copy", "-out", f"{name}.pem")
    openssl("req", "-x509", *key("portal"), "-subj", "/CN=portal.example", "-days", "30", "-out", "portal.pem")


def prepare(shared, program):
    shared.chmod(0o755)  # lastgood comes here as nobody
    make_certificates(shared / "certificates")
    (shared / "www").mkdir()
    subprocess.run([program, "--quiet", "simulate", "image", "micropython", shared / "www" / IMAGE, "--image-version",
                    IMAGE_VERSION, "--size", str(IMAGE_BYTES)], check=True)


# One scenario, inside its namespaces.


def write_manifest(lab, urls):
    image = (lab.shared / "www" / IMAGE).read_bytes()
    (lab.home / "bench.toml").write_text('schema = 1\nname = "bench"\n[board]\nchip = "esp8266"\n'
                                         'serial = ["sim:board.flash?flash=4MB"]\n[board.lines]\nkind = "none"\n')
    (lab.home / "manifest.toml").write_text(
        f'schema = 1\nname = "lab"\nrecipe = "./bench.toml"\n[firmware]\nname = "micropython"\nversion = "{IMAGE_VERSION}"\n'
        f'chip = "esp8266"\n[[firmware.part]]\noffset = 0x0\nurls = {json.dumps(urls)}\n'
        f'sha256 = "{hashlib.sha256(image).hexdigest()}"\nsize = {IMAGE_BYTES}\n[firmware.flash]\nsize = "detect"\n'
        f'[firmware.health]\nkind = "micropython"\nversion = "{IMAGE_VERSION}"\nsettle_s = 1\n')


def fill_store(lab):
    """As an earlier run left it."""
    image = (lab.shared / "www" / IMAGE).read_bytes()
    (lab.home / "state/images").mkdir(parents=True)
    (lab.home / "state/images" / hashlib.sha256(image).hexdigest()).write_bytes(image)


def finish(process, what):
    out, err = process.communicate(timeout=SCENARIO_S)
    events = [json.loads(line) for line in out.splitlines()]
    told = [line for line, event in zip(out.splitlines(), events) if event["event"] != "progress"]
    print(f"$ lastgood {what}", *told, err, f"(exit code {process.returncode})", sep="\n", file=sys.stderr)
    return events


def source_of(lab, events):
    """Who sent the end of the firmware, by the servers' own words; nobody: \"\"."""
    if any(event.get("stage") == "fetch" and event.get("text", "").endswith("from the store") for event in events):
        return "store"
    for node in lab.nodes.values():
        for address, name, path, status, length, ranged in node.requests():
            first = int(ranged.removeprefix("bytes=").split("-")[0]) if status == 206 else 0
            if path == f"/{IMAGE}" and status in (200, 206) and first + length == IMAGE_BYTES:
                return SOURCES[name] + (", through the proxy" if address in (OUTSIDE, OUTSIDE6) else "")
    return ""


def measure(scenario, lab):
    measured = {}
    measured["ping"], said = lab.ping()
    print(f"$ ping …\n{said}", file=sys.stderr)
    settings = {"environment": scenario.environment, "clock": scenario.clock}
    # Nothing on the network knows of virtual time; where the host's clock matters, the board takes its own time too.
    time = [] if scenario.clock else ["--virtual-time"]
    provision = lab.start_lastgood("--json", "provision", "--no-fallback", *time, "manifest.toml", **settings)
    if scenario.during:
        scenario.during(lab)
    events = finish(provision, "provision")
    measured["provisioned"] = provision.returncode
    measured["source"] = source_of(lab, events)
    measured["resumed"] = any(ranged.startswith("bytes=") and ranged.endswith("-") and status == 206
                              for node in lab.nodes.values() for *_, status, _, ranged in node.requests())
    return measured


def be_inside(scenario, shared, program):
    lab = Lab(shared / "work" / scenario.name, shared, program)
    scenario.build(lab)
    write_manifest(lab, scenario.urls)
    if scenario.stored:
        fill_store(lab)
    try:
        print(json.dumps(measure(scenario, lab)))
    finally:
        for node in lab.nodes.values():
            print(*(f"{node.name} answered {request}" for request in node.requests()), sep="\n", file=sys.stderr)


# All of them, from outside.


async def run_scenario(scenario, shared, program, slots):
    """What it measured, or nothing, and what was said meanwhile."""
    async with slots:
        work = shared / "work" / scenario.name
        work.mkdir(parents=True)
        process = await asyncio.create_subprocess_exec(
            *unshare(), sys.executable, __file__, "--inside", shared, program, scenario.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = await asyncio.wait_for(process.communicate(), SCENARIO_S + WAIT_S)
        except asyncio.TimeoutError:
            process.kill()
            out, err = b"", b"not done in time"
        measured = json.loads(out) if process.returncode == 0 else None
        return measured, err.decode(errors="replace")


def differences(scenario, measured):
    for key, value in measured.items():
        expected = getattr(scenario, key)
        if value != expected:
            yield f"{key}: expected {expected!r}, measured {value!r}"


def report(scenario, measured, said):
    wrong = list(differences(scenario, measured)) if measured else ["it broke off"]
    print(f"{'FAILED' if wrong else 'ok    '} {scenario.name}: {scenario.network}")
    if wrong:
        print(*wrong, said, sep="\n  ", flush=True)
    return not wrong


def table(results):
    lines = ["| network | the `ping` says | lastgood's verdict | exit code | `provision` ends with | firmware from |",
             "|---|---|---|---|---|---|"]
    for scenario, measured in results:
        lines.append(f"| {scenario.network} | {'yes' if measured['ping'] else 'no'} | `{measured['verdict']}` | {measured['diagnosed']} | "
                     f"{measured['provisioned']} | {measured['source'] or '–'} |")
    return "\n".join(lines) + "\n"


def check_page(text, write):
    page = PAGE.read_text()
    before, rest = page.split(BEGIN + "\n")
    there, after = rest.split(END)
    if there == text:
        return True
    if write:
        PAGE.write_text(before + BEGIN + "\n" + text + END + after)
        return True
    print(f"FAILED {PAGE.name} does not say what was measured (network_test.py --write-table PROGRAM):\n{text}")
    return False


async def run_all(program, scenarios, shared):
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(scenario):
        measured, said = await run_scenario(scenario, shared, program, slots)
        return report(scenario, measured, said), measured

    # These take longest.
    begun = {s.name: asyncio.create_task(one(s)) for s in sorted(scenarios, key=lambda s: not (s.during or s.clock))}
    return [await begun[scenario.name] for scenario in scenarios]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--write-table", action="store_true")
    parser.add_argument("--inside", metavar="SHARED", help=argparse.SUPPRESS)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    arguments = parser.parse_args()
    chosen = [s for s in SCENARIOS if s.name in arguments.scenarios] or SCENARIOS
    if arguments.inside:
        be_inside(chosen[0], Path(arguments.inside), arguments.program)
        return 0
    require_lab()
    loopback.exit_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="lastgood-network-") as directory:
        prepare(Path(directory), arguments.program)
        results = asyncio.run(run_all(arguments.program, chosen, Path(directory)))
    passed = all(good for good, _ in results)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
