// SPDX-License-Identifier: MIT
#include "facts/host_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using State = HostFiles::State;

// A host in "host", and beside it what it must not see.
class HostFilesTest : public testing::Test {
 protected:
  HostFilesTest() {
    fs::create_directories(root_ / "etc");
    test::WriteText(directory_ / "secret", "outside\n");
    test::WriteText(root_ / "etc/name", "inside\n");
  }
  void Link(const std::string& target, const std::string& name) {
    fs::create_symlink(target, root_ / name);
  }

  test::TemporaryDirectory directory_;
  fs::path root_ = directory_ / "host";
  HostFiles files_{root_};
};

TEST_F(HostFilesTest, LinksAreFollowedAsThatHostFollowsThem) {
  Link("/etc/name", "absolute");
  Link("/etc/name", "etc/absolute");
  Link("etc/name", "relative");
  Link("../etc/name", "etc/up");
  Link("etc", "directory");
  for (const char* path :
       {"/absolute", "/etc/absolute", "/relative", "/etc/up", "/directory/name", "/etc/name"}) {
    EXPECT_EQ(files_.Read(path).text, "inside\n") << path;
    EXPECT_EQ(files_.Resolve(path), "/etc/name") << path;
  }
}

TEST_F(HostFilesTest, NothingLeadsOutOfTheRoot) {
  Link("../secret", "up");
  Link("../../../../../../../../../../" + (directory_ / "secret").string(), "far-up");
  Link((directory_ / "secret").string(), "absolute");
  Link((directory_.path()).string(), "parent");
  for (const char* path : {"/up", "/far-up", "/absolute", "/parent/secret", "/../secret",
                           "/etc/../../secret", "../secret"}) {
    EXPECT_EQ(files_.Read(path).state, State::kMissing) << path;
    EXPECT_FALSE(files_.Exists(path)) << path;
  }
  EXPECT_TRUE(files_.List("/parent").empty());
  EXPECT_EQ(files_.List("/.."),
            (std::vector<std::string>{"absolute", "etc", "far-up", "parent", "up"}));
}

TEST_F(HostFilesTest, CirclesEnd) {
  Link("b", "a");
  Link("a", "b");
  Link("self/self", "self");
  for (const char* path : {"/a", "/b/c", "/self"}) {
    EXPECT_EQ(files_.Resolve(path), std::nullopt) << path;
    EXPECT_EQ(files_.Read(path).state, State::kUnreadable) << path;
    EXPECT_FALSE(files_.Exists(path)) << path;
    EXPECT_TRUE(files_.List(path).empty()) << path;
  }
  EXPECT_EQ(files_.LinkTarget("/a"), "b");
}

TEST_F(HostFilesTest, EndOfALinkNeedNotExist) {
  Link("ttyS0", "serial0");
  EXPECT_EQ(files_.Resolve("/serial0"), "/ttyS0");
  EXPECT_FALSE(files_.Exists("/serial0"));
  EXPECT_EQ(files_.LinkTarget("/serial0"), "ttyS0");
  EXPECT_EQ(files_.LinkTarget("/etc/name"), std::nullopt);
}

TEST_F(HostFilesTest, WhatIsNoFileIsNotReadAndNotWaitedFor) {
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  test::WriteText(root_ / "huge", std::string(1U << 20, 'x'));
  for (const char* path : {"/etc", "/pipe", "/huge"}) {
    const HostFiles::Text text = files_.Read(path);
    EXPECT_EQ(text.state, State::kUnreadable) << path;
    EXPECT_EQ(text.text, "") << path;
    EXPECT_NE(text.why, "") << path;
  }
}

TEST_F(HostFilesTest, ForbiddenIsNotMissing) {
  // Root may read everything, so it is somebody else for a moment.
  constexpr uid_t kNobody = 65534;
  const bool is_root = geteuid() == 0;
  for (const fs::path& above : {fs::path(directory_.path()), root_})
    fs::permissions(above, fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(root_ / "etc", fs::perms::none);
  ASSERT_TRUE(!is_root || seteuid(kNobody) == 0);
  const auto read = files_.Read("/etc/name");
  const State seen = files_.Look("/etc/name");
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
  fs::permissions(root_ / "etc", fs::perms::owner_all);
  EXPECT_EQ(read.why, "permission denied");
  EXPECT_EQ(seen, State::kUnreadable);
}

TEST_F(HostFilesTest, WordsLoseTheirEnd) {
  test::WriteText(root_ / "model", std::string("Raspberry Pi 4\0", 15));
  test::WriteText(root_ / "type", "32\nmore\n");
  test::WriteText(root_ / "nothing", "");
  EXPECT_EQ(files_.ReadWord("/model"), "Raspberry Pi 4");
  EXPECT_EQ(files_.ReadWord("/type"), "32");
  EXPECT_EQ(files_.ReadWord("/nothing"), "");
  EXPECT_EQ(files_.ReadWord("/missing"), "");
}

TEST_F(HostFilesTest, OnlyTheWholeSystemIsTheRunningHost) {
  EXPECT_FALSE(files_.IsRunningHost());
  EXPECT_TRUE(HostFiles("/").IsRunningHost());
  EXPECT_EQ(HostFiles("/").Read("/proc/self/comm").state, State::kFound);
}

}  // namespace
}  // namespace lastgood
