// SPDX-License-Identifier: MIT
// What http/http_client.h promises, over the real client with real web servers, and over the
// fake that other tests rely on.
#include "http/http_client.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/curl_http_client.h"
#include "support/fake_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/recording_sink.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

// A client and the world that it talks to.
class Setting {
 public:
  virtual ~Setting() = default;
  virtual HttpClient& Client() = 0;
  virtual std::string Serve(const std::string& name, const Bytes& content) = 0;  // its URL
  virtual std::string UrlWithStatus(int status) = 0;
  virtual std::string UrlCutAfter(const std::string& name, const Bytes& content,
                                  std::size_t octets) = 0;
  virtual std::string UrlRefused() = 0;
  virtual std::string UrlRedirectedTo(const std::string& url) = 0;
};

class CurlSetting final : public Setting {
 public:
  HttpClient& Client() override { return client_; }
  std::string Serve(const std::string& name, const Bytes& content) override {
    WriteText(directory_ / name, AsText(content));
    return server_.Url(name);
  }
  std::string UrlWithStatus(int status) override {
    return faults_.Url("status/" + std::to_string(status));
  }
  std::string UrlCutAfter(const std::string& name, const Bytes& content,
                          std::size_t octets) override {
    Serve(name, content);
    return faults_.Url("cut/" + std::to_string(octets) + "/" + name);
  }
  std::string UrlRefused() override { return RefusingUrl(); }
  std::string UrlRedirectedTo(const std::string& url) override {
    return faults_.Url("redirect?to=" + url);
  }

 private:
  TemporaryDirectory directory_;
  HttpServer server_{directory_.path()};
  FaultServer faults_{directory_.path()};
  CurlHttpClient client_;
};

class FakeSetting final : public Setting {
 public:
  HttpClient& Client() override { return client_; }
  std::string Serve(const std::string& name, const Bytes& content) override {
    client_.Serve("http://fake/" + name, content);
    return "http://fake/" + name;
  }
  std::string UrlWithStatus(int status) override {
    client_.Answer("http://fake/status", status);
    return "http://fake/status";
  }
  std::string UrlCutAfter(const std::string& name, const Bytes& content,
                          std::size_t octets) override {
    client_.CutOff("http://fake/cut/" + name, content, octets);
    return "http://fake/cut/" + name;
  }
  std::string UrlRefused() override {
    client_.Trouble("http://fake/refused", HttpTrouble::kConnect);
    return "http://fake/refused";
  }
  std::string UrlRedirectedTo(const std::string& url) override {
    client_.Redirect("http://fake/redirect/" + url, url);
    return "http://fake/redirect/" + url;
  }

 private:
  FakeHttpClient client_;
};

enum class Which { kCurl, kFake };

class HttpClientContract : public testing::TestWithParam<Which> {
 protected:
  HttpClientContract() {
    if (GetParam() == Which::kCurl) {
      setting_ = std::make_unique<CurlSetting>();
    } else {
      setting_ = std::make_unique<FakeSetting>();
    }
  }
  Result<HttpResponse> Get(const HttpRequest& request) {
    return setting_->Client().Get(request, sink_, interrupt_);
  }
  HttpTrouble Trouble() { return setting_->Client().LastTrouble(); }

  std::unique_ptr<Setting> setting_;
  RecordingSink sink_;
  Interrupt interrupt_;
};

HttpRequest Whole(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

HttpRequest From(const std::string& url, std::uint64_t first) {
  HttpRequest request = Whole(url);
  request.range_from = first;
  return request;
}

TEST_P(HttpClientContract, WholeFileArrivesInBoundedPieces) {
  const Bytes content = Pattern(200'000);
  const std::string url = setting_->Serve("a.bin", content);
  const auto response = Get(Whole(url));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_length, content.size());
  EXPECT_EQ(response->effective_url, url);
  EXPECT_EQ(response->content_type, "application/octet-stream");
  EXPECT_EQ(sink_.body, content);
  EXPECT_LE(sink_.largest_piece, 64U * 1024);
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, SinkSeesTheResponseOnceAndFirst) {
  const auto response = Get(Whole(setting_->Serve("a.bin", Pattern(50'000))));
  ASSERT_TRUE(response);
  EXPECT_EQ(sink_.responses, 1);
  EXPECT_FALSE(sink_.body_before_response);
  EXPECT_EQ(sink_.response.status, response->status);
  EXPECT_EQ(sink_.response.etag, response->etag);
}

TEST_P(HttpClientContract, EmptyFileIsAResponseWithoutABody) {
  const auto response = Get(Whole(setting_->Serve("empty.bin", {})));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->content_length, 0U);
  EXPECT_EQ(sink_.responses, 1);
  EXPECT_TRUE(sink_.body.empty());
}

TEST_P(HttpClientContract, RestOfAFileIsPartialContent) {
  const Bytes content = Pattern(5000);
  const auto response = Get(From(setting_->Serve("a.bin", content), 1234));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 206);
  EXPECT_EQ(response->content_length, 5000U - 1234);
  EXPECT_EQ(sink_.body, Bytes(content.begin() + 1234, content.end()));
}

TEST_P(HttpClientContract, FirstOctetsAloneArePartialContent) {
  const Bytes content = Pattern(5000);
  HttpRequest request = Whole(setting_->Serve("a.bin", content));
  request.range_to = 63;
  const auto response = Get(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 206);
  EXPECT_EQ(sink_.body, Bytes(content.begin(), content.begin() + 64));
}

TEST_P(HttpClientContract, RangeBeyondTheEndIsCutToTheFile) {
  const Bytes content = Pattern(40);
  HttpRequest request = Whole(setting_->Serve("a.bin", content));
  request.range_to = 511;
  const auto response = Get(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 206);
  EXPECT_EQ(sink_.body, content);
}

TEST_P(HttpClientContract, RangeFromTheEndIsNotSatisfiable) {
  const auto response = Get(From(setting_->Serve("a.bin", Pattern(5000)), 5000));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 416);
}

TEST_P(HttpClientContract, MatchingEtagContinuesAndAnotherStartsOver) {
  const Bytes content = Pattern(5000);
  const std::string url = setting_->Serve("a.bin", content);
  const auto whole = Get(Whole(url));
  ASSERT_TRUE(whole);
  ASSERT_FALSE(whole->etag.empty());

  HttpRequest request = From(url, 1000);
  request.if_range = whole->etag;
  EXPECT_EQ(Get(request)->status, 206);
  request.if_range = "\"of another file\"";
  sink_.body.clear();
  EXPECT_EQ(Get(request)->status, 200);
  EXPECT_EQ(sink_.body, content);
}

TEST_P(HttpClientContract, ErrorStatusIsAResponseNotAFailure) {
  const auto response = Get(Whole(setting_->UrlWithStatus(404)));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->content_type, "text/html");
  EXPECT_FALSE(sink_.body.empty());
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, SinksErrorAtTheResponseIsWhatGetReturns) {
  sink_.refuse_response = Error{ExitCode::kNotTrusted, "too large", "a hint"};
  const auto response = Get(Whole(setting_->Serve("a.bin", Pattern(100))));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kNotTrusted);
  EXPECT_EQ(response.error().message, "too large");
  EXPECT_EQ(response.error().hint, "a hint");
  EXPECT_TRUE(sink_.body.empty());
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, SinksErrorInTheBodyIsWhatGetReturns) {
  sink_.refuse_body = Error{ExitCode::kInternal, "disk full", ""};
  const auto response = Get(Whole(setting_->Serve("a.bin", Pattern(100))));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kInternal);
  EXPECT_EQ(response.error().message, "disk full");
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, CutOffIsAFailureAfterWhatArrived) {
  const auto response = Get(Whole(setting_->UrlCutAfter("a.bin", Pattern(5000), 1200)));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(Trouble(), HttpTrouble::kCutOff);
  EXPECT_EQ(sink_.body.size(), 1200U);
}

TEST_P(HttpClientContract, RefusedConnectionNamesUrlAndCause) {
  const std::string url = setting_->UrlRefused();
  const auto response = Get(Whole(url));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(response.error().message, url + ": connection refused");
  EXPECT_EQ(Trouble(), HttpTrouble::kConnect);
  EXPECT_EQ(sink_.responses, 0);
}

TEST_P(HttpClientContract, RedirectsAreFollowedAsFarAsAllowed) {
  const std::string url = setting_->Serve("a.bin", Pattern(100));
  HttpRequest twice = Whole(setting_->UrlRedirectedTo(setting_->UrlRedirectedTo(url)));
  twice.redirects_max = 2;
  const auto response = Get(twice);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->effective_url, url);
  EXPECT_EQ(response->location, "");
  EXPECT_EQ(sink_.responses, 1);
  twice.redirects_max = 1;
  ASSERT_FALSE(Get(twice));
  EXPECT_EQ(Trouble(), HttpTrouble::kProtocol);
}

TEST_P(HttpClientContract, RedirectIsTheAnswerWhenNoneIsAllowed) {
  const std::string url = setting_->Serve("a.bin", Pattern(100));
  HttpRequest request = Whole(setting_->UrlRedirectedTo(url));
  request.redirects_max = 0;
  const auto response = Get(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->location, url);
  EXPECT_EQ(response->effective_url, request.url);
  EXPECT_EQ(sink_.response.location, url);
  EXPECT_TRUE(sink_.body.empty());
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, SuccessClearsTheLastTrouble) {
  ASSERT_FALSE(Get(Whole(setting_->UrlRefused())));
  ASSERT_TRUE(Get(Whole(setting_->Serve("a.bin", Pattern(10)))));
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, InterruptBeforeTheRequestAsksNothing) {
  interrupt_.Request();
  const auto response = Get(Whole(setting_->Serve("a.bin", Pattern(10))));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(sink_.responses, 0);
  EXPECT_EQ(Trouble(), HttpTrouble::kNone);
}

TEST_P(HttpClientContract, InterruptInTheBodyEndsTheTransfer) {
  const Bytes content = Pattern(8'000'000);
  sink_.interrupt_on_body = &interrupt_;
  const auto response = Get(Whole(setting_->Serve("a.bin", content)));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kInterrupted);
  EXPECT_LT(sink_.body.size(), content.size());
}

TEST_P(HttpClientContract, ClientWorksAgainAfterEveryKindOfEnd) {
  const Bytes content = Pattern(3000);
  sink_.refuse_body = Error{ExitCode::kInternal, "disk full", ""};
  ASSERT_FALSE(Get(Whole(setting_->Serve("a.bin", content))));
  sink_ = RecordingSink();
  ASSERT_FALSE(Get(Whole(setting_->UrlCutAfter("b.bin", content, 100))));
  sink_ = RecordingSink();
  ASSERT_TRUE(Get(Whole(setting_->Serve("c.bin", content))));
  EXPECT_EQ(sink_.body, content);
}

INSTANTIATE_TEST_SUITE_P(Http, HttpClientContract, testing::Values(Which::kCurl, Which::kFake),
                         [](const auto& which) {
                           return which.param == Which::kCurl ? "Curl" : "Fake";
                         });

}  // namespace
}  // namespace lastgood::test
