// SPDX-License-Identifier: MIT
// Names and versions as firmware tells them, and how a manifest's expectation is compared
// with them.
#pragma once

#include <string>
#include <string_view>

namespace lastgood {

// As it calls itself, for people: {"MicroPython", "1.22.1"}. Empty is what nobody told.
struct ProductName {
  std::string product;
  std::string version;
};

// "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; …" or "MicroPython (with v2.0 preview) v1.22.1 on
// …": the version of the last banner in `text` without its "v"; empty when there is none.
std::string VersionOfBanner(std::string_view text);

// "(name='micropython', version=(1, 22, 1), …)", as sys.implementation prints it.
ProductName NameOfImplementation(std::string_view text);

// The answer to AT+GMR: "AT version:1.1.0.0(May 11 2016 …)" is "1.1.0.0", a bare "00160901" is
// itself; failing these, the SDK's version.
std::string VersionOfAt(std::string_view text);

// A prefix that ends where a component ends: "1.22" accepts "1.22.1", "1.2" does not; "1.8.7"
// accepts "1.8.7-7-gb5a1a20a3". An empty expectation accepts everything.
bool VersionMatches(std::string_view expected, std::string_view told);

}  // namespace lastgood
