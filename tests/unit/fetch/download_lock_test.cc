// SPDX-License-Identifier: MIT
// One artifact is downloaded once, whoever wants it at the same time.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "digest/digest.h"
#include "fetch/fetch.h"
#include "host/file_lock.h"
#include "support/fake_http_client.h"
#include "support/other_process.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kSize = 10'000;
const std::string kUrl = "http://a/fw.bin";

class DownloadLockTest : public testing::Test {
 protected:
  DownloadLockTest() {
    http_.Serve(kUrl, image_);
    request_ = {{kUrl}, Sha256(image_), kSize, directory_ / "image"};
    listener_.waiting = [this] {
      ++waits_;
      if (while_waiting_) while_waiting_();
    };
  }

  Result<FetchSummary> Run() {
    return Fetch({http_, clock_, [] { return 0U; }, interrupt_}, request_, listener_);
  }
  void LockIt() {
    auto lock = FileLock::Acquire(lock_path_, clock_, std::chrono::milliseconds(0));
    ASSERT_TRUE(lock) << lock.error().message;
    other_ = *std::move(lock);
  }
  void ExpectArtifactAlone() {
    EXPECT_EQ(ReadAll(directory_ / "image"), image_);
    EXPECT_FALSE(std::filesystem::exists(lock_path_));
    EXPECT_FALSE(std::filesystem::exists(directory_ / "image.part"));
  }

  const Bytes image_ = Pattern(kSize);
  TemporaryDirectory directory_;
  std::filesystem::path lock_path_ = directory_ / "image.part.lock";
  VirtualClock clock_;
  FakeHttpClient http_;
  Interrupt interrupt_;
  FetchRequest request_;
  FetchListener listener_;
  std::optional<FileLock> other_;
  std::function<void()> while_waiting_;
  int waits_ = 0;
};

TEST_F(DownloadLockTest, LockGoesAwayWithTheDownload) {
  ASSERT_TRUE(Run());
  EXPECT_EQ(waits_, 0);
  ExpectArtifactAlone();
}

TEST_F(DownloadLockTest, WhatAnotherDownloadsIsWaitedForAndNotDownloadedAgain) {
  LockIt();
  while_waiting_ = [this] {
    WriteText(directory_ / "image", AsText(image_));
    std::filesystem::remove(lock_path_);
    other_.reset();
  };
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(waits_, 1);
  EXPECT_EQ(summary->bytes_received, 0U);
  EXPECT_TRUE(http_.requests().empty());
  ExpectArtifactAlone();
}

TEST_F(DownloadLockTest, WhatAnotherLeavesUnfinishedIsFinished) {
  LockIt();
  while_waiting_ = [this] {
    WriteText(directory_ / "image.part", AsText(ByteSpan(image_).first(4000)));
    std::filesystem::remove(lock_path_);
    other_.reset();
  };
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize - 4000);
  ExpectArtifactAlone();
}

TEST_F(DownloadLockTest, LockFileOfAProcessThatWasKilledIsNoLock) {
  OtherProcess process([this] { LockIt(); });
  process.Kill();
  EXPECT_TRUE(std::filesystem::exists(lock_path_));
  ASSERT_TRUE(Run());
  EXPECT_EQ(waits_, 0);
  ExpectArtifactAlone();
}

TEST_F(DownloadLockTest, WaitIsAsLongAsADownloadMayTakeAndNoLonger) {
  LockIt();
  const TimePoint began = clock_.Now();
  const auto summary = Run();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kBusy);
  EXPECT_EQ(clock_.Now() - began, FetchTimeMax(kSize));
  EXPECT_EQ(waits_, 1);
  EXPECT_TRUE(std::filesystem::exists(lock_path_));
}

TEST_F(DownloadLockTest, InterruptEndsTheWait) {
  LockIt();
  while_waiting_ = [this] { interrupt_.Request(); };
  const auto summary = Run();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kInterrupted);
  EXPECT_TRUE(http_.requests().empty());
}

// The holder removes the file before it lets go: a lock on what has no name excludes nobody.
TEST_F(DownloadLockTest, LockOnARemovedFileIsTakenAnew) {
  LockIt();
  while_waiting_ = [this] {
    std::filesystem::remove(lock_path_);
    other_.reset();
  };
  bool locked = false;
  listener_.progress = [&](std::uint64_t) { locked = std::filesystem::exists(lock_path_); };
  ASSERT_TRUE(Run());
  EXPECT_TRUE(locked) << "while it downloads, its lock has a name";
  ExpectArtifactAlone();
}

TEST_F(DownloadLockTest, UnfinishedDownloadIsDiscardedUnlessAProcessIsAtIt) {
  const auto leave = [this] {
    WriteText(directory_ / "image.part", "half");
    WriteText(directory_ / "image.part.etag", "\"e\"");
  };
  leave();
  LockIt();
  EXPECT_EQ(DiscardUnfinished(request_.destination, clock_, interrupt_).value(), false);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "image.part"));
  other_.reset();
  EXPECT_EQ(DiscardUnfinished(request_.destination, clock_, interrupt_).value(), true);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

}  // namespace
}  // namespace lastgood::test
