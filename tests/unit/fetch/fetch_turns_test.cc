// SPDX-License-Identifier: MIT
// When Fetch asks whom again: pauses and their jitter, Retry-After, turns, the limit for all.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "fetch/fetch.h"
#include "support/fake_http_client.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kSize = 100'000;
const std::string kUrl = "http://a/fw.bin";
const std::string kMirror = "http://b/fw.bin";

class FetchTurns : public testing::Test {
 protected:
  FetchTurns() {
    request_.urls = {kUrl};
    request_.sha256 = Sha256(image_);
    request_.size_bytes = kSize;
    request_.destination = directory_ / "image";
  }

  Result<FetchSummary> Run() {
    const TimePoint began = clock_.Now();
    auto summary = Fetch({http_, clock_, random_, interrupt_}, request_, {});
    elapsed_ = std::chrono::duration_cast<milliseconds>(clock_.Now() - began);
    return summary;
  }

  void Busy(const std::string& url, int status, std::optional<seconds> retry_after) {
    FakeAnswer answer;
    answer.status = status;
    answer.retry_after = retry_after;
    http_.Script(url, answer);
  }
  void Slow(const std::string& url) {
    FakeAnswer answer;
    answer.takes = hours(10);
    http_.Script(url, answer);
  }

  const Bytes image_ = Pattern(kSize);
  TemporaryDirectory directory_;
  VirtualClock clock_;
  FakeHttpClient http_{clock_};
  Interrupt interrupt_;
  std::function<std::uint32_t()> random_ = [] { return 0U; };
  FetchRequest request_;
  milliseconds elapsed_{0};
};

TEST_F(FetchTurns, PausesAreJitteredSoThatAClassroomDoesNotRetryInStep) {
  std::vector<milliseconds> taken;
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 generator(seed);
    random_ = [&generator] { return static_cast<std::uint32_t>(generator()); };
    FakeHttpClient http;
    http.CutOff(kUrl, image_, 40'000);  // three tries, two pauses
    http_ = http;
    ASSERT_TRUE(Run());
    EXPECT_GE(elapsed_, milliseconds(500 + 1000));
    EXPECT_LE(elapsed_, milliseconds(750 + 1500));
    taken.push_back(elapsed_);
    std::filesystem::remove(request_.destination);
  }
  EXPECT_NE(taken, std::vector<milliseconds>(taken.size(), taken.front()));
}

TEST_F(FetchTurns, RetryAfterIsWaitedForWhenNobodyElseDelivers) {
  for (const int status : {429, 503}) {
    SCOPED_TRACE(status);
    const std::string url = fmt::format("http://busy/{}", status);
    request_.urls = {url};
    Busy(url, status, seconds(7));
    http_.Serve(url, image_);
    const auto summary = Run();
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_GE(elapsed_, seconds(7));
    EXPECT_LT(elapsed_, seconds(8));
    EXPECT_TRUE(summary->rejected.empty());
    std::filesystem::remove(request_.destination);
  }
}

TEST_F(FetchTurns, MirrorIsAskedBeforeAnyWaiting) {
  request_.urls = {kUrl, kMirror};
  Busy(kUrl, 503, seconds(7));
  http_.Serve(kMirror, image_);
  ASSERT_TRUE(Run());
  EXPECT_EQ(elapsed_, milliseconds(0));
}

TEST_F(FetchTurns, LongerThanAMinuteIsNotWaited) {
  Busy(kUrl, 503, hours(1));
  const auto summary = Run();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(summary.error().message,
            "cannot download: http://a/fw.bin: 503 Service Unavailable, to be asked again after "
            "3600 s");
  EXPECT_EQ(elapsed_, milliseconds(0));
}

TEST_F(FetchTurns, BusyServerHasThreeTurns) {
  Busy(kUrl, 503, std::nullopt);
  const auto summary = Run();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().message, "cannot download: http://a/fw.bin: 503 Service Unavailable");
  EXPECT_EQ(http_.requests().size(), 3U);
  EXPECT_EQ(elapsed_, seconds(5 + 10));
}

TEST_F(FetchTurns, LinkThatIsPulledInMidDownloadAndPluggedInAgainGoesOn) {
  for (const HttpTrouble trouble :
       {HttpTrouble::kUnreachable, HttpTrouble::kResolve, HttpTrouble::kConnect}) {
    FakeHttpClient http(clock_);
    http.CutOff(kUrl, image_, 30'000);
    for (int i = 0; i < 4; ++i) http.Trouble(kUrl, trouble);
    http.Serve(kUrl, image_);
    http_ = http;
    const auto summary = Run();
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(summary->resumed);
    EXPECT_EQ(summary->bytes_received, kSize);
    std::filesystem::remove(request_.destination);
  }
}

TEST_F(FetchTurns, TimeForAllIsTenMinutesOrTheSizeAtTwoKilobytesASecond) {
  EXPECT_EQ(FetchTimeMax(0), seconds(600));
  EXPECT_EQ(FetchTimeMax(1'200'000), seconds(600));
  EXPECT_EQ(FetchTimeMax(8'000'000), seconds(4000));
  EXPECT_GT(FetchTimeMax(~std::uint64_t{0}), seconds(4000));
}

TEST_F(FetchTurns, TimeIsSharedSoThatASlowUrlLeavesSomeForTheNext) {
  request_.urls = {kUrl, kMirror, "http://c/fw.bin"};
  Slow(kUrl);
  Slow(kMirror);
  http_.Serve("http://c/fw.bin", image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(http_.requests()[0].total_timeout, seconds(200));
  EXPECT_LE(elapsed_, seconds(400));
}

TEST_F(FetchTurns, TimeForAllIsNeverExceeded) {
  request_.urls = {kUrl, kMirror};
  Slow(kUrl);
  Slow(kMirror);
  EXPECT_FALSE(Run());
  EXPECT_LE(elapsed_, FetchTimeMax(kSize) + seconds(1));
}

TEST_F(FetchTurns, ProxyOfTheRequestIsUsed) {
  http_.Serve(kUrl + " via http://proxy:3128", image_);
  request_.proxy = "http://proxy:3128";
  ASSERT_TRUE(Run());
  EXPECT_EQ(http_.requests()[0].proxy, "http://proxy:3128");
}

}  // namespace
}  // namespace lastgood::test
