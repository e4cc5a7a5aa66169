// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "sim/device_link.h"
#include "support/temporary_directory.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

class DeviceLinkTest : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  const fs::path link_ = directory_ / "tty";
};

TEST_F(DeviceLinkTest, LivesAsLongAsItsObject) {
  {
    const auto link = DeviceLink::Make(link_, "/dev/null");
    ASSERT_TRUE(link);
    EXPECT_EQ(fs::read_symlink(link_), "/dev/null");
  }
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(DeviceLinkTest, MovedObjectRemovesItOnce) {
  std::optional<DeviceLink> kept;
  {
    auto link = DeviceLink::Make(link_, "/dev/null");
    ASSERT_TRUE(link);
    kept.emplace(*std::move(link));
  }
  EXPECT_TRUE(fs::is_symlink(link_));
  kept.reset();
  EXPECT_FALSE(fs::is_symlink(link_));
}

TEST_F(DeviceLinkTest, ReplacesALinkThatDangles) {
  fs::create_symlink("/nowhere", link_);
  const auto link = DeviceLink::Make(link_, "/dev/null");
  ASSERT_TRUE(link);
  EXPECT_EQ(fs::read_symlink(link_), "/dev/null");
}

TEST_F(DeviceLinkTest, NewerLinkOfTheSameNameIsNotRemoved) {
  auto first = DeviceLink::Make(link_, "/dev/null");
  ASSERT_TRUE(first);
  const auto second = DeviceLink::Make(link_, "/dev/zero");
  ASSERT_TRUE(second);
  { const DeviceLink gone = *std::move(first); }
  EXPECT_EQ(fs::read_symlink(link_), "/dev/zero");
}

TEST_F(DeviceLinkTest, NeverReplacesAnythingElse) {
  test::WriteText(link_, "precious");
  EXPECT_FALSE(DeviceLink::Make(link_, "/dev/null"));
  EXPECT_EQ(test::ReadText(link_), "precious");
  const fs::path below = directory_ / "directory";
  fs::create_directory(below);
  EXPECT_FALSE(DeviceLink::Make(below, "/dev/null"));
  EXPECT_TRUE(fs::is_directory(below));
  EXPECT_FALSE(DeviceLink::Make(directory_ / "no/tty", "/dev/null"));
  fs::remove(link_);
  fs::remove(below);
  EXPECT_TRUE(fs::is_empty(directory_.path())) << "something was left behind";
}

}  // namespace
}  // namespace lastgood::sim
