// SPDX-License-Identifier: MIT
#include "http/file_url.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "http/curl_http_client.h"
#include "support/pattern.h"
#include "support/recording_sink.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

TEST(PathOfFileUrl, LocalPathsAreUnescaped) {
  EXPECT_EQ(PathOfFileUrl("file:///media/stick/a.bin"), "/media/stick/a.bin");
  EXPECT_EQ(PathOfFileUrl("file://localhost/a.bin"), "/a.bin");
  EXPECT_EQ(PathOfFileUrl("FILE:///a%20b%2Bc.bin"), "/a b+c.bin");
}

TEST(PathOfFileUrl, EverythingElseIsNone) {
  for (const std::string_view url :
       {"file://server/share/a.bin", "file:a.bin", "file://", "file:///a%2", "file:///a%zz",
        "file:///a%00b", "file:///a%+1", "http:///a.bin", "/a.bin", ""}) {
    EXPECT_EQ(PathOfFileUrl(url), std::nullopt) << url;
  }
}

class FileUrl : public testing::Test {
 protected:
  std::string Put(const std::string& name, const Bytes& content) {
    WriteText(directory_ / name, AsText(content));
    return Url(name);
  }
  std::string Url(const std::string& name) { return "file://" + (directory_ / name).string(); }
  Result<HttpResponse> Get(const std::string& url, std::uint64_t from = 0,
                           std::optional<std::uint64_t> to = {}) {
    HttpRequest request;
    request.url = url;
    request.range_from = from;
    request.range_to = to;
    sink_ = RecordingSink();
    return client_.Get(request, sink_, interrupt_);
  }

  TemporaryDirectory directory_;
  CurlHttpClient client_;
  RecordingSink sink_;
  Interrupt interrupt_;
};

TEST_F(FileUrl, WholeFileIsStatus200) {
  const Bytes content = Pattern(200'000);
  const auto response = Get(Put("a.bin", content));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_length, content.size());
  EXPECT_EQ(sink_.responses, 1);
  EXPECT_EQ(sink_.body, content);
  EXPECT_LE(sink_.largest_piece, 64U * 1024);
}

TEST_F(FileUrl, RangesAreAnsweredAsAWebServerWould) {
  const Bytes content = Pattern(5000);
  const std::string url = Put("a.bin", content);
  EXPECT_EQ(Get(url, 4000)->status, 206);
  EXPECT_EQ(sink_.body, Bytes(content.begin() + 4000, content.end()));
  EXPECT_EQ(Get(url, 0, 9)->content_length, 10U);
  EXPECT_EQ(sink_.body, Bytes(content.begin(), content.begin() + 10));
  EXPECT_EQ(Get(url, 0, 99'999)->content_length, 5000U);
  EXPECT_EQ(Get(url, 5000)->status, 416);
  EXPECT_TRUE(sink_.body.empty());
  EXPECT_FALSE(Get(url, 10, 5));
}

TEST_F(FileUrl, EmptyFileIsAnEmptyAnswer) {
  const auto response = Get(Put("empty", {}));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->content_length, 0U);
  EXPECT_EQ(sink_.responses, 1);
}

TEST_F(FileUrl, WhatIsNotAFileIsRefusedAtOnce) {
  std::filesystem::create_directory(directory_ / "directory");
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  const struct {
    std::string name;
    std::string why;
  } cases[] = {{"directory", "not a file"},
               {"fifo", "not a file"},
               {"missing.bin", "no such file or directory"}};
  for (const auto& row : cases) {
    const auto response = Get(Url(row.name));
    ASSERT_FALSE(response) << row.name;
    EXPECT_EQ(response.error().code, ExitCode::kCannotDownload);
    EXPECT_EQ(response.error().message, Url(row.name) + ": " + row.why);
    EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kLocal);
    EXPECT_EQ(sink_.responses, 0);
  }
}

TEST_F(FileUrl, AnotherComputersFileIsRefused) {
  const auto response = Get("file://server/a.bin");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "file://server/a.bin: not a file URL of this computer");
}

TEST_F(FileUrl, SinksErrorIsNoTroubleOfTheFile) {
  const std::string url = Put("a.bin", Pattern(10));
  HttpRequest request;
  request.url = url;
  sink_.refuse_body = Error{ExitCode::kCannotDownload, "enough", ""};
  const auto response = client_.Get(request, sink_, interrupt_);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "enough");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kNone);
}

TEST_F(FileUrl, InterruptEndsALongRead) {
  const std::string url = Put("a.bin", Pattern(300'000));
  HttpRequest request;
  request.url = url;
  sink_.interrupt_on_body = &interrupt_;
  const auto response = client_.Get(request, sink_, interrupt_);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kNone);
  EXPECT_LT(sink_.body.size(), 300'000U);
}

}  // namespace
}  // namespace lastgood::test
