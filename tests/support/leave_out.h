// SPDX-License-Identifier: MIT
// A test that the machine lacks something for is left out with a plain word; in CI that is a
// failure.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace lastgood::test {

inline bool IsInCi() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace lastgood::test

#define LEAVE_OUT(why)                                              \
  do {                                                              \
    if (::lastgood::test::IsInCi()) FAIL() << "in CI it " << (why); \
    GTEST_SKIP() << (why);                                          \
  } while (false)
