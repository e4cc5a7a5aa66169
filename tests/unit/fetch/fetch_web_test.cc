// SPDX-License-Identifier: MIT
// Fetch over libcurl and real servers: what the fake could get wrong.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "digest/digest.h"
#include "fetch/fetch.h"
#include "http/curl_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kSize = 600'888;

class FetchOverTheWeb : public testing::Test {
 protected:
  FetchOverTheWeb() { Offer(Pattern(kSize)); }

  void Offer(Bytes image) {
    image_ = std::move(image);
    WriteText(served_ / "fw.bin", AsText(image_));
    request_.sha256 = Sha256(image_);
    request_.size_bytes = image_.size();
    request_.destination = kept_ / "image";
  }
  Result<FetchSummary> From(std::vector<std::string> urls) {
    request_.urls = std::move(urls);
    return Fetch(seams_, request_, {});
  }
  void ExpectArtifactAlone() {
    EXPECT_EQ(ReadAll(kept_ / "image"), image_);
    EXPECT_FALSE(std::filesystem::exists(kept_ / "image.part"));
    EXPECT_FALSE(std::filesystem::exists(kept_ / "image.part.etag"));
  }

  Bytes image_;
  TemporaryDirectory served_;
  TemporaryDirectory kept_;
  CurlHttpClient http_;
  VirtualClock clock_;
  Interrupt interrupt_;
  FetchRequest request_;
  FetchSeams seams_{http_, clock_, [] { return 0U; }, interrupt_};
};

TEST_F(FetchOverTheWeb, RealFirmwareFromARealServer) {
  const auto firmware = SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  if (!firmware) return;
  Offer(ReadAll(*firmware));
  const HttpServer nginx(served_.path());
  const auto summary = From({nginx.Url("fw.bin")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->bytes_received, image_.size());
  ExpectArtifactAlone();
}

TEST_F(FetchOverTheWeb, RestOfAPartialFileComesFromNginx) {
  WriteText(kept_ / "image.part", AsText(ByteSpan(image_).first(kSize / 3)));
  const HttpServer nginx(served_.path());
  const auto summary = From({nginx.Url("redirect/fw.bin")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize - kSize / 3);
  ExpectArtifactAlone();
}

TEST_F(FetchOverTheWeb, ConnectionCutAtEveryTurnIsResumed) {
  const FaultServer faults(served_.path());
  const auto summary = From({faults.Url("cut/250000/fw.bin")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->bytes_received, kSize);
  EXPECT_EQ(ReadText(served_ / "requests.log").find("/cut/250000/fw.bin - -\n"), 0U);
  EXPECT_NE(ReadText(served_ / "requests.log").find("bytes=250000- \""), std::string::npos);
  ExpectArtifactAlone();
}

// The ETag of the old file no longer holds: the server sends the new one whole, which is right.
TEST_F(FetchOverTheWeb, FileReplacedOnTheServerMeanwhileIsFetchedWhole) {
  const FaultServer faults(served_.path());
  const std::string url = faults.Url("cut-once/300000/fw.bin");
  const Bytes newer = image_;
  Bytes older = newer;
  older[0] ^= 0xff;  // and with it the ETag
  Offer(older);
  interrupt_.Clear();
  request_.urls = {url};
  FetchListener stop;
  stop.progress = [this](std::uint64_t done) {
    if (done == 300'000) interrupt_.Request();
  };
  ASSERT_FALSE(Fetch(seams_, request_, stop));
  ASSERT_EQ(std::filesystem::file_size(kept_ / "image.part"), 300'000U);

  interrupt_.Clear();
  Offer(newer);
  const auto summary = From({url});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_FALSE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize);
  ExpectArtifactAlone();
}

TEST_F(FetchOverTheWeb, ServersThatBendRangesStillDeliver) {
  const FaultServer faults(served_.path());
  for (const std::string fault :
       {"no-range", "wrong-range", "refuse-range", "no-etag", "chunked", "until-close"}) {
    WriteText(kept_ / "image.part", AsText(ByteSpan(image_).first(1000)));
    const auto summary = From({faults.Url(fault + "/fw.bin")});
    ASSERT_TRUE(summary) << fault << ": " << summary.error().message;
    ExpectArtifactAlone();
    std::filesystem::remove(kept_ / "image");
  }
}

TEST_F(FetchOverTheWeb, WrongAnswersOfRealServersAreNamed) {
  const FaultServer faults(served_.path());
  const HttpServer nginx(served_.path());
  const std::string page =
      "an HTML page: '<!DOCTYPE html>\\r\\n<html><title>Sign in</title>Welcome to the scho…' "
      "(sha256 ";
  const struct {
    std::string url;
    ExitCode code;
    std::string reason;
  } cases[] = {
      {faults.Url("html/fw.bin"), ExitCode::kNotTrusted,
       "82 bytes announced, the manifest says 600888; " + page},
      {faults.Url("redirect?to=/html/fw.bin"), ExitCode::kNotTrusted,
       "82 bytes announced, the manifest says 600888; " + page},
      {faults.Url("endless"), ExitCode::kNotTrusted, "more than the 600888 bytes of the manifest"},
      {faults.Url("short/5000/fw.bin"), ExitCode::kNotTrusted,
       "5000 bytes announced, the manifest says 600888"},
      {faults.Url("lie/600889/fw.bin"), ExitCode::kNotTrusted,
       "600889 bytes announced, the manifest says 600888"},
      {nginx.Url("missing.bin"), ExitCode::kCannotDownload, "404 Not Found"},
      {faults.Url("status/503"), ExitCode::kCannotDownload, "503 Service Unavailable"},
      {faults.Url("garbage"), ExitCode::kCannotDownload,
       "not an http, https or file URL, or no HTTP spoken there"},
      {"file:///missing/fw.bin", ExitCode::kCannotDownload, "no such file or directory"},
  };
  for (const auto& row : cases) {
    const auto summary = From({row.url});
    ASSERT_FALSE(summary) << row.url;
    EXPECT_EQ(summary.error().code, row.code) << row.url;
    EXPECT_NE(summary.error().message.find(row.url + ": " + row.reason), std::string::npos)
        << summary.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(kept_.path())) << row.url;
  }
}

TEST_F(FetchOverTheWeb, ServerThatAsksForPatienceGetsIt) {
  const FaultServer faults(served_.path());
  const TimePoint began = clock_.Now();
  const auto summary = From({faults.Url("busy-once/3/fw.bin")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_GE(clock_.Now() - began, std::chrono::seconds(3));
  ExpectArtifactAlone();
}

TEST_F(FetchOverTheWeb, StickThatIsPulledInMidReadIsSaidAndAMirrorGoesOn) {
  const std::string stick = "file://" + (served_ / "fw.bin").string();
  request_.urls = {stick};
  FetchListener pull;
  pull.progress = [this](std::uint64_t done) {
    if (done >= 100'000) std::filesystem::resize_file(served_ / "fw.bin", 100'000);
  };
  const auto cut = Fetch(seams_, request_, pull);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(cut.error().message,
            "cannot download: " + stick + ": the file became shorter while it was read");
  const std::uint64_t kept = std::filesystem::file_size(kept_ / "image.part");
  EXPECT_GT(kept, 0U);

  WriteText(served_ / "fw.bin", AsText(image_));
  const HttpServer nginx(served_.path());
  const auto summary = From({"file:///unplugged/fw.bin", nginx.Url("fw.bin")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->bytes_received, kSize - kept);
  ExpectArtifactAlone();
}

TEST_F(FetchOverTheWeb, FileOnAStickIsAMirrorToo) {
  const auto summary = From({RefusingUrl(), "file://" + (served_ / "fw.bin").string()});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->rejected.size(), 1U);
  ExpectArtifactAlone();
}

}  // namespace
}  // namespace lastgood::test
