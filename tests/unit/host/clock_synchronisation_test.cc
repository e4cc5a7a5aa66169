// SPDX-License-Identifier: MIT
#include "host/clock_synchronisation.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

TEST(ClockIsSynchronised, TimesyncdsMarkIsEnough) {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root / "run/systemd/timesync");
  WriteText(root / "run/systemd/timesync/synchronized", "");
  EXPECT_TRUE(ClockIsSynchronised(root.path()));
}

}  // namespace
}  // namespace lastgood::test
