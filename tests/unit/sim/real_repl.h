// SPDX-License-Identifier: MIT
// The real MicroPython REPL of tests/repl, when it is installed (tests/repl/install).
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood::test {

inline bool IsInPath(std::string_view program) {
  const char* const path = std::getenv("PATH");
  std::istringstream directories(path != nullptr ? path : "");
  for (std::string directory; std::getline(directories, directory, ':');)
    if (std::filesystem::exists(std::filesystem::path(directory) / program)) return true;
  return false;
}

// The command that runs it; nullopt when Node.js or the package is not there. Under CI=true that is
// recorded as a failure of the running test. LASTGOOD_REPL names another directory that it was
// installed into.
inline std::optional<std::vector<std::string>> RealRepl() {
  const char* const named = std::getenv("LASTGOOD_REPL");
  const std::filesystem::path directory =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests" / "repl";
  const bool installed =
      std::filesystem::exists(directory / "node_modules/@micropython") && IsInPath("node");
  if (installed) return std::vector<std::string>{"node", (directory / "repl.mjs").string()};
  const char* const ci = std::getenv("CI");
  if (ci != nullptr && std::string_view(ci) == "true")
    ADD_FAILURE() << "the real REPL is missing in CI: run tests/repl/install";
  else
    std::printf("[ LEFT OUT ] %s: the real REPL is not at hand (tests/repl/install)\n",
                testing::UnitTest::GetInstance()->current_test_info()->name());
  return std::nullopt;
}

}  // namespace lastgood::test
