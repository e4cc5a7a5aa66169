// SPDX-License-Identifier: MIT
// Real firmware images and boot logs live outside the repository. A clone without them leaves the
// tests that need them out and says so; in CI their absence is a failure.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "support/leave_out.h"

namespace lastgood::test {

// The path of e.g. "firmware/esp8266-20170108-v1.8.7.bin"; nullopt when the real input is not at
// hand. Under CI=true that is recorded as a failure of the running test.
inline std::optional<std::filesystem::path> SharedInput(std::string_view name) {
  const char* root = std::getenv("LASTGOOD_SHARED");
  const std::filesystem::path base =
      root != nullptr ? std::filesystem::path(root)
                      : std::filesystem::path(LASTGOOD_SOURCE_DIR) / ".." / "shared";
  std::filesystem::path path = base / name;
  if (std::filesystem::exists(path)) return path;
  if (IsInCi()) {
    ADD_FAILURE() << "real input is missing in CI: " << path;
  } else {
    std::printf("[ LEFT OUT ] %s: real input '%s' is not at hand\n",
                testing::UnitTest::GetInstance()->current_test_info()->name(),
                std::string(name).c_str());
  }
  return std::nullopt;
}

}  // namespace lastgood::test
