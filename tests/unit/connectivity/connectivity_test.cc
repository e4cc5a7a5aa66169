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
const std::string kKnown = "http://known.example/nm";
const std::string kProxy = "http://teacher:secret@proxy:3128";

class Connectivity : public testing::Test {
 protected:
  std::vector<Probe> Targets(const std::vector<std::string>& urls) {
    auto probes = AskTargets(seams_, urls);
    EXPECT_TRUE(probes);
    return probes ? *std::move(probes) : std::vector<Probe>();
  }
  std::vector<Probe> Everything(const std::vector<std::string>& urls) {
    auto probes = Diagnose(seams_, urls, settings_);
    EXPECT_TRUE(probes);
    return probes ? *std::move(probes) : std::vector<Probe>();
  }
  // The only one about `subject`.
  Probe About(ProbeSubject subject, const std::vector<std::string>& urls) {
    std::optional<Probe> found;
    for (Probe& probe : Everything(urls)) {
      if (probe.question.subject != subject) continue;
      EXPECT_FALSE(found);
      found = std::move(probe);
    }
    EXPECT_TRUE(found);
    return found.value_or(Probe());
  }

  VirtualClock clock_;
  FakeHttpClient http_{clock_};
  Interrupt interrupt_;
  ConnectivitySeams seams_{http_, clock_, clock_, interrupt_};
  DiagnosisSettings settings_{{{kKnown, "online"}}, {{kProxy, "/etc/environment"}}, {}};
};

TEST_F(Connectivity, TargetThatAnswersIsTheOnlyQuestion) {
  http_.Serve(kUrl, Pattern(5000));
  const auto probes = Targets({kUrl, kMirror});
  ASSERT_EQ(probes.size(), 1U);
  EXPECT_EQ(probes[0].outcome, ProbeOutcome::kAnswers);
  EXPECT_EQ(probes[0].text, kUrl + " answers");
  EXPECT_EQ(http_.requested_urls(), std::vector<std::string>{kUrl});
}

TEST_F(Connectivity, OnlyTheFirstOctetsAreAskedFor) {
  http_.Serve(kUrl, Pattern(5000));
  Targets({kUrl});
  const HttpRequest request = http_.requests().at(0);
  EXPECT_EQ(request.range_from, 0U);
  EXPECT_EQ(request.range_to, kAnswerStartBytes - 1);
  EXPECT_EQ(request.proxy, std::nullopt);
  EXPECT_EQ(request.family, AddressFamily::kAny);
}

TEST_F(Connectivity, ServerWithoutRangesAnswersToo) {
  FakeAnswer answer;
  answer.body = Pattern(500'000);
  answer.serves_ranges = false;
  http_.Script(kUrl, answer);
  EXPECT_EQ(Targets({kUrl}).back().outcome, ProbeOutcome::kAnswers);
}

TEST_F(Connectivity, MirrorsAreAskedUntilOneAnswers) {
  http_.Trouble(kUrl, HttpTrouble::kResolve);
  http_.Serve(kMirror, Pattern(5000));
  const auto probes = Targets({kUrl, kMirror, "http://never/"});
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_EQ(probes[0].text, kUrl + ": name not resolved");
  EXPECT_EQ(probes[0].trouble, HttpTrouble::kResolve);
  EXPECT_EQ(probes[1].text, kMirror + " answers");
}

TEST_F(Connectivity, AnswersThatAreNoFirmwareAreToldApart) {
  const struct {
    int status;
    std::string body;
    ProbeOutcome outcome;
    std::string text;
  } cases[] = {
      {200, "<html>Sign in</html>", ProbeOutcome::kPage,
       " answers with a web page: '<html>Sign in</html>'"},
      {200, "", ProbeOutcome::kPage, " answers 200 OK with nothing in it"},
      {204, "", ProbeOutcome::kPage, " answers 204 No Content with nothing in it"},
      {511, "<html>Sign in</html>", ProbeOutcome::kPage,
       " answers with a web page: '<html>Sign in</html>'"},
      {404, "<html>Not found</html>", ProbeOutcome::kStatus, " answers 404 Not Found"},
      {407, "<html>", ProbeOutcome::kStatus, " answers 407 Proxy Authentication Required"},
      {503, "<html>", ProbeOutcome::kStatus, " answers 503 Service Unavailable"},
  };
  for (const auto& row : cases) {
    FakeHttpClient http;
    http.Answer(kUrl, row.status, row.body);
    const auto probe =
        Ask(http, clock_, {ProbeSubject::kTarget, kUrl}, kDiagnosisLimit, interrupt_);
    ASSERT_TRUE(probe);
    EXPECT_EQ(probe->outcome, row.outcome) << row.text;
    EXPECT_EQ(probe->text, kUrl + row.text);
  }
}

TEST_F(Connectivity, KnownAnswerIsRightOrAPage) {
  const struct {
    std::string body;
    ProbeOutcome outcome;
    std::string text;
  } cases[] = {
      {"online", ProbeOutcome::kAnswers, " answers as it should"},
      {" online\r\n", ProbeOutcome::kAnswers, " answers as it should"},
      {"online, but not quite", ProbeOutcome::kPage,
       " answers with something else: 'online, but not quite'"},
      {"<html>online</html>", ProbeOutcome::kPage,
       " answers with a web page: '<html>online</html>'"},
      {"", ProbeOutcome::kPage, " answers 200 OK with nothing in it"},
  };
  for (const auto& row : cases) {
    http_ = FakeHttpClient(clock_);
    http_.Answer(kKnown, 200, row.body);
    const Probe probe = About(ProbeSubject::kKnownAnswer, {kUrl});
    EXPECT_EQ(probe.outcome, row.outcome) << row.body;
    EXPECT_EQ(probe.text, kKnown + row.text);
  }
}

TEST_F(Connectivity, RedirectOfAKnownAnswerIsWhereThePortalIs) {
  http_.Redirect(kKnown, "https://login.school/?u=1");
  const Probe probe = About(ProbeSubject::kKnownAnswer, {kUrl});
  EXPECT_EQ(probe.outcome, ProbeOutcome::kPage);
  EXPECT_EQ(probe.page_url, "https://login.school/?u=1");
  EXPECT_EQ(probe.text, kKnown + " is redirected to https://login.school/?u=1");
}

TEST_F(Connectivity, RedirectToTheSameHostProvesNothing) {
  http_.Redirect(kKnown, "https://known.example/nm");
  EXPECT_EQ(About(ProbeSubject::kKnownAnswer, {kUrl}).outcome, ProbeOutcome::kStatus);
}

TEST_F(Connectivity, KnownUrlWithoutAnExpectedAnswerOnlyShowsThatSomebodyIsThere) {
  settings_.known_answers = {{"http://1.1.1.1/", std::nullopt}};
  http_.Redirect("http://1.1.1.1/", "https://one.example/");
  EXPECT_EQ(About(ProbeSubject::kKnownAnswer, {kUrl}).outcome, ProbeOutcome::kAnswers);
}

TEST_F(Connectivity, TargetIsAskedOverEachFamilyAndThroughEachProxy) {
  http_.Serve(kUrl + " over IPv6", Pattern(100));
  http_.Trouble(kUrl + " over IPv4", HttpTrouble::kNoNetwork);
  http_.Serve(kUrl + " via " + kProxy, Pattern(100));
  EXPECT_EQ(About(ProbeSubject::kTarget, {kUrl}).trouble, HttpTrouble::kResolve);
  EXPECT_EQ(About(ProbeSubject::kIpv4, {kUrl}).text, kUrl + " over IPv4: network is unreachable");
  EXPECT_EQ(About(ProbeSubject::kIpv6, {kUrl}).text, kUrl + " over IPv6 answers");
  EXPECT_EQ(About(ProbeSubject::kThroughProxy, {kUrl}).text,
            kUrl + " through proxy:3128 of /etc/environment answers");
}

TEST_F(Connectivity, EnvironmentsProxyIsPassedByForTheDiagnosisAlone) {
  settings_.environment.https_proxy = "http://other:3128";
  http_.Serve(kUrl + " directly", Pattern(100));
  const Probe probe = About(ProbeSubject::kPastProxy, {kUrl});
  EXPECT_EQ(probe.text, kUrl + " without the proxy answers");
  EXPECT_EQ(probe.question.proxy, "");
}

TEST_F(Connectivity, FileAmongTheUrlsIsAMirror) {
  http_.Serve("file:///media/stick/fw.bin", Pattern(100));
  EXPECT_EQ(About(ProbeSubject::kTarget, {"file:///media/stick/fw.bin", kUrl}).question.url, kUrl);
  EXPECT_EQ(About(ProbeSubject::kMirror, {"file:///media/stick/fw.bin", kUrl}).outcome,
            ProbeOutcome::kAnswers);
}

TEST_F(Connectivity, DateOfAnyAnswerIsComparedWithTheClock) {
  FakeAnswer late;
  late.status = 404;
  late.date = clock_.WallNow() + std::chrono::hours(5);
  http_.Script(kUrl, late);
  EXPECT_EQ(Targets({kUrl})[0].clock_behind, std::chrono::hours(5));
}

TEST_F(Connectivity, SilentUrlsTakeSixteenSecondsTogether) {
  FakeAnswer silent;
  silent.takes = std::chrono::hours(1);
  std::vector<std::string> urls;
  for (int i = 0; i < 20; ++i) {
    urls.push_back("http://mirror" + std::to_string(i) + "/fw.bin");
    http_.Script(urls.back(), silent);
  }
  const TimePoint start = clock_.Now();
  EXPECT_EQ(Targets(urls).size(), 2U);
  EXPECT_EQ(clock_.Now() - start, std::chrono::seconds(16));
}

TEST_F(Connectivity, SilentFirstUrlLeavesTimeForTheMirror) {
  FakeAnswer silent;
  silent.takes = std::chrono::hours(1);
  http_.Script(kUrl, silent);
  FakeAnswer slow;
  slow.body = Pattern(100);
  slow.takes = std::chrono::milliseconds(7'900);
  http_.Script(kMirror, slow);
  EXPECT_EQ(Targets({kUrl, kMirror}).back().outcome, ProbeOutcome::kAnswers);
}

// The resolver has waited 5 s for the first one.
TEST_F(Connectivity, SecondNameServerIsWaitedFor) {
  FakeAnswer late;
  late.body = Pattern(100);
  late.takes = std::chrono::milliseconds(6'000);
  http_.Script(kUrl, late);
  const auto probes = Targets({kUrl, kMirror});
  EXPECT_EQ(probes.size(), 1U);
  EXPECT_EQ(probes.back().outcome, ProbeOutcome::kAnswers);
}

TEST_F(Connectivity, DiagnosisAsksAtOnceAndTakesFiveSeconds) {
  FakeAnswer silent;
  silent.takes = std::chrono::hours(1);
  for (const auto& url : {kUrl, kMirror, kKnown}) http_.Script(url, silent);
  http_.Script(kUrl + " via " + kProxy, silent);
  FakeAnswer slow;
  slow.body = Pattern(100);
  slow.takes = std::chrono::milliseconds(4'900);
  http_.Script("http://slow/fw.bin", slow);
  const TimePoint start = clock_.Now();
  const auto probes = Everything({kUrl, kMirror, "http://slow/fw.bin"});
  EXPECT_EQ(clock_.Now() - start, std::chrono::seconds(5));
  EXPECT_EQ(probes.size(), 8U);
  EXPECT_EQ(probes.at(5).text, "http://slow/fw.bin answers");
}

TEST_F(Connectivity, PasswordOfAProxyIsInNoText) {
  for (const Probe& probe : Everything({kUrl}))
    EXPECT_EQ(probe.text.find("secret"), std::string::npos) << probe.text;
}

TEST_F(Connectivity, InterruptIsTheOnlyFailure) {
  interrupt_.Request();
  const auto targets = AskTargets(seams_, {kUrl});
  ASSERT_FALSE(targets);
  EXPECT_EQ(targets.error().code, ExitCode::kInterrupted);
  const auto everything = Diagnose(seams_, {kUrl}, settings_);
  ASSERT_FALSE(everything);
  EXPECT_EQ(everything.error().code, ExitCode::kInterrupted);
}

class ConnectivityOverTheWeb : public testing::Test {
 protected:
  Probe AskOne(const std::string& url, const CurlSettings& settings = {}) {
    CurlHttpClient http(settings);
    const auto probes = AskTargets({http, clock_, clock_, interrupt_}, {url});
    EXPECT_TRUE(probes);
    return probes ? probes->front() : Probe();
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  Interrupt interrupt_;
};

TEST_F(ConnectivityOverTheWeb, RealServersAreToldApart) {
  WriteText(directory_ / "fw.bin", AsText(Pattern(600'000)));
  WriteText(directory_ / "tiny.bin", "tiny");
  const HttpServer nginx(directory_.path());
  const FaultServer faults(directory_.path());
  const struct {
    std::string url;
    ProbeOutcome outcome;
    HttpTrouble trouble;
    std::string text;
  } cases[] = {
      {nginx.Url("fw.bin"), ProbeOutcome::kAnswers, HttpTrouble::kNone, " answers"},
      {nginx.Url("tiny.bin"), ProbeOutcome::kAnswers, HttpTrouble::kNone, " answers"},
      {nginx.Url("redirect/fw.bin"), ProbeOutcome::kAnswers, HttpTrouble::kNone, " answers"},
      {faults.Url("no-range/fw.bin"), ProbeOutcome::kAnswers, HttpTrouble::kNone, " answers"},
      {faults.Url("endless"), ProbeOutcome::kAnswers, HttpTrouble::kNone, " answers"},
      {"file://" + (directory_ / "fw.bin").string(), ProbeOutcome::kAnswers, HttpTrouble::kNone,
       " answers"},
      {"file:///missing.bin", ProbeOutcome::kTrouble, HttpTrouble::kLocal,
       ": no such file or directory"},
      {faults.Url("html/fw.bin"), ProbeOutcome::kPage, HttpTrouble::kNone,
       " answers with a web page: '<!DOCTYPE html>"},
      {nginx.Url("missing.bin"), ProbeOutcome::kStatus, HttpTrouble::kNone,
       " answers 404 Not Found"},
      {RefusingUrl(), ProbeOutcome::kTrouble, HttpTrouble::kConnect, ": connection refused"},
  };
  for (const auto& row : cases) {
    const Probe probe = AskOne(row.url);
    EXPECT_EQ(probe.outcome, row.outcome) << probe.text;
    EXPECT_EQ(probe.trouble, row.trouble) << probe.text;
    EXPECT_EQ(probe.text.find(row.url + row.text), 0U) << probe.text;
  }
}

TEST_F(ConnectivityOverTheWeb, PortalOnAnotherHostIsNamed) {
  const FaultServer portal(directory_.path());
  const FaultServer target(directory_.path());
  const std::string page = portal.Url("html/sign-in");
  const Probe probe = AskOne(target.Url("redirect?to=" + page));
  EXPECT_EQ(probe.outcome, ProbeOutcome::kPage);
  EXPECT_EQ(probe.page_url, page);
  EXPECT_NE(probe.text.find(" is redirected to " + UrlHost(page) + ", answers with a web page"),
            std::string::npos)
      << probe.text;
}

TEST_F(ConnectivityOverTheWeb, DiagnosisWithRealThreadsFindsTheProxy) {
  WriteText(directory_ / "fw.bin", AsText(Pattern(1'000)));
  const FaultServer proxy(directory_.path());
  CurlHttpClient http;
  const auto probes =
      Diagnose({http, clock_, clock_, interrupt_}, {"http://firmware.invalid/fw.bin"},
               {{{RefusingUrl(), "online"}}, {{proxy.Url(""), "here"}}, {}});
  ASSERT_TRUE(probes);
  const auto verdict = JudgeNetwork(*probes, {{}, clock_.WallNow(), {}});
  EXPECT_EQ(verdict.reachability, Reachability::kViaProxy) << verdict.summary;
  EXPECT_EQ(verdict.proxy, proxy.Url(""));
}

}  // namespace
}  // namespace lastgood::test
