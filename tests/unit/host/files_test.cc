// SPDX-License-Identifier: MIT
#include "host/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "support/other_process.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using test::ReadText;
using test::TemporaryDirectory;
using test::WriteText;

constexpr std::uint64_t kNoLimit = 1U << 30;

std::size_t CountEntries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

mode_t ModeOf(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(ReadFileTest, ContentUpToTheLimitIsReturned) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  for (const std::size_t size : {0U, 1U, 9U, 10U}) {
    WriteText(path, std::string(size, 'x'));
    const auto content = ReadFile(path, 10);
    ASSERT_TRUE(content) << content.error().message;
    EXPECT_EQ(content->size(), size);
  }
}

TEST(ReadFileTest, FileLargerThanOneChunkIsReadWhole) {
  const TemporaryDirectory directory;
  std::string text;
  while (text.size() < 200'000) text += std::to_string(text.size());
  WriteText(directory / "file", text);
  const auto content = ReadFile(directory / "file", kNoLimit);
  ASSERT_TRUE(content);
  EXPECT_EQ(AsText(*content), text);
}

TEST(ReadFileTest, OneByteTooManyIsRefused) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  WriteText(path, std::string(11, 'x'));
  const auto content = ReadFile(path, 10);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ExitCode::kInternal);
  EXPECT_EQ(content.error().message, "cannot read '" + path.string() + "': larger than 10 bytes");
}

TEST(ReadFileTest, FilesWithoutASizeOfTheirOwnAreBoundedToo) {
  const auto content = ReadFile("/proc/self/maps", 10);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().message, "cannot read '/proc/self/maps': larger than 10 bytes");
}

TEST(ReadFileTest, WhatIsNoFileIsRefusedAndNotWaitedFor) {
  const TemporaryDirectory directory;
  ASSERT_EQ(mkfifo((directory / "fifo").c_str(), 0600), 0);
  const struct {
    fs::path path;
    std::string reason;
  } kCases[] = {
      {directory / "missing", "no such file or directory"},
      {directory.path(), "is a directory"},
      {directory / "fifo", "not a regular file"},
      {"/dev/zero", "not a regular file"},
      {"", "no such file or directory"},
  };
  for (const auto& test_case : kCases) {
    const auto content = ReadFile(test_case.path, kNoLimit);
    ASSERT_FALSE(content) << test_case.path;
    EXPECT_EQ(content.error().code, ExitCode::kInternal);
    EXPECT_EQ(content.error().message,
              "cannot read '" + test_case.path.string() + "': " + test_case.reason);
  }
}

TEST(ReadFileTest, ForbiddenFileSaysSo) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  WriteText(path, "secret");
  fs::permissions(path, fs::perms::none);
  fs::permissions(directory.path(), fs::perms(0755));
  const std::string message = test::ComputeAsNobody([&] {
    const auto content = ReadFile(path, kNoLimit);
    return content ? "it was read" : content.error().message;
  });
  EXPECT_EQ(message, "cannot read '" + path.string() + "': permission denied");
}

TEST(WriteFileDurablyTest, NewFileHasContentAndNothingElseIsLeft) {
  const TemporaryDirectory directory;
  const std::string text(300'000, 'x');
  ASSERT_TRUE(WriteFileDurably(directory / "file", AsBytes(text)));
  EXPECT_EQ(ReadText(directory / "file"), text);
  EXPECT_EQ(CountEntries(directory.path()), 1U);
}

TEST(WriteFileDurablyTest, EmptyContentIsAnEmptyFile) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileDurably(directory / "file", {}));
  EXPECT_TRUE(fs::exists(directory / "file"));
  EXPECT_EQ(ReadText(directory / "file"), "");
}

TEST(WriteFileDurablyTest, ReplacedFileKeepsItsMode) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  for (const unsigned mode : {0600U, 0640U, 0644U, 0755U}) {
    WriteText(path, "old");
    fs::permissions(path, fs::perms(mode));
    ASSERT_TRUE(WriteFileDurably(path, AsBytes("new")));
    EXPECT_EQ(ReadText(path), "new");
    EXPECT_EQ(ModeOf(path), mode);
  }
}

TEST(WriteFileDurablyTest, NewFileObeysTheUmask) {
  const TemporaryDirectory directory;
  const mode_t before = umask(027);
  EXPECT_TRUE(WriteFileDurably(directory / "file", AsBytes("x")));
  umask(before);
  EXPECT_EQ(ModeOf(directory / "file"), 0640U);
}

TEST(WriteFileDurablyTest, WhoHasTheOldFileOpenKeepsReadingTheOldContent) {
  const TemporaryDirectory directory;
  WriteText(directory / "file", "old");
  std::FILE* reader = std::fopen((directory / "file").c_str(), "r");
  ASSERT_TRUE(WriteFileDurably(directory / "file", AsBytes("new")));
  char text[4] = {};
  EXPECT_EQ(std::fread(text, 1, 3, reader), 3U);
  std::fclose(reader);
  EXPECT_STREQ(text, "old");
}

TEST(WriteFileDurablyTest, FailureLeavesNothingBehind) {
  const TemporaryDirectory directory;
  // A directory that is not empty can not be replaced by a file.
  fs::create_directories(directory / "target/inside");
  const auto written = WriteFileDurably(directory / "target", AsBytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot write '" + (directory / "target").string() + "': is a directory");
  EXPECT_EQ(CountEntries(directory.path()), 1U);
}

TEST(WriteFileDurablyTest, MissingDirectoryIsNamed) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "missing/file";
  const auto written = WriteFileDurably(path, AsBytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot write '" + path.string() + "': no such file or directory");
}

TEST(WriteFileDurablyTest, WriteThatFailsHalfWayLeavesTheOldContent) {
  const TemporaryDirectory directory;
  WriteText(directory / "file", "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1000, before.rlim_max};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const auto written = WriteFileDurably(directory / "file", Bytes(5000));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot write '" + (directory / "file").string() + "': file too large");
  EXPECT_EQ(ReadText(directory / "file"), "old");
  EXPECT_EQ(CountEntries(directory.path()), 1U);
}

TEST(WriteFileDurablyTest, LeftoversOfAnEarlierProcessAreNoObstacle) {
  const TemporaryDirectory directory;
  WriteText(directory / (".lastgood-" + std::to_string(getpid()) + "-0.tmp"), "torn");
  ASSERT_TRUE(WriteFileDurably(directory / "file", AsBytes("x")));
  EXPECT_EQ(ReadText(directory / "file"), "x");
}

TEST(WriteFileDurablyTest, RelativeNameIsInTheWorkingDirectory) {
  const TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  EXPECT_TRUE(WriteFileDurably("file", AsBytes("x")));
  fs::current_path(before);
  EXPECT_EQ(ReadText(directory / "file"), "x");
}

TEST(WriteFileDurablyTest, LongestPossibleNameIsWritten) {
  const TemporaryDirectory directory;
  const std::string name(255, 'n');
  ASSERT_TRUE(WriteFileDurably(directory / name, AsBytes("x")));
  EXPECT_EQ(ReadText(directory / name), "x");
}

TEST(WritePrivateFileTest, NobodyElseMayReadItWhateverWasThere) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "report.html";
  for (const char* content : {"new", "over a public one"}) {
    ASSERT_TRUE(WritePrivateFile(path, AsBytes(content)));
    EXPECT_EQ(ModeOf(path), 0600U);
    EXPECT_EQ(ReadText(path), content);
    ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  }
  EXPECT_EQ(CountEntries(directory.path()), 1U);
}

TEST(DurableFileTest, HasItsNameOnlyOnceItIsPublished) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  WriteText(path, "old");
  {
    auto file = DurableFile::Create(path);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->Append(AsBytes("new ")));
    EXPECT_TRUE(file->Append(AsBytes("content")));
    EXPECT_EQ(ReadText(path), "old");
    EXPECT_TRUE(file->Publish());
  }
  EXPECT_EQ(ReadText(path), "new content");
}

TEST(DurableFileTest, OneThatIsNotPublishedIsGone) {
  const TemporaryDirectory directory;
  {
    auto file = DurableFile::Create(directory / "file");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->Append(AsBytes("content")));
    const DurableFile moved = *std::move(file);
  }
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(RenameDurablyTest, FileTakesTheNewNameAndReplacesWhatWasThere) {
  const TemporaryDirectory directory;
  WriteText(directory / "from", "new");
  WriteText(directory / "to", "old");
  ASSERT_TRUE(RenameDurably(directory / "from", directory / "to"));
  EXPECT_EQ(ReadText(directory / "to"), "new");
  EXPECT_FALSE(fs::exists(directory / "from"));
}

TEST(RenameDurablyTest, MissingSourceChangesNothing) {
  const TemporaryDirectory directory;
  WriteText(directory / "to", "old");
  const auto renamed = RenameDurably(directory / "from", directory / "to");
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().message, "cannot rename '" + (directory / "from").string() + "' to '" +
                                         (directory / "to").string() +
                                         "': no such file or directory");
  EXPECT_EQ(ReadText(directory / "to"), "old");
}

TEST(CreateDirectoriesTest, MissingOnesAreMadeAndASecondTimeChangesNothing) {
  const TemporaryDirectory directory;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(CreateDirectories(directory / "a/b/c"));
    EXPECT_TRUE(fs::is_directory(directory / "a/b/c"));
  }
  EXPECT_TRUE(CreateDirectories(directory / "a/./b/../d//"));
  EXPECT_TRUE(fs::is_directory(directory / "a/d"));
}

TEST(CreateDirectoriesTest, RelativePathIsBelowTheWorkingDirectory) {
  const TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  EXPECT_TRUE(CreateDirectories("x/y"));
  fs::current_path(before);
  EXPECT_TRUE(fs::is_directory(directory / "x/y"));
}

TEST(CreateDirectoriesTest, LinkToADirectoryIsADirectory) {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "real");
  fs::create_directory_symlink("real", directory / "link");
  ASSERT_TRUE(CreateDirectories(directory / "link/inside"));
  EXPECT_TRUE(fs::is_directory(directory / "real/inside"));
}

TEST(CreateDirectoriesTest, FileInTheWayIsNamed) {
  const TemporaryDirectory directory;
  WriteText(directory / "file", "x");
  const auto created = CreateDirectories(directory / "file/below");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message,
            "cannot create directory '" + (directory / "file").string() + "': not a directory");
}

TEST(FreeBytesTest, ExistingAndNotYetExistingPathsAreOnTheSameFileSystem) {
  const TemporaryDirectory directory;
  for (const fs::path& path : {directory.path(), directory / "not/yet/there"}) {
    const auto free = FreeBytes(path);
    ASSERT_TRUE(free) << free.error().message;
    EXPECT_GT(*free, 0U);
  }
  EXPECT_TRUE(FreeBytes("not-there"));
  EXPECT_TRUE(FreeBytes("/not-there"));
}

}  // namespace
}  // namespace lastgood
