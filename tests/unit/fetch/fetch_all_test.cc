// SPDX-License-Identifier: MIT
#include "fetch/fetch_all.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <numeric>

#include "digest/digest.h"
#include "host/file_lock.h"
#include "host/files.h"
#include "support/fake_http_client.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kSize = 50'000;

class FetchAllTest : public testing::Test {
 protected:
  std::string UrlOf(std::size_t i) { return fmt::format("http://a/{}.bin", i); }

  void Want(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes image = Pattern(kSize, static_cast<std::uint32_t>(i + 1));
      requests_.push_back({{UrlOf(i)}, Sha256(image), kSize, directory_ / Sha256(image).ToHex()});
    }
  }
  void Serve(std::size_t i) {
    http_.Serve(UrlOf(i), Pattern(kSize, static_cast<std::uint32_t>(i + 1)));
  }
  std::vector<FetchReport> Run(HttpClient& http) {
    FetchAllListener listener;
    listener.progress = [this](std::uint64_t done) { done_.push_back(done); };
    listener.waiting = [this](std::size_t index) { waited_for_.push_back(index); };
    return FetchAll({http, clock_, [] { return 0U; }, interrupt_}, requests_, listener);
  }

  TemporaryDirectory directory_;
  VirtualClock clock_;
  FakeHttpClient http_;
  Interrupt interrupt_;
  std::vector<FetchRequest> requests_;
  std::vector<std::uint64_t> done_;
  std::vector<std::size_t> waited_for_;
};

TEST_F(FetchAllTest, NothingWantedIsNothingDone) { EXPECT_TRUE(Run(http_).empty()); }

TEST_F(FetchAllTest, AllArriveAndProgressIsTheirSum) {
  Want(10);
  for (std::size_t i = 0; i < 10; ++i) Serve(i);
  const auto reports = Run(http_);
  ASSERT_EQ(reports.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(reports[i].summary) << reports[i].summary.error().message;
    EXPECT_EQ(reports[i].summary->url, UrlOf(i));
    EXPECT_EQ(std::filesystem::file_size(requests_[i].destination), kSize);
  }
  EXPECT_TRUE(std::is_sorted(done_.begin(), done_.end()));
  EXPECT_EQ(done_.back(), 10 * kSize);
}

TEST_F(FetchAllTest, FailuresAreThoseOfTheirRequestAndHoldNobodyUp) {
  Want(6);
  for (const std::size_t i : {1U, 3U, 5U}) Serve(i);
  http_.Answer(UrlOf(0), 404);
  http_.Serve(UrlOf(2), Pattern(kSize, 99));
  http_.Trouble(UrlOf(4), HttpTrouble::kConnect);
  const auto reports = Run(http_);
  for (const std::size_t i : {1U, 3U, 5U}) EXPECT_TRUE(reports[i].summary);
  EXPECT_EQ(reports[0].summary.error().message, "cannot download: http://a/0.bin: 404 Not Found");
  EXPECT_EQ(reports[2].summary.error().code, ExitCode::kNotTrusted);
  EXPECT_EQ(reports[4].summary.error().message,
            "cannot download: http://a/4.bin: connection refused");
  for (const std::size_t i : {0U, 1U, 3U, 4U, 5U}) EXPECT_TRUE(reports[i].wrong_answers.empty());
  ASSERT_EQ(reports[2].wrong_answers.size(), 1U);
  EXPECT_EQ(reports[2].wrong_answers[0].sha256, Sha256(Pattern(kSize, 99)));
}

// Lets nobody go on until as many ask as may at the same time.
class MeetingClient final : public HttpClient {
 public:
  struct Meeting {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t inside = 0;
    std::size_t most = 0;
    std::size_t came = 0;
    std::vector<std::string> first;
  };
  MeetingClient(FakeHttpClient inner, std::shared_ptr<Meeting> meeting)
      : inner_(std::move(inner)), meeting_(std::move(meeting)) {}

  Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink,
                           const Interrupt& interrupt) override {
    {
      std::unique_lock lock(meeting_->mutex);
      ++meeting_->came;
      meeting_->most = std::max(meeting_->most, ++meeting_->inside);
      if (meeting_->first.size() < kDownloadsMax) meeting_->first.push_back(request.url);
      meeting_->changed.notify_all();
      meeting_->changed.wait(lock, [this] { return meeting_->came >= kDownloadsMax; });
    }
    auto response = inner_.Get(request, sink, interrupt);
    const std::lock_guard lock(meeting_->mutex);
    --meeting_->inside;
    return response;
  }
  HttpTrouble LastTrouble() const override { return inner_.LastTrouble(); }
  std::unique_ptr<HttpClient> Another() const override {
    return std::make_unique<MeetingClient>(inner_, meeting_);
  }

 private:
  FakeHttpClient inner_;
  std::shared_ptr<Meeting> meeting_;
};

TEST_F(FetchAllTest, FourAtOnceAndTheFirstOnesFirst) {
  Want(9);
  for (std::size_t i = 0; i < 9; ++i) Serve(i);
  const auto meeting = std::make_shared<MeetingClient::Meeting>();
  MeetingClient client(http_, meeting);
  for (const FetchReport& report : Run(client)) EXPECT_TRUE(report.summary);
  EXPECT_EQ(meeting->most, kDownloadsMax);
  std::sort(meeting->first.begin(), meeting->first.end());
  EXPECT_EQ(meeting->first, (std::vector{UrlOf(0), UrlOf(1), UrlOf(2), UrlOf(3)}));
}

TEST_F(FetchAllTest, InterruptEndsAll) {
  Want(8);
  for (std::size_t i = 0; i < 8; ++i) Serve(i);
  FetchAllListener listener;
  listener.progress = [this](std::uint64_t) { interrupt_.Request(); };
  const auto reports =
      FetchAll({http_, clock_, [] { return 0U; }, interrupt_}, requests_, listener);
  for (const FetchReport& report : reports) {
    ASSERT_FALSE(report.summary);
    EXPECT_EQ(report.summary.error().code, ExitCode::kInterrupted);
  }
}

TEST_F(FetchAllTest, WhoIsWaitedForIsSaid) {
  Want(2);
  Serve(0);
  Serve(1);
  std::filesystem::path path = requests_[1].destination;
  path += ".part.lock";
  const auto lock = FileLock::Acquire(path, clock_, std::chrono::milliseconds(0));
  ASSERT_TRUE(lock);
  const auto reports = Run(http_);
  EXPECT_TRUE(reports[0].summary);
  EXPECT_EQ(reports[1].summary.error().code, ExitCode::kBusy);
  EXPECT_EQ(waited_for_, std::vector<std::size_t>{1});
}

// Each alone would fit.
TEST_F(FetchAllTest, RoomIsCheckedForAllTogether) {
  Want(3);
  EXPECT_TRUE(CheckRoom(requests_));
  EXPECT_TRUE(CheckRoom({}));
  const auto free_bytes = FreeBytes(directory_.path());
  ASSERT_TRUE(free_bytes);
  for (FetchRequest& request : requests_) request.size_bytes = *free_bytes / 2;
  EXPECT_TRUE(CheckRoom({requests_[0]}));
  const auto room = CheckRoom(requests_);
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().code, ExitCode::kInternal);
  EXPECT_EQ(
      room.error().message.find(fmt::format("no room for {} bytes in '{}': ", 3 * (*free_bytes / 2),
                                            directory_.path().string())),
      0U);
}

TEST_F(FetchAllTest, WhatIsThereAlreadyNeedsNoRoom) {
  Want(1);
  const auto free_bytes = FreeBytes(directory_.path());
  ASSERT_TRUE(free_bytes);
  requests_[0].size_bytes = *free_bytes + 1'000'000;
  EXPECT_FALSE(CheckRoom(requests_));
  std::filesystem::path part = requests_[0].destination;
  part += ".part";
  WriteText(part, "");
  std::filesystem::resize_file(part, requests_[0].size_bytes);  // takes no room itself
  EXPECT_TRUE(CheckRoom(requests_));
}

}  // namespace
}  // namespace lastgood::test
