// SPDX-License-Identifier: MIT
#include "connectivity/connectivity.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/answer.h"
#include "http/curl_http_client.h"
#include "support/fake_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

const std::string kUrl = "https://micropython.org/fw.bin";
const std::string kMirror = "http://teacher.local:8000/fw.bin";

class Connectivity : public testing::Test {
 protected:
  ConnectivityVerdict Probe(const std::vector<std::string>& urls) {
    auto verdict = ProbeConnectivity(http_, clock_, urls, interrupt_);
    EXPECT_TRUE(verdict);
    return verdict ? *std::move(verdict) : ConnectivityVerdict{};
  }

  VirtualClock clock_;
  FakeHttpClient http_{clock_};
  Interrupt interrupt_;
};

TEST_F(Connectivity, FirmwareFromTheFirstUrlIsDirect) {
  http_.Serve(kUrl, Pattern(5000));
  const auto verdict = Probe({kUrl, kMirror});
  EXPECT_EQ(verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(verdict.summary, "direct, micropython.org answers");
  EXPECT_EQ(verdict.remedy, "");
  EXPECT_EQ(verdict.probes, std::vector<std::string>{"direct, micropython.org answers"});
  EXPECT_EQ(http_.requested_urls(), std::vector<std::string>{kUrl});
}

TEST_F(Connectivity, OnlyTheFirstOctetsAreAskedFor) {
  http_.Serve(kUrl, Pattern(5000));
  Probe({kUrl});
  const HttpRequest& request = http_.requests().at(0);
  EXPECT_EQ(request.range_from, 0U);
  EXPECT_EQ(request.range_to, kAnswerStartBytes - 1);
}

TEST_F(Connectivity, ServerWithoutRangesIsDirectToo) {
  FakeAnswer answer;
  answer.body = Pattern(500'000);
  answer.serves_ranges = false;
  http_.Script(kUrl, answer);
  EXPECT_EQ(Probe({kUrl}).reachability, Reachability::kDirect);
}

TEST_F(Connectivity, MirrorThatAnswersIsEnough) {
  http_.Trouble(kUrl, HttpTrouble::kResolve);
  http_.Serve(kMirror, Pattern(5000));
  const auto verdict = Probe({kUrl, kMirror});
  EXPECT_EQ(verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(verdict.summary, "direct, teacher.local:8000 answers");
  EXPECT_EQ(verdict.probes, (std::vector<std::string>{kUrl + ": name not resolved",
                                                      "direct, teacher.local:8000 answers"}));
}

TEST_F(Connectivity, LocalFileIsCalledSo) {
  http_.Serve("file:///media/stick/fw.bin", Pattern(5000));
  const auto verdict = Probe({"file:///media/stick/fw.bin"});
  EXPECT_EQ(verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(verdict.summary, "local file");
}

TEST_F(Connectivity, EveryTroubleHasItsVerdictAndARemedy) {
  const struct {
    HttpTrouble trouble;
    Reachability reachability;
    std::string remedy;
  } cases[] = {
      {HttpTrouble::kResolve, Reachability::kDnsBroken,
       "check the network cable or the Wi-Fi, then the name server: getent hosts micropython.org"},
      {HttpTrouble::kTls, Reachability::kTlsTrouble,
       "check the clock with 'timedatectl', or use another network or a plain http:// mirror: the "
       "digest is checked anyway"},
      {HttpTrouble::kConnect, Reachability::kServerDown,
       "try again later, or add a mirror to the manifest"},
      {HttpTrouble::kCutOff, Reachability::kServerDown,
       "try again later, or add a mirror to the manifest"},
      {HttpTrouble::kTimeout, Reachability::kServerDown,
       "try again later, or add a mirror to the manifest"},
      {HttpTrouble::kTooSlow, Reachability::kServerDown,
       "try again later, or add a mirror to the manifest"},
      {HttpTrouble::kProtocol, Reachability::kServerDown,
       "try again later, or add a mirror to the manifest"},
      {HttpTrouble::kUnreachable, Reachability::kOffline,
       "check the network cable or the Wi-Fi: ip address; a firewall or a missing proxy setting "
       "looks the same"},
  };
  for (const auto& row : cases) {
    FakeHttpClient http;
    http.Trouble(kUrl, row.trouble);
    const auto verdict = ProbeConnectivity(http, clock_, {kUrl}, interrupt_);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->reachability, row.reachability) << row.remedy;
    EXPECT_EQ(verdict->summary.find(kUrl + ": "), 0U) << verdict->summary;
    EXPECT_EQ(verdict->remedy, row.remedy);
    EXPECT_EQ(verdict->probes, std::vector<std::string>{verdict->summary});
  }
}

TEST_F(Connectivity, MissingLocalFileHasItsOwnRemedy) {
  http_.Trouble("file:///media/stick/fw.bin", HttpTrouble::kLocal);
  const auto verdict = Probe({"file:///media/stick/fw.bin"});
  EXPECT_EQ(verdict.reachability, Reachability::kServerDown);
  EXPECT_EQ(verdict.summary, "file:///media/stick/fw.bin: no such file or directory");
  EXPECT_EQ(verdict.remedy, "plug in the medium, or check the path in the manifest");
}

TEST_F(Connectivity, AnswersThatAreNoFirmwareHaveTheirVerdict) {
  const struct {
    int status;
    std::string body;
    Reachability reachability;
    std::string summary;
  } cases[] = {
      {200, "<html>Sign in</html>", Reachability::kPortal,
       kUrl + " answers with a web page: '<html>Sign in</html>'"},
      {200, "", Reachability::kPortal, kUrl + " answers 200 OK with nothing in it"},
      {204, "", Reachability::kPortal, kUrl + " answers 204 No Content with nothing in it"},
      {511, "<html>Sign in</html>", Reachability::kPortal,
       kUrl + " answers with a web page: '<html>Sign in</html>'"},
      {404, "<html>Not found</html>", Reachability::kServerDown, kUrl + " answers 404 Not Found"},
      {403, "", Reachability::kServerDown, kUrl + " answers 403 Forbidden"},
      {407, "<html>", Reachability::kServerDown,
       kUrl + " answers 407 Proxy Authentication Required"},
      {503, "<html>", Reachability::kServerDown, kUrl + " answers 503 Service Unavailable"},
  };
  for (const auto& row : cases) {
    FakeHttpClient http;
    http.Answer(kUrl, row.status, row.body);
    const auto verdict = ProbeConnectivity(http, clock_, {kUrl}, interrupt_);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->reachability, row.reachability) << row.summary;
    EXPECT_EQ(verdict->summary, row.summary);
    EXPECT_FALSE(verdict->remedy.empty());
  }
}

TEST_F(Connectivity, MostTellingCauseIsTheVerdict) {
  // Each row's first trouble says more than its second, whatever the order of the URLs.
  const std::pair<HttpTrouble, HttpTrouble> cases[] = {
      {HttpTrouble::kTls, HttpTrouble::kConnect},
      {HttpTrouble::kConnect, HttpTrouble::kResolve},
      {HttpTrouble::kResolve, HttpTrouble::kUnreachable},
  };
  for (const auto& [telling, other] : cases) {
    FakeHttpClient http;
    http.Trouble(kUrl, telling);
    http.Trouble(kMirror, other);
    const auto one = ProbeConnectivity(http, clock_, {kUrl, kMirror}, interrupt_);
    const auto two = ProbeConnectivity(http, clock_, {kMirror, kUrl}, interrupt_);
    EXPECT_EQ(one->summary.find(kUrl), 0U) << one->summary;
    EXPECT_EQ(two->summary, one->summary);
    EXPECT_EQ(two->remedy, one->remedy);
    EXPECT_EQ(two->probes.size(), 2U);
  }
}

TEST_F(Connectivity, PortalExplainsEveryOtherFailure) {
  http_.Trouble(kUrl, HttpTrouble::kTls);
  http_.Answer(kMirror, 200, "<html>Sign in</html>");
  EXPECT_EQ(Probe({kUrl, kMirror}).reachability, Reachability::kPortal);
}

TEST_F(Connectivity, SilentUrlsTakeFiveSecondsTogether) {
  FakeAnswer silent;
  silent.takes = std::chrono::hours(1);
  std::vector<std::string> urls;
  for (int i = 0; i < 20; ++i) {
    urls.push_back("http://mirror" + std::to_string(i) + "/fw.bin");
    http_.Script(urls.back(), silent);
  }
  const TimePoint start = clock_.Now();
  const auto verdict = Probe(urls);
  EXPECT_EQ(clock_.Now() - start, std::chrono::seconds(5));
  EXPECT_EQ(http_.requests().size(), 5U);
  EXPECT_EQ(verdict.probes.size(), urls.size());
  EXPECT_EQ(verdict.probes.back(), "http://mirror19/fw.bin: not asked, time is up");
}

TEST_F(Connectivity, SilentFirstUrlLeavesTimeForTheMirror) {
  FakeAnswer silent;
  silent.takes = std::chrono::hours(1);
  http_.Script(kUrl, silent);
  FakeAnswer slow;
  slow.body = Pattern(100);
  slow.takes = std::chrono::milliseconds(2'400);
  http_.Script(kMirror, slow);
  EXPECT_EQ(Probe({kUrl, kMirror}).reachability, Reachability::kDirect);
}

TEST_F(Connectivity, NoUrlIsSaid) {
  const auto verdict = Probe({});
  EXPECT_EQ(verdict.reachability, Reachability::kOffline);
  EXPECT_EQ(verdict.summary, "no URL to ask");
}

TEST_F(Connectivity, InterruptIsTheOnlyFailure) {
  interrupt_.Request();
  const auto verdict = ProbeConnectivity(http_, clock_, {kUrl}, interrupt_);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, ExitCode::kInterrupted);
}

TEST(ConnectivityOverTheWeb, RealServersAreToldApart) {
  TemporaryDirectory directory;
  WriteText(directory / "fw.bin", AsText(Pattern(600'000)));
  WriteText(directory / "tiny.bin", "tiny");
  const HttpServer nginx(directory.path());
  const FaultServer faults(directory.path());
  const std::string file = "file://" + (directory / "fw.bin").string();
  const struct {
    std::string url;
    Reachability reachability;
    std::string summary;
  } cases[] = {
      {nginx.Url("fw.bin"), Reachability::kDirect, "direct, 127.0.0.1:"},
      {nginx.Url("tiny.bin"), Reachability::kDirect, "direct, 127.0.0.1:"},
      {nginx.Url("redirect/fw.bin"), Reachability::kDirect, "direct, 127.0.0.1:"},
      {faults.Url("no-range/fw.bin"), Reachability::kDirect, "direct, 127.0.0.1:"},
      {faults.Url("endless"), Reachability::kDirect, "direct, 127.0.0.1:"},
      {file, Reachability::kDirect, "local file"},
      {"file:///missing.bin", Reachability::kServerDown,
       "file:///missing.bin: no such file or directory"},
      {faults.Url("html/fw.bin"), Reachability::kPortal,
       faults.Url("html/fw.bin") + " answers with a web page: '<!DOCTYPE html>"},
      {nginx.Url("missing.bin"), Reachability::kServerDown,
       nginx.Url("missing.bin") + " answers 404 Not Found"},
      {RefusingUrl(), Reachability::kServerDown, RefusingUrl() + ": connection refused"},
  };
  CurlHttpClient http;
  SystemClock clock;
  const Interrupt interrupt;
  for (const auto& row : cases) {
    const auto verdict = ProbeConnectivity(http, clock, {row.url}, interrupt);
    ASSERT_TRUE(verdict) << row.url;
    EXPECT_EQ(verdict->reachability, row.reachability) << row.url << ": " << verdict->summary;
    EXPECT_EQ(verdict->summary.find(row.summary), 0U) << verdict->summary;
  }
}

TEST(ConnectivityOverTheWeb, PortalOnAnotherHostIsNamed) {
  TemporaryDirectory directory;
  const FaultServer portal(directory.path());
  const FaultServer target(directory.path());
  const std::string page = portal.Url("html/sign-in");
  CurlHttpClient http;
  SystemClock clock;
  const Interrupt interrupt;
  const auto verdict =
      ProbeConnectivity(http, clock, {target.Url("redirect?to=" + page)}, interrupt);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->reachability, Reachability::kPortal);
  EXPECT_NE(
      verdict->summary.find(" is redirected to " + UrlHost(page) + ", answers with a web page"),
      std::string::npos)
      << verdict->summary;
}

}  // namespace
}  // namespace lastgood::test
