// SPDX-License-Identifier: MIT
// Fetch from a server that means harm: the artifact or nothing, and nothing is left behind that
// could be taken for it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "digest/digest.h"
#include "fetch/fetch.h"
#include "http/curl_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

TEST(FetchFromHostile, WrongBytesAreNeverTheArtifact) {
  const Bytes image = Pattern(20'000);
  TemporaryDirectory served;
  TemporaryDirectory kept;
  WriteText(served / "fw.bin", AsText(image));
  const HostileServer server(served.path());
  CurlHttpClient http;
  VirtualClock clock;
  const Interrupt interrupt;
  FetchRequest request;
  request.sha256 = Sha256(image);
  request.size_bytes = image.size();
  request.destination = kept / "image";
  const auto from = [&](const std::string& path) {
    request.urls = {server.Url(path)};
    return Fetch({http, clock, [] { return 0U; }, interrupt}, request, {});
  };
  for (const char* attack :
       {"informational", "endless-chunks", "endless-trailer", "huge-chunk", "negative-chunk",
        "negative-length", "huge-length", "packed/50/fw.bin", "grow"}) {
    const auto summary = from(attack);
    ASSERT_FALSE(summary) << attack;
    EXPECT_TRUE(summary.error().code == ExitCode::kCannotDownload ||
                summary.error().code == ExitCode::kNotTrusted)
        << summary.error().message;
    EXPECT_FALSE(std::filesystem::exists(kept / "image")) << attack;
    std::uintmax_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kept.path()))
      left += entry.file_size();
    EXPECT_LE(left, image.size() + 4096) << attack;
  }
  for (const char* harmless : {"packed/0/fw.bin", "length-and-chunks/fw.bin"}) {
    const auto summary = from(harmless);
    ASSERT_TRUE(summary) << harmless << ": " << summary.error().message;
    EXPECT_EQ(ReadAll(kept / "image"), image);
    std::filesystem::remove(kept / "image");
  }
}

}  // namespace
}  // namespace lastgood::test
