#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A report as HTML, in a real browser: html_test.py PROGRAM

A run on a simulated board, and the same with hostile texts put into its record. Chromium says what it makes of the pages: the
console's errors, what is fetched or run, whether something is wider than the window, and the numbers in the tables.
"""
import contextlib
import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = None
BENCH = Path(__file__).resolve().parent.parent / "cli/bin/make-bench"
WIDTHS = (360, 1280)
HOSTILE = "<script>window.hit=1</script>\"><img src=x onerror=\"window.hit=2\">'&lt;\x1b[2J\u202e\u2066</pre></style></svg>" + "W" * 300

# Runs in a copy of the page whose Content-Security-Policy was taken out: nothing must happen even without it.
PROBE = """
<script>
window.hit = 0; window.errors = [];
window.addEventListener('error', (event) => window.errors.push(String(event.message)));
window.addEventListener('load', () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const wide = all('main *, header *, nav *').filter((element) => {
    for (let up = element.parentElement; up; up = up.parentElement)
      if (['auto', 'hidden', 'scroll'].includes(getComputedStyle(up).overflowX) || up.tagName === 'svg') return false;
    return element.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
  });
  parent.postMessage(JSON.stringify({
    page: 'NAME', width: innerWidth, hit: window.hit, errors: window.errors,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: wide.map((element) => element.tagName + '.' + element.className + '#' + element.id),
    fetched: performance.getEntriesByType('resource').map((entry) => entry.name),
    scripts: all('script').length, strangers: all('img,iframe,object,embed,link,form,input,base').length,
    landmarks: ['header', 'nav', 'main', 'footer'].map((name) => all('body > ' + name).length),
    sections: all('main > section').length, nav: all('nav a').length,
    unlabelled: all('section').filter((s) => !document.getElementById(s.getAttribute('aria-labelledby'))).length
      + all('svg[role=img]').filter((s) => !s.getAttribute('aria-label')).length
      + all('table').filter((t) => !t.caption || [...t.querySelectorAll('th')].some((th) => !th.scope)).length
      + all('nav a').filter((a) => !document.querySelector(a.getAttribute('href'))).length,
    headings: all('h1').length,
    stages: all('#stage-table tbody tr').length, bars: all('#stages svg rect').length,
    probes: all('#probe-table tbody tr').length, states: all('#state-table tbody tr').length,
    fates: Object.fromEntries(all('#sector-table tbody tr').map((r) => [r.dataset.fate, Number(r.cells[2].textContent)])),
    title: document.title, language: document.documentElement.lang,
  }), '*');
});
</script>
"""


def chromium(directory, page, *options):
    """The document as Chromium leaves it, and the lines of its console."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
               f"--user-data-dir={directory / 'profile'}", "--enable-logging=stderr", "--window-size=1700,1200", *options,
               "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    console = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    return done.stdout.decode(errors="replace"), console


def hostile_rows():
    wire = (HOSTILE.encode() + b"\xff\xfe\x00\x08\x9b").hex()
    return [
        ("begin", {"lastgood": HOSTILE, "host": HOSTILE, "release": HOSTILE, "architecture": HOSTILE, "resumed": True}),
        ("stage", {"stage": HOSTILE, "outcome": "fail", "text": HOSTILE, "details": [HOSTILE], "began_ms": 0}),
        ("wire", {"heard_bytes": 1, "sent_bytes": 1, "events": [{"at_us": 1, "heard": wire}, {"at_us": 2, "sent": wire}]}),
        ("probe", {"subject": HOSTILE, "url": "http://h/" + HOSTILE, "via": HOSTILE, "outcome": HOSTILE, "text": HOSTILE,
                   "hint": HOSTILE}),
        ("verdict", {"stage": HOSTILE, "firmware": HOSTILE, "name": HOSTILE, "good": False, "cause": HOSTILE, "summary": HOSTILE,
                     "remedy": HOSTILE, "notes": [HOSTILE], "lines": [HOSTILE]}),
        ("download", {"title": HOSTILE, "artifacts": 1, "bytes_received": 1, "rejected": [HOSTILE], "error": HOSTILE}),
        ("hint", {"text": HOSTILE}),
        ("text", {"title": HOSTILE, "text": HOSTILE}),
        (HOSTILE, {"text": HOSTILE}),
    ]


class HtmlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = Path(tempfile.mkdtemp(prefix="lastgood-report-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        (cls.directory / "bin").mkdir()
        (cls.directory / "bin/lastgood").symlink_to(PROGRAM)
        cls.environment = {**os.environ, "STATE_DIRECTORY": str(cls.directory / "state"), "LASTGOOD_DATA": str(cls.directory),
                           "LASTGOOD_CONFIG": str(cls.directory / "none"), "PATH": f"{cls.directory}/bin:{os.environ['PATH']}"}
        subprocess.run([BENCH], cwd=cls.directory, env=cls.environment, check=True)
        cls.lastgood("-q", "provision", "--virtual-time", "older.toml")
        cls.lastgood("-q", "provision", "--virtual-time", "looping.toml", status=8)
        cls.reports = {"plain": cls.write_page("plain")}
        cls.make_hostile()
        cls.reports["hostile"] = cls.write_page("hostile")
        cls.look()

    @classmethod
    def lastgood(cls, *words, status=0):
        done = subprocess.run([PROGRAM, *words], cwd=cls.directory, env=cls.environment, capture_output=True, timeout=60, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout

    @classmethod
    def make_hostile(cls):
        with contextlib.closing(sqlite3.connect(cls.directory / "state/lastgood.db")) as record:
            for kind, content in hostile_rows():
                record.execute("INSERT INTO evidence (run, kind, at, content) VALUES (2, ?, 0, ?)",
                               (kind, json.dumps({"offset_ms": 5, **content})))
            record.execute("UPDATE runs SET manifest_name = ?1, manifest_source = ?1, serial_device = ?1, outcome = ?1 WHERE id = 2",
                           (HOSTILE,))
            record.execute("UPDATE transitions SET detail = ? WHERE run = 2", (HOSTILE,))
            record.commit()

    @classmethod
    def write_page(cls, name):
        """The page as it is, a copy with the probe in it, and what the same report says as JSON."""
        page = cls.directory / f"{name}.html"
        cls.lastgood("show", "2", "--html", str(page))
        text = page.read_bytes().decode("utf-8")  # valid, whatever came in
        copy, policies = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', PROBE.replace("NAME", name), text)
        assert policies == 1
        (cls.directory / f"{name}-copy.html").write_text(copy, encoding="utf-8")
        return json.loads(cls.lastgood("show", "2", "--json"))

    @classmethod
    def look(cls):
        """All pages in frames of one document: one start of the browser."""
        frames = "".join(f'<iframe src="{name}.html" style="width:{width}px;height:600px;border:0"></iframe>'
                         for page in cls.reports for name in (page, page + "-copy") for width in WIDTHS)
        outer = cls.directory / "outer.html"
        outer.write_text(f"<!doctype html><title>t</title>{frames}<script>onmessage = (event) => {{"
                         "const said = document.createElement('pre'); said.className = 'said';"
                         "said.textContent = event.data; document.body.append(said); };</script>", encoding="utf-8")
        dom, cls.console = chromium(cls.directory, outer, "--virtual-time-budget=4000")
        cls.said = [json.loads(html.unescape(text)) for text in re.findall(r'<pre class="said">(.*?)</pre>', dom, re.S)]

    def check(self, name):
        report = self.reports[name]
        said = [one for one in self.said if one["page"] == name]
        self.assertEqual(sorted(one["width"] for one in said), sorted(WIDTHS))
        kinds = [item["kind"] for item in report["evidence"]]
        for one in said:
            with self.subTest(page=name, width=one["width"]):
                self.assertEqual((one["hit"], one["errors"], one["fetched"]), (0, [], []))
                self.assertEqual((one["scripts"], one["strangers"]), (1, 0), "the probe's own script alone")
                self.assertEqual((one["overflow"], one["wide"]), (0, []))
                self.assertEqual(one["landmarks"], [1, 1, 1, 1])
                self.assertEqual((one["headings"], one["unlabelled"], one["language"]), (1, 0, "en"))
                self.assertEqual(one["sections"], one["nav"])
                self.assertEqual(one["fates"], report["flash"]["sectors"])
                self.assertEqual(one["stages"], kinds.count("stage"))
                self.assertEqual(one["bars"], kinds.count("stage"))
                self.assertEqual(one["probes"], kinds.count("probe"))
                self.assertEqual(one["states"], len(report["states"]))
        return said

    def test_the_browser_has_nothing_to_complain_about(self):
        self.assertEqual(self.console, [])

    def test_a_rollback_is_shown_at_every_width(self):
        said = self.check("plain")
        self.assertEqual(said[0]["title"], "lastgood run 2, looping: Rolled back")

    def test_hostile_texts_do_nothing(self):
        self.check("hostile")


if __name__ == "__main__":
    if not shutil.which("chromium"):
        if os.environ.get("CI") == "true":
            sys.exit("missing in CI: chromium (scripts/install-dependencies test)")
        print("[ LEFT OUT ] not at hand: chromium (scripts/install-dependencies test)")
        sys.exit(0)
    PROGRAM = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
