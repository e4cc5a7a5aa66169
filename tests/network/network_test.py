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
from scenarios import FALLBACK, IMAGE, NAMELESS, OUTSIDE, OUTSIDE6, SCENARIOS, SOURCES, WORLD  # noqa: E402

PAGE = HERE.parents[1] / "docs/connectivity.md"
BEGIN, END = "<!-- measured by tests/network -->", "<!-- end of what was measured -->"
PROGRAMS = {"ip": "iproute2", "ping": "iputils-ping", "nginx": "nginx-light", "dnsmasq": "dnsmasq-base",
            "tinyproxy": "tinyproxy-bin", "faketime": "faketime", "openssl": "openssl"}
AT_ONCE = 8  # they wait more than they work
SCENARIO_S = 240
# What is made for both images: version, size in bytes. The firmware is large enough for something to happen in its middle.
IMAGES = {IMAGE: ("1.22.1", 400_000), FALLBACK: ("1.9.3", 98_304)}
IMAGE_BYTES = IMAGES[IMAGE][1]


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
    names = ",".join([*(f"DNS:{name}" for name in WORLD), *(f"IP:{address}" for address in NAMELESS)])
    for name, authority in (("world", "authority"), ("foreign", "interceptor")):
        openssl("req", *key(name), "-subj", "/CN=firmware.example", "-addext", f"subjectAltName={names}", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-days", "30",
                "-copy_extensions", "copy", "-out", f"{name}.pem")
    openssl("req", "-x509", *key("portal"), "-subj", "/CN=portal.example", "-days", "30", "-out", "portal.pem")


def prepare(shared, program):
    """What scenarios.py calls `shared`: certificates, and what the web servers serve."""
    shared.chmod(0o755)  # lastgood comes here as nobody
    make_certificates(shared / "certificates")
    (shared / "www/images").mkdir(parents=True)
    for name, (version, size) in IMAGES.items():
        image = shared / "www" / name
        subprocess.run([program, "--quiet", "simulate", "image", "micropython", image, "--image-version", version, "--size",
                        str(size)], check=True)
        shutil.copy(image, shared / "www/images" / digest_of(image))  # as a store has it


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# One scenario, inside its namespaces.


def firmware(lab, table, name, urls):
    version, size = IMAGES[name]
    return (f'name = "micropython"\nversion = "{version}"\nchip = "esp8266"\n[[{table}.part]]\noffset = 0x0\n'
            f'urls = {json.dumps([url.replace(IMAGE, name) for url in urls])}\n'
            f'sha256 = "{digest_of(lab.shared / "www" / name)}"\nsize = {size}\n[{table}.flash]\nsize = "detect"\n'
            f'[{table}.health]\nkind = "micropython"\nversion = "{version}"\nsettle_s = 1\n')


def write_manifest(lab, urls):
    (lab.home / "bench.toml").write_text('schema = 1\nname = "bench"\n[board]\nchip = "esp8266"\n'
                                         'serial = ["sim:board.flash?flash=4MB"]\n[board.lines]\nkind = "none"\n')
    (lab.home / "manifest.toml").write_text('schema = 1\nname = "lab"\nrecipe = "./bench.toml"\n[firmware]\n' +
                                            firmware(lab, "firmware", IMAGE, urls) + "[[fallback]]\n" +
                                            firmware(lab, "fallback", FALLBACK, urls))


def give_beforehand(lab, what):
    """The firmware, in the store as an earlier run left it, or in a bundle. Returns what is to be provisioned."""
    shutil.copytree(lab.shared / "www/images", lab.home / "state/images")
    if what == "store":
        return "manifest.toml"
    bundle = lab.start_lastgood("--json", "bundle", "manifest.toml", "--output", "lab.tar.zst")
    finish(bundle, "bundle")
    shutil.rmtree(lab.home / "state")
    return "lab.tar.zst"


def finish(process, what):
    out, err = process.communicate(timeout=SCENARIO_S)
    events = [json.loads(line) for line in out.splitlines()]
    told = [line for line, event in zip(out.splitlines(), events) if event["event"] != "progress"]
    print(f"$ lastgood {what}", *told, err, f"(exit code {process.returncode})", sep="\n", file=sys.stderr)
    return events


def source_of(lab, events):
    """Who sent the end of the firmware, by the servers' own words; nobody: \"\"."""
    stages = {event["stage"]: event["text"] for event in events if event["event"] == "stage"}
    if stages.get("fetch", "").endswith("from the store"):
        return "bundle" if "bundle" in stages else "store"
    paths = (f"/{IMAGE}", f"/images/{digest_of(lab.shared / 'www' / IMAGE)}")
    for node in lab.nodes.values():
        for address, name, path, status, length, ranged in node.requests():
            first = int(ranged.removeprefix("bytes=").split("-")[0]) if status == 206 else 0
            if path in paths and status in (200, 206) and first + length == IMAGE_BYTES:
                return SOURCES[name] + (", through the proxy" if address in (OUTSIDE, OUTSIDE6) else "")
    return ""


def measure(scenario, lab, wanted):
    measured = {}
    measured["ping"], said = lab.ping()
    print(f"$ ping …\n{said}", file=sys.stderr)
    settings = {"environment": scenario.environment, "clock": scenario.clock}
    # The board's time is virtual; the network's, and the clock that certificates are judged by, are not.
    doctor = lab.start_lastgood("--json", "doctor", "network", scenario.urls[0], **settings)
    measured["verdict"] = next(event["verdict"] for event in finish(doctor, "doctor network") if event["event"] == "network")
    measured["diagnosed"] = doctor.returncode
    provision = lab.start_lastgood("--json", "provision", "--virtual-time", *scenario.options, wanted,
                                   **settings)
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
    wanted = give_beforehand(lab, scenario.given) if scenario.given else "manifest.toml"
    try:
        print(json.dumps(measure(scenario, lab, wanted)))
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


def table(scenarios, results):
    lines = ["| network | ping | lastgood's verdict | exit code | `provision` | firmware from |", "|---|---|---|---|---|---|"]
    for scenario, measured in zip(scenarios, results):
        ping = "yes" if measured["ping"] else "no"
        downloads = measured["diagnosed"] == 0 or measured["source"].startswith("first URL")
        if measured["ping"] != downloads:
            ping = f"**{ping}**"
        lines.append(f"| {scenario.network} | {ping} | `{measured['verdict']}` | {measured['diagnosed']} | "
                     f"{measured['provisioned']} | {measured['source'] or 'nowhere'} |")
    return "\n".join(lines) + "\n"


def check_page(text, write):
    before, rest = PAGE.read_text().split(BEGIN + "\n")
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

    # Those in which something happens take longest.
    begun = {s.name: asyncio.create_task(one(s)) for s in sorted(scenarios, key=lambda s: not s.during)}
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
    if passed and len(chosen) == len(SCENARIOS):
        passed = check_page(table(chosen, [measured for _, measured in results]), arguments.write_table)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
