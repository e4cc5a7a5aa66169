#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A lint that cannot find anything is none: each rule is shown a tree that breaks it, and one that does not."""
import sys
import tempfile
from pathlib import Path

import lint

LICENCE = "// SPDX-License-Identifier: MIT\n"
CMAKE = "lastgood_library(base)\nlastgood_library(host USES base)\n"
HEADER = LICENCE + 'enum class ExitCode : int {\n  kDone = 0,\n};\nExitCodeRow{ExitCode::kDone, "done"},\n'

GOOD = {
    "src/CMakeLists.txt": CMAKE,
    "src/base/exit_code.h": HEADER,
    "src/base/a.h": LICENCE + "int F() {\n  return 1;\n}\n",
    "src/host/b.cc": LICENCE + '#include "base/a.h"\nvoid G() { std::this_thread::sleep_for(x); }\n',
    "README.md": "| 0 | done |\n",
    "CONTRIBUTING.md": "[home](README.md)\n",
    "src/README.md": "map\n",
    "docs/lastgood.1": ".It 0\ndone\n",
    "tests/x.cc": "",
}

BAD = {
    "layers": {"src/base/c.cc": LICENCE + '#include "host/b.h"\n'},
    "third-party": {"src/base/c.cc": LICENCE + "#include <curl/curl.h>\n"},
    "banned-calls": {"src/base/c.cc": LICENCE + "auto t = std::chrono::steady_clock::now();\n"},
    "lengths": {"src/base/c.cc": LICENCE + "int F() {\n" + "  x();\n" * 70 + "}\n"},
    "words": {"src/base/c.cc": LICENCE + "int port = 1;\n"},
    "exit-codes": {"README.md": "| 0 | finished |\n"},
    "links": {"CONTRIBUTING.md": "[gone](nowhere.md)\n"},
    "type-names": {"src/base/c.h": LICENCE + "namespace n {\nstruct A {\n};\n}\n",
                   "src/host/c.h": LICENCE + "namespace n {\nclass A final : public B {\n};\n}\n"},
}


def findings(rule, tree):
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name, text in tree.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return list(lint.RULES[rule](root))


rule = sys.argv[1]
clean = findings(rule, GOOD)
assert not clean, f"{rule} complains about a good tree: {clean}"
broken = findings(rule, {**GOOD, **BAD[rule]})
assert len(broken) == 1, f"{rule} finds {len(broken)} things in a tree with one mistake: {broken}"
print(f"{rule} finds: {broken[0]}")
