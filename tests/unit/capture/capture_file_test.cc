// SPDX-License-Identifier: MIT
#include "capture/capture_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using test::TemporaryDirectory;

WireEvent Heard(std::int64_t at_ms, std::string_view text) {
  return {.at = std::chrono::milliseconds(at_ms),
          .kind = WireEventKind::kHeard,
          .octets = ToBytes(text)};
}

WireEvent Rate(std::int64_t at_ms) {
  return {.at = std::chrono::milliseconds(at_ms), .kind = WireEventKind::kRate, .baud = 74880};
}

std::string Recorded(const std::vector<WireEvent>& events) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a.capture";
  auto file = CaptureFile::Create(path, {});
  EXPECT_TRUE(file) << file.error().message;
  for (const WireEvent& event : events) file->Add(event);
  EXPECT_EQ(file->Close(), std::nullopt);
  const std::string content = test::ReadText(path);
  return content.substr(content.find('\n') + 1);
}

TEST(CaptureFileTest, WhatIsHeardInOneGoIsPutTogetherToLines) {
  EXPECT_EQ(Recorded({Heard(1, "e"), Heard(2, "ts "), Heard(3, "Jan\nload"), Heard(4, " 0x4\n")}),
            "0.001000 < \"ets Jan\\n\"\n"
            "0.003000 < \"load 0x4\\n\"\n");
}

TEST(CaptureFileTest, APauseBeginsANewLine) {
  EXPECT_EQ(Recorded({Heard(1, ">>"), Heard(11, "> "), Heard(22, "1")}),
            "0.001000 < \">>> \"\n"
            "0.022000 < \"1\"\n");
}

TEST(CaptureFileTest, WhatTheHostDoesBeginsANewLine) {
  EXPECT_EQ(Recorded({Heard(1, "a"), Rate(2), Heard(3, "b")}),
            "0.001000 < \"a\"\n"
            "0.002000 rate 74880\n"
            "0.003000 < \"b\"\n");
}

TEST(CaptureFileTest, AFloodNeedsNoMemory) {
  const TemporaryDirectory directory;
  auto file = CaptureFile::Create(directory.path() / "a.capture", {});
  ASSERT_TRUE(file);
  for (int i = 0; i < 1000; ++i) file->Add(Heard(i, std::string(100, 'x')));
  // All but the line that has begun is in the file before it is closed.
  EXPECT_GE(fs::file_size(directory.path() / "a.capture"), 100'000U);
}

TEST(CaptureFileTest, NobodyElseMayReadIt) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a.capture";
  auto file = CaptureFile::Create(path, {{"lastgood", "0.1.0"}});
  ASSERT_TRUE(file);
  file->Add(Rate(0));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(file->Close(), std::nullopt);
  EXPECT_EQ(test::ReadText(path), "lastgood capture 1\n# lastgood: 0.1.0\n0.000000 rate 74880\n");
}

TEST(CaptureFileTest, NoFileIsReplacedAndNoLinkFollowed) {
  const TemporaryDirectory directory;
  const fs::path there = directory.path() / "there";
  std::ofstream(there) << "precious";
  const fs::path link = directory.path() / "link";
  fs::create_symlink(directory.path() / "elsewhere", link);
  for (const fs::path& path : {there, link}) {
    const auto file = CaptureFile::Create(path, {});
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ExitCode::kUsage);
    EXPECT_EQ(file.error().message, "'" + path.string() + "' exists already");
    EXPECT_NE(file.error().hint, "");
  }
  EXPECT_EQ(test::ReadText(there), "precious");
  EXPECT_FALSE(fs::exists(directory.path() / "elsewhere"));
}

TEST(CaptureFileTest, WhereNothingCanBeWrittenIsSaidAtOnce) {
  const TemporaryDirectory directory;
  const auto file = CaptureFile::Create(directory.path() / "none" / "a.capture", {});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ExitCode::kUsage);
  EXPECT_TRUE(file.error().message.ends_with(": no such file or directory"));
}

TEST(CaptureFileTest, WithoutEventsThereIsNoFile) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a.capture";
  auto file = CaptureFile::Create(path, {});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->Close(), "no board was asked, so there is no recording");
  EXPECT_FALSE(fs::exists(path));
}

// A file size limit does to a file what a full disk does.
class FullDisk {
 public:
  explicit FullDisk(rlim_t size_max) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{size_max, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST(CaptureFileTest, AFullDiskEndsTheRecordingAndNothingElse) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a.capture";
  auto file = CaptureFile::Create(path, {});
  ASSERT_TRUE(file);
  {
    const FullDisk full(1000);
    for (int i = 0; i < 100; ++i) file->Add(Heard(i, "a line of some length\n"));
  }
  // There is room again, but a recording with a hole would lie.
  const auto size = fs::file_size(path);
  EXPECT_EQ(size, 1000U);
  file->Add(Rate(1000));
  EXPECT_EQ(file->Close(), "the recording ends early: file too large");
  EXPECT_EQ(fs::file_size(path), size);
}

}  // namespace
}  // namespace lastgood
