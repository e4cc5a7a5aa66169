// SPDX-License-Identifier: MIT
#include "host/host_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "host/descriptor.h"
#include "support/file_states.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using test::DirectoryWith;
using test::FileWith;
using test::LinkTo;

namespace fs = std::filesystem;

class HostTreeTest : public testing::Test {
 protected:
  HostTreeTest() { fs::create_directories(At("etc")); }

  fs::path At(const std::string& path) const {
    return directory_ / "root" / fs::path(path).relative_path();
  }
  void Write(const std::string& path, std::string_view text) {
    fs::create_directories(At(path).parent_path());
    test::WriteText(At(path), text);
  }
  void Link(const std::string& target, const std::string& path) {
    fs::create_directories(At(path).parent_path());
    fs::create_symlink(target, At(path));
  }
  std::string ResolvedOrWhy(const std::string& path) const {
    const auto resolved = tree_.Resolve(path);
    if (resolved) return *resolved;
    EXPECT_EQ(resolved.error().code, ExitCode::kSetupFailed);
    return resolved.error().message;
  }
  FileState Seen(const std::string& path) const {
    const auto state = tree_.Look(path);
    EXPECT_TRUE(state) << state.error().message;
    return state.value_or(FileState{});
  }
  // What Put() has to say; empty when it worked.
  std::string WhyNotPut(const std::string& path, const FileState& state) const {
    const auto put = tree_.Put(path, state);
    if (put) return "";
    EXPECT_EQ(put.error().code, ExitCode::kSetupFailed);
    return put.error().message;
  }
  std::vector<std::string> NamesIn(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(At(path)))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryDirectory directory_;
  HostTree tree_{directory_ / "root"};
};

using Names = std::vector<std::string>;

TEST_F(HostTreeTest, LinksAreFollowedAsThatHostWould) {
  Write("/boot/firmware/config.txt", "");
  Write("/real/deep/file", "");
  Link("firmware/config.txt", "/boot/config.txt");
  Link("/real", "/absolute");
  Link("../real/deep", "/etc/relative");
  Link("/etc/relative/../deep/file", "/chain");
  Link("../../../../etc", "/up");
  Link("/nowhere/else", "/etc/dangling");
  Link("new", "/etc/beside");
  Link(".", "/etc/here");
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"/boot/config.txt", "/boot/firmware/config.txt"},
      {"/absolute/deep/file", "/real/deep/file"},
      {"/etc/relative/file", "/real/deep/file"},
      {"/chain", "/real/deep/file"},
      {"/up", "/etc"},
      {"/up/here/here/x", "/etc/x"},
      {"/etc/dangling", "/nowhere/else"},
      {"/etc/dangling/more", "/nowhere/else/more"},
      {"/etc/beside", "/etc/new"},
      {"/missing/../etc/./x", "/etc/x"},
      {"/etc//x/", "/etc/x"},
      {"/../../etc/x", "/etc/x"},
      {"/etc/../../../../..", "/"},
      {"/etc/relative/..", "/real"},  // of where the link led, not of where it stands
  };
  for (const auto& [path, resolved] : cases) EXPECT_EQ(ResolvedOrWhy(path), resolved) << path;
}

// Outside is a file of that very name: whoever leaves the root would find it.
TEST_F(HostTreeTest, NothingLeadsOutsideTheRoot) {
  const fs::path outside = directory_ / "secret";
  test::WriteText(outside, "outside");
  Link(outside.string(), "/etc/absolute");
  Link("../../secret", "/etc/relative");
  Link("../../../../../../../.." + outside.string(), "/etc/far");
  for (const char* path : {"/etc/absolute", "/etc/relative", "/etc/far", "/../secret"}) {
    EXPECT_EQ(Seen(ResolvedOrWhy(path)).kind, FileKind::kAbsent) << path;
    EXPECT_NE(Seen(path).kind, FileKind::kFile) << path;
  }
  for (const char* path : {"/etc/absolute", "/etc/relative", "/etc/far", "/../secret"}) {
    WhyNotPut(ResolvedOrWhy(path), FileWith("inside"));
    EXPECT_EQ(test::ReadText(outside), "outside") << path;
  }
}

TEST_F(HostTreeTest, LinksThatGoRoundAreAFailure) {
  Link("b", "/a");
  Link("a", "/b");
  Link("self/x", "/self");
  EXPECT_EQ(ResolvedOrWhy("/a"), "cannot reach '/a': too many levels of symbolic links");
  EXPECT_EQ(ResolvedOrWhy("/self"), "cannot reach '/self': too many levels of symbolic links");
  EXPECT_FALSE(tree_.Look("/a/file"));
  EXPECT_FALSE(tree_.Put("/a/file", FileWith("")));
}

TEST_F(HostTreeTest, FortyLinksAreFollowedAndNoMore) {
  Write("/n0", "end");
  for (int i = 1; i <= 41; ++i) Link("n" + std::to_string(i - 1), "/n" + std::to_string(i));
  EXPECT_EQ(ResolvedOrWhy("/n40"), "/n0");
  EXPECT_FALSE(tree_.Resolve("/n41"));
}

TEST_F(HostTreeTest, WhatIsNoDirectoryHasNothingBelow) {
  Write("/etc/file", "");
  Link("file", "/etc/link");
  for (const char* path : {"/etc/file/x", "/etc/link/x", "/etc/file/x/y"}) {
    EXPECT_FALSE(tree_.Resolve(path)) << path;
    EXPECT_FALSE(tree_.Look(path)) << path;
    EXPECT_FALSE(tree_.Put(path, FileWith(""))) << path;
  }
  EXPECT_EQ(ResolvedOrWhy("/etc/file/x"), "cannot reach '/etc/file/x': not a directory");
}

TEST_F(HostTreeTest, RootThatIsNotThereIsNamed) {
  const HostTree nowhere(directory_ / "nowhere");
  EXPECT_EQ(nowhere.Look("/etc").error().message, "cannot open root directory '" +
                                                      (directory_ / "nowhere").string() +
                                                      "': no such file or directory");
}

TEST_F(HostTreeTest, NulEndsNoPath) {
  Write("/etc/a", "a");
  EXPECT_FALSE(tree_.Look(std::string_view("/etc/a\0b", 8)));
  EXPECT_FALSE(tree_.Put(std::string_view("/etc/a\0b", 8), FileState{}));
  EXPECT_TRUE(fs::exists(At("/etc/a")));
}

TEST_F(HostTreeTest, LookTellsWhatIsThere) {
  Write("/etc/file", "text");
  fs::permissions(At("/etc/file"), fs::perms(0640));
  Link("file", "/etc/link");
  mkfifo(At("/etc/fifo").c_str(), 0600);
  const FileState file = Seen("/etc/file");
  EXPECT_EQ(file.kind, FileKind::kFile);
  EXPECT_EQ(std::string(file.content.begin(), file.content.end()), "text");
  EXPECT_EQ(file.mode, 0640U);
  EXPECT_EQ(file.uid, geteuid());
  EXPECT_NE(file.modified_ns, 0);
  EXPECT_EQ(Seen("/etc/link").kind, FileKind::kLink);
  EXPECT_EQ(Seen("/etc/link").target, "file");
  EXPECT_EQ(Seen("/etc").kind, FileKind::kDirectory);
  EXPECT_EQ(Seen("/").kind, FileKind::kDirectory);
  EXPECT_EQ(Seen("/etc/fifo").kind, FileKind::kOther);
  EXPECT_EQ(Seen("/etc/missing"), FileState{});
  EXPECT_EQ(Seen("/missing/missing"), FileState{});
}

TEST_F(HostTreeTest, FileThatIsTooLargeIsNotRead) {
  Write("/etc/large", "");
  fs::resize_file(At("/etc/large"), HostTree::kContentMax);
  EXPECT_EQ(Seen("/etc/large").content.size(), HostTree::kContentMax);
  fs::resize_file(At("/etc/large"), HostTree::kContentMax + 1);
  EXPECT_EQ(tree_.Look("/etc/large").error().message, "cannot read '/etc/large': file too large");
}

TEST_F(HostTreeTest, WhatWasPutIsSeenAgain) {
  FileState old = FileWith("old", 0600);
  old.modified_ns = 1'000'000'000'123'456'789;
  FileState ancient = FileWith("before 1970");
  ancient.modified_ns = -1'500'000'000;
  const FileState states[] = {FileWith("text", 0644), FileWith("", 04755), old, ancient,
                              LinkTo("../else"),      DirectoryWith(01777)};
  for (const FileState& state : states) {
    // Nothing turns into a directory in one go.
    if (state.kind == FileKind::kDirectory) {
      EXPECT_EQ(WhyNotPut("/etc/x", FileState{}), "");
    }
    EXPECT_EQ(WhyNotPut("/etc/x", state), "");
    FileState seen = Seen("/etc/x");
    if (state.modified_ns == 0) seen.modified_ns = 0;
    EXPECT_EQ(seen, state);
    EXPECT_EQ(NamesIn("/etc"), Names{"x"});
  }
  EXPECT_EQ(WhyNotPut("/etc/x", FileState{}), "");
  EXPECT_EQ(Seen("/etc/x"), FileState{});
  EXPECT_EQ(WhyNotPut("/etc/x", FileState{}), "");
  EXPECT_EQ(WhyNotPut("/etc/none/x", FileState{}), "");
}

TEST_F(HostTreeTest, ModeIsWhatWasAskedForWhateverTheUmask) {
  const mode_t before = umask(0077);
  EXPECT_EQ(WhyNotPut("/etc/x", FileWith("", 0666)), "");
  EXPECT_EQ(WhyNotPut("/etc/d", DirectoryWith(0777)), "");
  umask(before);
  EXPECT_EQ(Seen("/etc/x").mode, 0666U);
  EXPECT_EQ(Seen("/etc/d").mode, 0777U);
}

// A program that has the file open goes on reading what it opened.
TEST_F(HostTreeTest, ContentIsReplacedByARename) {
  Write("/etc/x", "old");
  const Descriptor reader(open(At("/etc/x").c_str(), O_RDONLY | O_CLOEXEC));
  fs::create_hard_link(At("/etc/x"), At("/etc/same"));
  EXPECT_EQ(WhyNotPut("/etc/x", FileWith("new")), "");
  char text[4] = {};
  EXPECT_EQ(read(reader.Get(), text, 3), 3);
  EXPECT_STREQ(text, "old");
  EXPECT_EQ(test::ReadText(At("/etc/same")), "old");
  EXPECT_EQ(test::ReadText(At("/etc/x")), "new");
}

TEST_F(HostTreeTest, LinkAtTheEndIsReplacedAndNotFollowed) {
  Write("/etc/target", "stays");
  Link("target", "/etc/x");
  EXPECT_EQ(WhyNotPut("/etc/x", FileWith("new")), "");
  EXPECT_EQ(test::ReadText(At("/etc/target")), "stays");
  EXPECT_EQ(Seen("/etc/x").kind, FileKind::kFile);
  Link("target", "/etc/y");
  EXPECT_EQ(WhyNotPut("/etc/y", FileState{}), "");
  EXPECT_TRUE(fs::exists(At("/etc/target")));
}

TEST_F(HostTreeTest, DirectoryKeepsWhatIsInIt) {
  Write("/etc/d/file", "text");
  EXPECT_EQ(WhyNotPut("/etc/d", DirectoryWith(0700)), "");
  EXPECT_EQ(Seen("/etc/d").mode, 0700U);
  EXPECT_EQ(test::ReadText(At("/etc/d/file")), "text");
}

TEST_F(HostTreeTest, FailureLeavesWhatWasThereAndNothingElse) {
  Write("/etc/d/file", "text");
  Write("/etc/file", "text");
  const struct {
    const char* path;
    FileState state;
    const char* why;
  } cases[] = {
      {"/etc/none/x", FileWith("x"), "cannot write '/etc/none/x': no such file or directory"},
      {"/etc/d", FileWith("x"), "cannot write '/etc/d': is a directory"},
      {"/etc/d", LinkTo("x"), "cannot write '/etc/d': is a directory"},
      {"/etc/d", FileState{}, "cannot remove '/etc/d': directory not empty"},
      {"/etc/file", DirectoryWith(0755), "cannot write '/etc/file': not a directory"},
      {"/etc/y", LinkTo(""), "cannot write '/etc/y': no such file or directory"},
  };
  for (const auto& [path, state, why] : cases) {
    EXPECT_EQ(WhyNotPut(path, state), why);
    EXPECT_EQ(NamesIn("/etc"), (Names{"d", "file"})) << path;
    EXPECT_EQ(NamesIn("/etc/d"), Names{"file"}) << path;
    EXPECT_EQ(test::ReadText(At("/etc/file")), "text") << path;
  }
  FileState other;
  other.kind = FileKind::kOther;
  EXPECT_NE(WhyNotPut("/etc/file", other), "");
  EXPECT_EQ(test::ReadText(At("/etc/file")), "text");
}

TEST_F(HostTreeTest, FileSizeLimitLeavesTheOldContent) {
  Write("/etc/x", "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string why = WhyNotPut("/etc/x", FileWith(std::string(100'000, 'x')));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(why, "cannot write '/etc/x': file too large");
  EXPECT_EQ(NamesIn("/etc"), Names{"x"});
  EXPECT_EQ(test::ReadText(At("/etc/x")), "old");
}

TEST_F(HostTreeTest, LongestNameCanBeWritten) {
  const std::string name(255, 'n');
  EXPECT_EQ(WhyNotPut("/etc/" + name, FileWith("x")), "");
  EXPECT_EQ(NamesIn("/etc"), Names{name});
  EXPECT_FALSE(tree_.Put("/etc/" + name + "n", FileWith("x")));
}

// What a process that was killed between writing and renaming leaves behind.
TEST_F(HostTreeTest, LeftoversOfACutWriteGo) {
  const auto leave = [this] { Write("/etc/.x.lastgood.tmp", "half"); };
  leave();
  EXPECT_EQ(WhyNotPut("/etc/x", FileWith("new")), "");
  EXPECT_EQ(NamesIn("/etc"), Names{"x"});
  leave();
  EXPECT_EQ(WhyNotPut("/etc/x", LinkTo("y")), "");
  EXPECT_EQ(NamesIn("/etc"), Names{"x"});
  leave();
  EXPECT_EQ(WhyNotPut("/etc/x", FileState{}), "");
  EXPECT_TRUE(NamesIn("/etc").empty());
  leave();
  tree_.Tidy("/etc/x");
  tree_.Tidy("/etc/none/x");
  EXPECT_TRUE(NamesIn("/etc").empty());
}

TEST_F(HostTreeTest, WritableDirectoryMayBeChanged) {
  EXPECT_TRUE(tree_.MayChange("/etc/x").value_or(false));
  EXPECT_TRUE(tree_.MayChange("/etc/new/deep/x").value_or(false));
}

}  // namespace
}  // namespace lastgood
