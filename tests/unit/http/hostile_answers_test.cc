// SPDX-License-Identifier: MIT
// The real client against a server that means harm: time, memory and what is believed have limits.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "http/curl_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

// Counts, and stops when it had enough, as everything that fetches does.
class BoundedSink final : public HttpSink {
 public:
  explicit BoundedSink(std::size_t size_max) : size_max_(size_max) {}
  Result<void> OnResponse(const HttpResponse&) override { return {}; }
  Result<void> OnBody(ByteSpan piece) override {
    Append(body_, piece);
    if (body_.size() > size_max_) return Fail(ExitCode::kNotTrusted, "more than was asked for");
    return {};
  }
  const Bytes& body() const { return body_; }

 private:
  std::size_t size_max_;
  Bytes body_;
};

class HostileAnswers : public testing::Test {
 protected:
  HostileAnswers() { WriteText(directory_ / "a.bin", AsText(content_)); }

  // "succeeded", or the message without the URL that it begins with.
  std::string Outcome(const std::string& path) {
    request_.url = server_.Url(path);
    sink_ = BoundedSink(content_.size());
    const auto response = client_.Get(request_, sink_, interrupt_);
    if (response) return "succeeded";
    const std::string& message = response.error().message;
    const std::string start = request_.url + ": ";
    return message.starts_with(start) ? message.substr(start.size()) : message;
  }

  const Bytes content_ = Pattern(20'000);
  TemporaryDirectory directory_;
  HostileServer server_{directory_.path()};
  CurlHttpClient client_;
  HttpRequest request_;
  BoundedSink sink_{0};
  Interrupt interrupt_;
};

TEST_F(HostileAnswers, WhatHasNoEndIsEnded) {
  ASSERT_EQ(Outcome("a.bin"), "succeeded");
  const struct {
    std::string path;
    std::string outcome;
  } cases[] = {
      {"informational", "an answer with an endless header"},
      {"endless-trailer", "an answer with an endless header"},
      {"endless-chunks", "more than was asked for"},
      {"grow", "redirected more than 5 times"},
  };
  for (const auto& row : cases) EXPECT_EQ(Outcome(row.path), row.outcome) << row.path;
}

TEST_F(HostileAnswers, SlowOnesAreGivenUp) {
  request_.low_speed_bytes_per_s = 100;
  request_.low_speed_time = std::chrono::seconds(1);
  for (const char* path : {"slow-head", "slow-body/a.bin"}) {
    EXPECT_NE(Outcome(path), "succeeded") << path;
    EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kTooSlow) << path;
  }
  // Fast enough at every moment, and never done.
  request_.low_speed_time = std::chrono::seconds(60);
  request_.total_timeout = std::chrono::seconds(1);
  for (const char* path : {"slow-head", "slow-body/a.bin", "endless-extension"}) {
    EXPECT_NE(Outcome(path), "succeeded") << path;
    EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kTimeout) << path;
  }
}

TEST_F(HostileAnswers, LengthsThatMakeNoSenseAreRefused) {
  for (const char* path : {"huge-chunk", "negative-chunk", "negative-length"}) {
    EXPECT_NE(Outcome(path), "succeeded") << path;
    EXPECT_NE(client_.LastTrouble(), HttpTrouble::kNone) << path;
  }
}

// libcurl takes a length that no number can hold for none: the answer ends with the connection.
TEST_F(HostileAnswers, LengthBeyondAllNumbersIsNone) {
  EXPECT_EQ(Outcome("huge-length"), "succeeded");
  EXPECT_EQ(sink_.body(), Bytes(100, 'x'));
}

TEST_F(HostileAnswers, DateBeyondAllClocksIsNone) {
  for (const auto& [year, is_date] : {std::pair("2026", true),
                                      {"2261", true},
                                      {"2432", false},
                                      {"9999", false},
                                      {"1600", false}}) {
    request_.url = server_.Url(std::string("date/") + year);
    const auto response = client_.Get(request_, sink_, interrupt_);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->date.has_value(), is_date) << year;
  }
}

TEST_F(HostileAnswers, WhatIsPackedIsNotUnpacked) {
  EXPECT_EQ(Outcome("packed/0/a.bin"), "succeeded");
  EXPECT_EQ(sink_.body(), content_);
}

// Whichever of two lengths is believed, no octet of another answer is taken for the file's.
TEST_F(HostileAnswers, LengthsThatContradictEachOtherGiveTheFileOrNothing) {
  for (const char* path :
       {"two-lengths/100/a.bin", "two-lengths/30000/a.bin", "length-and-chunks/a.bin"}) {
    const std::string outcome = Outcome(path);
    const Bytes& got = sink_.body();
    ASSERT_LE(got.size(), content_.size()) << path;
    EXPECT_TRUE(std::equal(got.begin(), got.end(), content_.begin())) << path;
    EXPECT_TRUE(outcome != "succeeded" || got.size() == 100 || got.size() == content_.size())
        << path << ": " << got.size();
    // The connection is not used again for what follows.
    EXPECT_EQ(Outcome("a.bin"), "succeeded");
    EXPECT_EQ(sink_.body(), content_);
  }
}

TEST(HostileTls, VersionsThatAreBrokenAreRefused) {
  TemporaryDirectory directory;
  WriteText(directory / "a.bin", "firmware");
  const auto outcome = [&](const char* version) -> std::string {
    const HostileServer server(directory.path(), version);
    CurlHttpClient client({directory / "ca.pem"});
    HttpRequest request;
    request.url = server.Url("a.bin");
    BoundedSink sink(100);
    const Interrupt interrupt;
    const auto response = client.Get(request, sink, interrupt);
    EXPECT_TRUE(response || client.LastTrouble() == HttpTrouble::kTls) << version;
    return response ? "succeeded" : "refused";
  };
  EXPECT_EQ(outcome("1.0"), "refused");
  EXPECT_EQ(outcome("1.1"), "refused");
  EXPECT_EQ(outcome("1.2"), "succeeded");
}

}  // namespace
}  // namespace lastgood::test
