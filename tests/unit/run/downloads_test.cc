// SPDX-License-Identifier: MIT
#include "run/downloads.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "run/fill_store.h"
#include "run/firmware_files.h"
#include "run/network_check.h"
#include "support/fake_http_client.h"
#include "support/pattern.h"
#include "support/recording_reporter.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kSize = 40'000;

class DownloadsTest : public testing::Test {
 protected:
  static Bytes Image(int number) { return Pattern(kSize, static_cast<std::uint32_t>(number)); }
  static Sha256Digest DigestOf(int number) { return Sha256(Image(number)); }
  static std::string UrlOf(int number) { return fmt::format("http://a/{}.bin", number); }

  static FirmwareSpec Firmware(const std::string& name, const std::vector<int>& images) {
    FirmwareSpec firmware;
    firmware.name = name;
    firmware.version = "1";
    for (const int number : images) {
      PartSpec part;
      part.offset = static_cast<std::uint32_t>(0x10000 * firmware.parts.size());
      part.urls = {UrlOf(number)};
      part.sha256 = DigestOf(number);
      part.size_bytes = kSize;
      firmware.parts.push_back(part);
    }
    return firmware;
  }
  static Plan PlanOf(const std::string& name, FirmwareSpec firmware,
                     std::vector<FirmwareSpec> fallbacks) {
    Plan plan;
    plan.manifest.name = name;
    plan.manifest.firmware = std::move(firmware);
    plan.manifest.fallbacks = std::move(fallbacks);
    return plan;
  }

  void Serve(int number) { http_.Serve(UrlOf(number), Image(number)); }
  StoreSeams Seams() {
    network_.root = directory_ / "root";  // this host's proxies are none of the test's
    return {clock_,   reporter_, http_,    store_, interrupt_, [] { return 0U; },
            mirrors_, proxy_,    &network_};
  }
  std::size_t Asked(const std::string& url) {
    const auto urls = http_.requested_urls();
    return static_cast<std::size_t>(std::count(urls.begin(), urls.end(), url));
  }

  TemporaryDirectory directory_;
  VirtualClock clock_;
  FakeHttpClient http_;
  Interrupt interrupt_;
  RecordingReporter reporter_;
  ArtifactStore store_ = ArtifactStore::Open(directory_ / "state").value();
  std::vector<std::string> mirrors_;
  std::optional<std::string> proxy_;
  NetworkSurroundings network_;
};

TEST_F(DownloadsTest, ArtifactThatSeveralNeedComesOnceAndCountsForTheFirst) {
  const FirmwareSpec first = Firmware("first", {1, 2});
  const FirmwareSpec second = Firmware("second", {2, 3});
  for (const int number : {1, 2, 3}) Serve(number);
  auto downloads = Downloads::Prepare(Seams(), {&first, &second});
  ASSERT_TRUE(downloads) << downloads.error().message;
  const auto fetched = downloads->Fetch({&first, &second});
  EXPECT_EQ(fetched[0].artifacts, 2U);
  EXPECT_EQ(fetched[0].bytes_received, 2 * kSize);
  EXPECT_EQ(fetched[1].artifacts, 1U);
  EXPECT_EQ(http_.requests().size(), 3U);
  EXPECT_TRUE(LoadFetched(store_, second));
  EXPECT_EQ(reporter_.progress().back().bytes_done, 3 * kSize);
  EXPECT_EQ(reporter_.progress().back().bytes_total, 3 * kSize);
}

TEST_F(DownloadsTest, ProgressIsOneOverSeveralCalls) {
  const FirmwareSpec first = Firmware("first", {1});
  const FirmwareSpec second = Firmware("second", {2});
  Serve(1);
  Serve(2);
  auto downloads = Downloads::Prepare(Seams(), {&first, &second});
  ASSERT_TRUE(downloads);
  downloads->Fetch({&first});
  downloads->Fetch({&second});
  std::uint64_t before = 0;
  for (const ProgressEvent& event : reporter_.progress()) {
    EXPECT_GE(event.bytes_done, before);
    EXPECT_EQ(event.bytes_total, 2 * kSize);
    before = event.bytes_done;
  }
  EXPECT_EQ(before, 2 * kSize);
}

TEST_F(DownloadsTest, FailureBelongsToEveryFirmwareThatNeedsTheArtifact) {
  const FirmwareSpec good = Firmware("good", {1});
  const FirmwareSpec bad = Firmware("bad", {2});
  const FirmwareSpec also_bad = Firmware("also bad", {2, 3});
  Serve(1);
  Serve(3);
  http_.Answer(UrlOf(2), 404);
  auto downloads = Downloads::Prepare(Seams(), {&bad, &good, &also_bad});
  ASSERT_TRUE(downloads);
  const auto fetched = downloads->Fetch({&bad, &good, &also_bad});
  ASSERT_TRUE(fetched[0].error);
  EXPECT_EQ(fetched[0].error->message, "cannot download: http://a/2.bin: 404 Not Found");
  EXPECT_FALSE(fetched[1].error);
  ASSERT_TRUE(fetched[2].error);
  EXPECT_EQ(fetched[2].error->message, fetched[0].error->message);
}

TEST_F(DownloadsTest, DamagedArtifactIsMissing) {
  const FirmwareSpec firmware = Firmware("firmware", {1});
  WriteText(store_.PathOf(DigestOf(1)), "damaged");
  Serve(1);
  auto downloads = Downloads::Prepare(Seams(), {&firmware});
  ASSERT_TRUE(downloads);
  EXPECT_FALSE(downloads->nothing_missing());
  EXPECT_FALSE(downloads->Fetch({&firmware})[0].error);
  EXPECT_TRUE(LoadFetched(store_, firmware));
  EXPECT_TRUE(Downloads::Prepare(Seams(), {&firmware})->nothing_missing());
}

TEST_F(DownloadsTest, NoRoomForAllIsSaidBeforeTheNetworkIsAsked) {
  FirmwareSpec firmware = Firmware("firmware", {1});
  firmware.parts[0].size_bytes = std::uint64_t{1} << 60;
  const auto downloads = Downloads::Prepare(Seams(), {&firmware});
  ASSERT_FALSE(downloads);
  EXPECT_EQ(downloads.error().code, ExitCode::kInternal);
  EXPECT_TRUE(http_.requests().empty());
}

TEST_F(DownloadsTest, MirrorsAreAskedFirstByDigestAndTheProxyIsPassedOn) {
  const FirmwareSpec firmware = Firmware("firmware", {1});
  mirrors_ = {"http://none", "http://teacher/images/"};
  proxy_ = "http://proxy:3128";
  const std::string hex = DigestOf(1).ToHex();
  http_.Answer("http://none/" + hex + " via http://proxy:3128", 404);
  http_.Serve("http://teacher/images/" + hex + " via http://proxy:3128", Image(1));
  auto downloads = Downloads::Prepare(Seams(), {&firmware});
  ASSERT_TRUE(downloads);
  const auto fetched = downloads->Fetch({&firmware});
  EXPECT_FALSE(fetched[0].error);
  EXPECT_EQ(fetched[0].rejected,
            std::vector<std::string>{"http://none/" + hex + ": 404 Not Found"});
  EXPECT_EQ(Asked(UrlOf(1)), 0U);
  for (const HttpRequest& request : http_.requests()) EXPECT_EQ(request.proxy, proxy_);
}

TEST_F(DownloadsTest, StoreIsFilledWithFirmwareBeforeFallbacks) {
  const Plan a = PlanOf("a", Firmware("one", {1}), {Firmware("two", {2})});
  const Plan b = PlanOf("b", Firmware("three", {3}), {Firmware("one", {1})});
  for (const int number : {1, 2, 3}) Serve(number);
  const RunOutcome outcome = FillStore(Seams(), {&a, &b});
  EXPECT_EQ(outcome.code, ExitCode::kDone);
  EXPECT_EQ(outcome.text, "Everything is in the store: 3 of 4 downloaded (120 KB).");
  EXPECT_TRUE(outcome.changed);
  EXPECT_EQ(http_.requested_urls().back(), UrlOf(2));
  const std::size_t asked = http_.requests().size();
  EXPECT_EQ(asked, 1U + 3U) << "the probe, and each artifact once";
  EXPECT_EQ(FillStore(Seams(), {&a, &b}).text, "Everything was in the store already.");
  EXPECT_EQ(http_.requests().size(), asked);
}

TEST_F(DownloadsTest, MostSeriousFailureIsTheOutcome) {
  const Plan plan =
      PlanOf("m", Firmware("missing", {1}), {Firmware("wrong", {2}), Firmware("good", {3})});
  http_.Trouble(UrlOf(1), HttpTrouble::kConnect);
  http_.Serve(UrlOf(2), Pattern(kSize, 99));
  Serve(3);
  const RunOutcome outcome = FillStore(Seams(), {&plan});
  EXPECT_EQ(outcome.code, ExitCode::kNotTrusted);
  EXPECT_EQ(outcome.text.find("fallback " + plan.manifest.fallbacks[0].Title() + " of m: not what"),
            0U)
      << outcome.text;
  EXPECT_TRUE(LoadFetched(store_, plan.manifest.fallbacks[1]));
}

TEST_F(DownloadsTest, InterruptIsTheOutcomeAndNoFailureOfAFirmware) {
  const Plan plan = PlanOf("m", Firmware("one", {1}), {Firmware("two", {2})});
  interrupt_.Request();
  const RunOutcome outcome = FillStore(Seams(), {&plan});
  EXPECT_EQ(outcome.code, ExitCode::kInterrupted);
  EXPECT_EQ(outcome.text, "interrupted");
  EXPECT_TRUE(reporter_.stages().empty());
}

}  // namespace
}  // namespace lastgood::test
