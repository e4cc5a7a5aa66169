// SPDX-License-Identifier: MIT
// The real client against servers that misbehave. What every client owes is in
// tests/contract/http_client_test.cc.
#include "http/curl_http_client.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/http_server.h"
#include "support/pattern.h"
#include "support/recording_sink.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

using std::chrono::milliseconds;

class CurlClient : public testing::Test {
 protected:
  CurlClient() { WriteText(directory_ / "a.bin", AsText(content_)); }

  Result<HttpResponse> Get(const HttpRequest& request) {
    sink_ = RecordingSink();
    return client_.Get(request, sink_, interrupt_);
  }
  Result<HttpResponse> Get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return Get(request);
  }
  // The message without the URL it begins with.
  std::string Cause(const std::string& url) {
    const auto response = Get(url);
    if (response) return "succeeded";
    EXPECT_EQ(response.error().code, ExitCode::kCannotDownload);
    EXPECT_EQ(response.error().message.substr(0, url.size() + 2), url + ": ");
    return response.error().message.substr(url.size() + 2);
  }

  const Bytes content_ = Pattern(20'000);
  TemporaryDirectory directory_;
  FaultServer server_{directory_.path()};
  CurlHttpClient client_;
  RecordingSink sink_;
  Interrupt interrupt_;
};

TEST_F(CurlClient, CutOffNamesHowFarItCame) {
  EXPECT_EQ(Cause(server_.Url("cut/1234/a.bin")), "cut off after 1234 of 20000 bytes");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kCutOff);
  EXPECT_EQ(sink_.body, Bytes(content_.begin(), content_.begin() + 1234));
}

TEST_F(CurlClient, ClosedWithoutAWordIsACutOff) {
  EXPECT_EQ(Cause(server_.Url("close")), "connection closed without an answer");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kCutOff);
}

TEST_F(CurlClient, SilentServerTimesOut) {
  HttpRequest request;
  request.url = server_.Url("silent");
  request.total_timeout = milliseconds(1'000);
  const auto response = Get(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, request.url + ": timed out after 1 s");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kTimeout);
}

// On a connection that an earlier request made, where libcurl has no times of its making.
TEST_F(CurlClient, StalledBodyIsTooSlow) {
  ASSERT_TRUE(Get(server_.Url("a.bin")));
  HttpRequest request;
  request.url = server_.Url("stall/100/a.bin");
  request.low_speed_time = std::chrono::seconds(1);
  const auto response = Get(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, request.url + ": slower than 256 bytes/s for 1 s, given up");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kTooSlow);
  EXPECT_EQ(sink_.body.size(), 100U);
}

TEST_F(CurlClient, InterruptEndsAStalledBody) {
  HttpRequest request;
  request.url = server_.Url("stall/100/a.bin");
  sink_.interrupt_on_body = &interrupt_;
  const auto response = client_.Get(request, sink_, interrupt_);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kNone);
}

TEST_F(CurlClient, AnswersWithoutALengthAreWhole) {
  for (const std::string_view fault : {"chunked", "until-close"}) {
    const auto response = Get(server_.Url(std::string(fault) + "/a.bin"));
    ASSERT_TRUE(response) << fault << ": " << response.error().message;
    EXPECT_EQ(response->content_length, std::nullopt) << fault;
    EXPECT_EQ(sink_.body, content_) << fault;
  }
}

TEST_F(CurlClient, RangeThatWasNotAskedForIsRefusedBeforeItsBody) {
  HttpRequest request;
  request.range_from = 1000;
  for (const std::string_view fault : {"wrong-range", "unasked-range"}) {
    request.url = server_.Url(std::string(fault) + "/a.bin");
    const auto response = Get(request);
    ASSERT_FALSE(response) << fault;
    EXPECT_EQ(response.error().message,
              request.url + ": answered with another part of the file than was asked for");
    EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kProtocol);
    EXPECT_TRUE(sink_.body.empty());
    request.range_from = 0;
  }
}

TEST_F(CurlClient, WhatIsNotHttpIsRefused) {
  EXPECT_EQ(Cause(server_.Url("garbage")),
            "not an http, https or file URL, or no HTTP spoken there");
  EXPECT_EQ(Cause(server_.Url("endless-header")), "an answer with an endless header");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kProtocol);
}

TEST_F(CurlClient, UrlsOfOtherKindsAreRefusedWithoutARequest) {
  for (const std::string_view url : {"ftp://127.0.0.1/a", "gopher://127.0.0.1/a", "a.bin", ""})
    EXPECT_EQ(Cause(std::string(url)), "not an http, https or file URL");
  EXPECT_EQ(Cause("http://"), "not a valid URL");
}

TEST_F(CurlClient, LineBreakInUrlOrEtagNeverReachesAServer) {
  HttpRequest request;
  request.url = server_.Url("a.bin");
  request.if_range = "\"x\"\r\nX-Injected: 1";
  EXPECT_FALSE(Get(request));
  EXPECT_FALSE(Get(server_.Url("a.bin\r\nX-Injected: 1")));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "requests.log"));
}

TEST_F(CurlClient, NameThatDoesNotResolveSaysSo) {
  HttpRequest request;
  request.url = "http://no-such-host.invalid/a.bin";
  request.connect_timeout = milliseconds(3'000);
  const auto response = Get(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message.find("http://no-such-host.invalid/a.bin: name not resolved"),
            0U);
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kResolve);
}

TEST_F(CurlClient, PasswordIsNotInTheMessage) {
  std::string url = RefusingUrl();
  url.insert(std::string("http://").size(), "teacher:secret@");
  const auto response = Get(url);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, RefusingUrl() + ": connection refused");
}

TEST_F(CurlClient, RedirectsAreFollowedToTheFile) {
  const auto response = Get(server_.Url("redirect?to=/redirect?to=/a.bin"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->effective_url, server_.Url("a.bin"));
  EXPECT_EQ(sink_.responses, 1);
  EXPECT_EQ(sink_.body, content_);
}

TEST_F(CurlClient, RangeAndEtagSurviveARedirect) {
  HttpRequest request;
  request.url = server_.Url("redirect?to=/a.bin");
  request.range_from = 19'990;
  const auto response = Get(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 206);
  EXPECT_EQ(sink_.body.size(), 10U);
}

TEST_F(CurlClient, FailureBehindARedirectNamesBothEnds) {
  const std::string url = server_.Url("redirect?to=/cut/10/a.bin");
  const auto response = Get(url);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, url + " (redirected to " + server_.Url("cut/10/a.bin") +
                                          "): cut off after 10 of 20000 bytes");
}

TEST_F(CurlClient, DateOfTheAnswerIsTheServers) {
  const auto before = std::chrono::system_clock::now() - std::chrono::seconds(1);
  const auto response = Get(server_.Url("status/404"));
  ASSERT_TRUE(response);
  ASSERT_TRUE(response->date);
  EXPECT_GE(*response->date, before);
  EXPECT_LE(*response->date, std::chrono::system_clock::now());
  EXPECT_EQ(sink_.response.date, response->date);
}

TEST_F(CurlClient, OneFamilyIsAskedAlone) {
  HttpRequest request;
  request.url = server_.Url("a.bin");  // on an IPv4 address
  request.family = AddressFamily::kIpv4;
  EXPECT_TRUE(Get(request));
  request.family = AddressFamily::kIpv6;
  EXPECT_FALSE(Get(request));
}

TEST_F(CurlClient, RedirectToAFileIsRefused) {
  const std::string local = "file://" + (directory_ / "a.bin").string();
  EXPECT_EQ(Cause(server_.Url("redirect?to=" + local)),
            "redirected to something that is not a web address, refused");
  EXPECT_TRUE(sink_.body.empty());
}

TEST_F(CurlClient, RedirectsInACircleEnd) {
  const HttpServer nginx(directory_.path());
  EXPECT_EQ(Cause(nginx.Url("circle")), "redirected more than 5 times");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kProtocol);
  EXPECT_EQ(sink_.responses, 0);
}

// What OpenSSL's write to a connection that is gone does.
TEST_F(CurlClient, BrokenPipeSignalDoesNotEndTheProcess) {
  struct BrokenPipeSink final : HttpSink {
    Result<void> OnResponse(const HttpResponse&) override { return {}; }
    Result<void> OnBody(ByteSpan) override {
      ::raise(SIGPIPE);
      return {};
    }
  } sink;
  const auto before = ::signal(SIGPIPE, SIG_DFL);
  HttpRequest request;
  request.url = server_.Url("a.bin");
  EXPECT_TRUE(client_.Get(request, sink, interrupt_));
  ::signal(SIGPIPE, before);
}

// For as long as it lives; libcurl reads lower case only for http.
class ProxySetting {
 public:
  ProxySetting(const char* name, const std::string& url) : name_(name) {
    ::setenv(name, url.c_str(), 1);
  }
  ~ProxySetting() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST_F(CurlClient, ProxyFromTheEnvironmentIsUsed) {
  const ProxySetting proxy("http_proxy", server_.Url(""));
  const auto response = Get("http://firmware.invalid/a.bin");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(sink_.body, content_);
}

TEST_F(CurlClient, ProxyThatWantsAPasswordIsNamed) {
  const ProxySetting proxy("https_proxy", server_.Url(""));
  EXPECT_EQ(Cause("https://firmware.invalid/a.bin"),
            "the proxy answers 407 Proxy Authentication Required");
  EXPECT_EQ(client_.LastTrouble(), HttpTrouble::kProxy);
}

class CurlClientTls : public testing::Test {
 protected:
  // What a client that trusts the test's authority, or only the system's, says to `url`.
  std::string Message(const std::string& url, bool trusting = true) {
    CurlSettings settings;
    if (trusting) settings.ca_file = directory_ / "ca.pem";
    CurlHttpClient client(settings);
    HttpRequest request;
    request.url = url;
    sink_ = RecordingSink();
    const auto response = client.Get(request, sink_, interrupt_);
    trouble_ = client.LastTrouble();
    return response ? "succeeded" : response.error().message;
  }

  TemporaryDirectory directory_;
  RecordingSink sink_;
  Interrupt interrupt_;
  HttpTrouble trouble_ = HttpTrouble::kNone;
};

TEST_F(CurlClientTls, TrustedCertificateIsAccepted) {
  WriteText(directory_ / "a.bin", "firmware");
  const FaultServer server(directory_.path(), "good");
  EXPECT_EQ(Message(server.Url("a.bin")), "succeeded");
  EXPECT_EQ(AsText(sink_.body), "firmware");
}

TEST_F(CurlClientTls, CertificatesThatProveNothingAreRefusedByName) {
  const struct {
    std::string kind;
    std::string cause;
    HttpTrouble trouble;
  } cases[] = {
      {"expired", "it has expired, or the clock is ahead", HttpTrouble::kExpired},
      {"future", "it is not valid yet, the clock is behind", HttpTrouble::kNotYetValid},
      {"self-signed", "self-signed", HttpTrouble::kForeignCertificate},
      {"other-name", "it belongs to another name", HttpTrouble::kForeignCertificate},
  };
  for (const auto& row : cases) {
    const FaultServer server(directory_.path(), row.kind);
    EXPECT_EQ(Message(server.Url("a.bin")),
              server.Url("a.bin") + ": certificate not trusted: " + row.cause);
    EXPECT_EQ(trouble_, row.trouble) << row.kind;
  }
}

TEST_F(CurlClientTls, UnknownAuthorityIsRefused) {
  const FaultServer server(directory_.path(), "good");
  EXPECT_EQ(Message(server.Url("a.bin"), false),
            server.Url("a.bin") + ": certificate not trusted: its issuer is unknown");
  EXPECT_EQ(trouble_, HttpTrouble::kForeignCertificate);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "requests.log"));
}

TEST_F(CurlClientTls, PlainHttpBehindAnHttpsUrlIsNoTls) {
  const FaultServer server(directory_.path());
  std::string url = server.Url("a.bin");
  url.insert(std::string("http").size(), "s");
  EXPECT_EQ(Message(url, false), url + ": no TLS spoken there");
  EXPECT_EQ(trouble_, HttpTrouble::kTls);
}

TEST_F(CurlClientTls, RedirectFromHttpsToHttpIsRefused) {
  WriteText(directory_ / "a.bin", "firmware");
  const FaultServer plain(directory_.path());
  const FaultServer secure(directory_.path(), "good");
  const std::string down = secure.Url("redirect?to=" + plain.Url("a.bin"));
  EXPECT_EQ(Message(down), down + ": redirected from https to http, refused");
  EXPECT_EQ(trouble_, HttpTrouble::kProtocol);
  // The way up and down again is no better.
  const std::string up_and_down = plain.Url("redirect?to=" + down);
  EXPECT_NE(Message(up_and_down).find("): redirected from https to http, refused"),
            std::string::npos);
  EXPECT_EQ(Message(plain.Url("redirect?to=" + secure.Url("a.bin"))), "succeeded");
}

}  // namespace
}  // namespace lastgood::test
