#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The project's own rules, each a test: lint.py RULE SOURCE_DIRECTORY. Exit status 1 with one line per finding."""
import re
import sys
from pathlib import Path

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70

# Third-party header -> the one directory of src/ whose .cc files may include it.
THIRD_PARTY = {
    r"<curl/": "http",
    r"<openssl/": "digest",
    r"<sqlite3\.h>": "record",
    r"<gpiod\.h": "device",
    r"<libserialport\.h>": "device",
    r"<CLI/": "cli",
    r"<toml\+\+": "toml",
    r"<nlohmann/": "json",
    r"<libdeflate\.h>": "flash",
    r"<zlib\.h>": "sim",
    r"<zstd": "bundle",
    r"<archive(_entry)?\.h>": "image",
}

# Call -> directories of src/ that may make it (main.cc is "main.cc"), and why the others may not.
BANNED = [
    (r"\bfmt::print\(", set(), "it throws when nothing can be written: report/print.h"),
    (r"\b(steady_clock|system_clock)::now\(|\bclock_gettime\(|\bgettimeofday\(|(?<![\w.>:])time\(nullptr\)", {"host"},
     "only host/ reads a clock"),
    (r"\bsleep_(for|until)\(|\b(u|nano)sleep\(|(?<![\w.>:])sleep\(", {"host"}, "only host/ sleeps"),
    (r"\b(secure_)?getenv\(", {"main.cc", "cli"}, "only main.cc and cli/ read the environment"),
    (r"\bstd::(cout|cerr|clog)\b|(?<![\w:])v?f?printf\(|\bputs\(|\bPrint\((out|err|stdout|stderr|tools)\b", {"main.cc", "cli", "report"},
     "only cli/ and report/ write to a terminal"),
    (r"(?<![\w.>:])(system|popen)\(", set(), "programs get an argument vector"),
    (r"\b(strcpy|strcat|sprintf|gets|atoi|atol|strtok)\(", set(), "unbounded or unchecked"),
    (r"(?<![\w.>:])s?rand\(", set(), "randomness is seeded and injected"),
    (r"\bthrow\b", {"cli"}, "errors are values"),
]


def sources(root, *suffixes):
    return sorted(p for p in (root / "src").rglob("*") if p.suffix in suffixes)


def directory_of(root, path):
    relative = path.relative_to(root / "src")
    return relative.parts[0]


def without_comments(text):
    """Comments and string literals blanked, line structure kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: "".join(c if c == "\n" else " " for c in m.group(0)), text)


def read_layers(root):
    """Directory -> the directories that it may use, in the order of src/CMakeLists.txt."""
    text = re.sub(r"#[^\n]*", "", (root / "src/CMakeLists.txt").read_text())
    layers = {}
    for call in re.finditer(r"^lastgood_library\((.*?)\)", text, re.S | re.M):
        words = call.group(1).split()
        uses = words[words.index("USES") + 1:] if "USES" in words else []
        layers[words[0]] = uses[:uses.index("PACKAGES")] if "PACKAGES" in uses else uses
    return layers


def layers(root):
    allowed = read_layers(root)
    above = []
    for name, uses in allowed.items():
        for used in uses:
            if used not in above:
                yield f"src/CMakeLists.txt: {name} uses {used}, which does not stand above it"
        above.append(name)
    for path in sources(root, ".cc", ".h"):
        directory = directory_of(root, path)
        if directory == "main.cc":
            continue
        if directory not in allowed:
            yield f"{path}: directory {directory} is not in src/CMakeLists.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r'#include "(?:\.\./)*([\w-]+)/', line)
            if include and include.group(1) not in [directory, *allowed[directory]]:
                yield f"{path}:{number}: {directory} includes {include.group(1)}, which it does not list under USES"


def third_party(root):
    for path in sources(root, ".cc", ".h"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for header, directory in THIRD_PARTY.items():
                if not re.match(r"#include " + header, line):
                    continue
                if directory_of(root, path) != directory:
                    yield f"{path}:{number}: {line.split()[1]} belongs into src/{directory} alone"
                elif path.suffix == ".h":
                    yield f"{path}:{number}: a third-party header in a header spreads"


def banned_calls(root):
    for path in sources(root, ".cc", ".h"):
        text = without_comments(path.read_text())
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, allowed, why in BANNED:
                if directory_of(root, path) not in allowed and re.search(pattern, line):
                    yield f"{path}:{number}: {why}: {line.strip()}"


def functions(text):
    """(line, length) of every block that starts at the left margin or one step inside a class."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        opening = re.match(r"^( {0,4})(?!namespace|class|struct|enum|extern|union|\s|//|#|\}).*\{$", line)
        if not opening or re.search(r"=\s*\{$", line):
            continue
        closing = opening.group(1) + "}"
        for end in range(start + 1, len(lines)):
            if lines[end].startswith(closing):
                yield start + 1, end - start + 1
                break


def lengths(root):
    for path in [*sources(root, ".cc", ".h"), *sorted((root / "tests").rglob("*.cc"))]:
        text = path.read_text()
        if len(text.splitlines()) > FILE_LINES_MAX:
            yield f"{path}: {len(text.splitlines())} lines, at most {FILE_LINES_MAX}"
        for line, length in functions(without_comments(text)):
            if length > FUNCTION_LINES_MAX and "tests" not in path.parts:
                yield f"{path}:{line}: a function of {length} lines, at most {FUNCTION_LINES_MAX}"


def words(root):
    """Words that have one meaning here, and marks that are not left behind."""
    for path in sources(root, ".cc", ".h"):
        text = path.read_text()
        if not text.startswith("// SPDX-License-Identifier: MIT"):
            yield f"{path}:1: the licence line is missing"
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            if re.search(r"(?<![\w.>])port\b(?!_)", line):
                yield f"{path}:{number}: 'port' alone; say serial_port or tcp_port"
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                yield f"{path}:{number}: finish it or take it out: {line.strip()}"


def exit_codes(root):
    """The README's table and the manual page's list say what base/exit_code.h says."""
    header = (root / "src/base/exit_code.h").read_text()
    numbers = dict(re.findall(r"(k\w+) = (\d+),", header))
    rows = re.findall(r'ExitCodeRow\{ExitCode::(k\w+),\s*"([^"]+)"\}', header)
    expected = [(numbers[name], meaning) for name, meaning in rows]
    if len(expected) != len(numbers):
        yield f"src/base/exit_code.h: {len(numbers)} codes, {len(expected)} rows"
    readme = re.findall(r"^\| (\d+) \| ([^|]+?) \|$", (root / "README.md").read_text(), re.M)
    if readme != expected:
        yield f"README.md: the exit codes differ: {sorted(set(readme) ^ set(expected))}"
    manual = re.findall(r'^\.It (\d+)\n(.+)$', (root / "docs/lastgood.1").read_text(), re.M)
    if manual != expected:
        yield f"docs/lastgood.1: the exit codes differ: {sorted(set(manual) ^ set(expected))}"


def links(root):
    """Relative links in the documents lead somewhere."""
    for path in [root / "README.md", root / "CONTRIBUTING.md", root / "src/README.md", *sorted((root / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
            if not (path.parent / target).exists():
                yield f"{path}: the link to {target} leads nowhere"


def type_names(root):
    """A type has its name for itself: two of one name in one namespace crash when the linker mixes them up."""
    places = {}
    for path in sources(root, ".h"):
        text = without_comments(path.read_text())
        namespace = re.search(r"^namespace ([\w:]+) \{", text, re.M)
        for match in re.finditer(r"^(?:struct|class|enum class|enum|union) (\w+)(?!\w|::)[^;{}]*\{", text, re.M):
            name = f"{namespace.group(1) if namespace else ''}::{match.group(1)}"
            if name in places:
                yield f"{path}: {name} is defined in {places[name]} too"
            places.setdefault(name, path)


RULES = {"layers": layers, "third-party": third_party, "banned-calls": banned_calls, "lengths": lengths, "words": words,
         "exit-codes": exit_codes, "links": links, "type-names": type_names}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in RULES:
        sys.exit(f"usage: lint.py {'|'.join(RULES)} SOURCE_DIRECTORY")
    findings = list(RULES[sys.argv[1]](Path(sys.argv[2])))
    print("\n".join(findings) or "clean")
    sys.exit(1 if findings else 0)
