// SPDX-License-Identifier: MIT
#include "connectivity/verdict.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lastgood {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::string kUrl = "https://micropython.org/fw.bin";
const std::string kKnown = "http://network-test.debian.org/nm";
const std::string kSecureKnown = "https://nmcheck.gnome.org/check_network_status.txt";
const std::string kAddress = "http://1.1.1.1/";
const std::string kSignIn = "http://login.school/?from=1";
constexpr seconds kYear{31'557'600};

Probe Of(ProbeSubject subject, const std::string& url, ProbeOutcome outcome) {
  Probe probe;
  probe.question.subject = subject;
  probe.question.url = url;
  if (url == kKnown || url == kSecureKnown) probe.question.expect = "online";
  probe.outcome = outcome;
  probe.text = url + ": said so";
  return probe;
}
Probe Failed(ProbeSubject subject, const std::string& url, HttpTrouble trouble) {
  Probe probe = Of(subject, url, ProbeOutcome::kTrouble);
  probe.trouble = trouble;
  return probe;
}
Probe Page(ProbeSubject subject, const std::string& url) {
  Probe probe = Of(subject, url, ProbeOutcome::kPage);
  probe.page_url = kSignIn;
  return probe;
}
Probe Dated(Probe probe, seconds clock_behind) {
  probe.clock_behind = clock_behind;
  return probe;
}

Probe Target(HttpTrouble trouble) { return Failed(ProbeSubject::kTarget, kUrl, trouble); }
Probe Answering(ProbeSubject subject, const std::string& url) {
  return Of(subject, url, ProbeOutcome::kAnswers);
}
Probe Known(const std::string& url = kKnown) { return Answering(ProbeSubject::kKnownAnswer, url); }
Probe Unknown(HttpTrouble trouble, const std::string& url = kKnown) {
  return Failed(ProbeSubject::kKnownAnswer, url, trouble);
}
Probe NoSuchName(HttpTrouble trouble) {
  return Failed(ProbeSubject::kNoSuchName, "http://nowhere.example/", trouble);
}
Probe Proxied(ProbeOutcome outcome, int status = 0) {
  Probe probe = Of(ProbeSubject::kThroughProxy, kUrl, outcome);
  probe.question.proxy = "http://teacher:secret@proxy.school:3128";
  probe.question.proxy_origin = "/etc/environment";
  probe.status = status;
  return probe;
}

JudgementBasis Basis() {
  JudgementBasis basis;
  basis.build_date = WallTime(hours(24 * 20'000));
  basis.now = basis.build_date + hours(24);
  return basis;
}

struct Row {
  std::string situation;
  std::vector<Probe> probes;
  Reachability reachability;
};

void Expect(const std::vector<Row>& rows, const JudgementBasis& basis = Basis()) {
  for (const Row& row : rows) {
    const ConnectivityVerdict verdict = JudgeNetwork(row.probes, basis);
    EXPECT_EQ(ReachabilityName(verdict.reachability), ReachabilityName(row.reachability))
        << row.situation << ": " << verdict.summary;
    EXPECT_EQ(verdict.remedy.empty(), IsReached(row.reachability)) << row.situation;
    EXPECT_EQ(verdict.remedy.find('\n'), std::string::npos) << row.situation;
    EXPECT_EQ(verdict.probes.size(), row.probes.size()) << row.situation;
    EXPECT_EQ(verdict.summary.find("secret"), std::string::npos) << verdict.summary;
  }
}

TEST(JudgeNetwork, WhatDeliversIsReachedWhateverElseFails) {
  const Probe refused = Target(HttpTrouble::kConnect);
  Expect({
      {"target", {Answering(ProbeSubject::kTarget, kUrl)}, Reachability::kDirect},
      {"target, while nothing else is there (IPv6-only, a tether that drops ICMP)",
       {Answering(ProbeSubject::kTarget, kUrl), Unknown(HttpTrouble::kNoNetwork),
        Failed(ProbeSubject::kIpv4, kUrl, HttpTrouble::kNoNetwork)},
       Reachability::kDirect},
      {"mirror",
       {refused, Answering(ProbeSubject::kMirror, "http://teacher.local/fw.bin")},
       Reachability::kDirect},
      {"one family", {refused, Answering(ProbeSubject::kIpv4, kUrl)}, Reachability::kDirect},
      {"local file",
       {refused, Answering(ProbeSubject::kMirror, "file:///media/stick/fw.bin")},
       Reachability::kDirect},
      {"found proxy", {refused, Proxied(ProbeOutcome::kAnswers)}, Reachability::kViaProxy},
      {"found proxy on a network with a portal",
       {refused, Page(ProbeSubject::kKnownAnswer, kKnown), Proxied(ProbeOutcome::kAnswers)},
       Reachability::kViaProxy},
      {"nothing to download, the known answer is right",
       {Unknown(HttpTrouble::kConnect, kAddress), Known()},
       Reachability::kDirect},
  });
}

TEST(JudgeNetwork, PageInPlaceOfAnAnswerIsAPortal) {
  const Probe page = Page(ProbeSubject::kKnownAnswer, kKnown);
  Expect({
      {"redirect, HTTPS cut off", {Target(HttpTrouble::kTls), page}, Reachability::kPortal},
      {"redirect, HTTPS intercepted",
       {Target(HttpTrouble::kForeignCertificate), page},
       Reachability::kPortal},
      {"redirect, HTTPS refused", {Target(HttpTrouble::kConnect), page}, Reachability::kPortal},
      {"redirect, HTTPS silent", {Target(HttpTrouble::kUnreachable), page}, Reachability::kPortal},
      {"the portal's name server answers for everything",
       {Target(HttpTrouble::kConnect), page, NoSuchName(HttpTrouble::kConnect)},
       Reachability::kPortal},
      {"and the clock is wrong, which only the portal's network could mend",
       {Target(HttpTrouble::kNotYetValid), Dated(page, kYear)},
       Reachability::kPortal},
      {"a page in place of the firmware, nothing else asked",
       {Page(ProbeSubject::kTarget, kUrl)},
       Reachability::kPortal},
      {"a page in place of the firmware, known answers silent",
       {Page(ProbeSubject::kTarget, kUrl), Unknown(HttpTrouble::kTimeout)},
       Reachability::kPortal},
      {"a page in place of the firmware alone: the server's own",
       {Page(ProbeSubject::kTarget, kUrl), Known()},
       Reachability::kServerDown},
      {"one service's answer has changed, another's is right",
       {Target(HttpTrouble::kConnect), page, Known(kSecureKnown)},
       Reachability::kServerDown},
  });
  const auto verdict = JudgeNetwork({Target(HttpTrouble::kTls), page}, Basis());
  EXPECT_EQ(verdict.portal_url, kSignIn);
  EXPECT_EQ(verdict.remedy, "open " + kSignIn + " in a browser on this network and sign in");
}

TEST(JudgeNetwork, NamesThatDoNotResolveAreToldFromNoNetwork) {
  const Probe unresolved = Target(HttpTrouble::kResolve);
  Expect({
      {"no name resolves, an address answers",
       {unresolved, Unknown(HttpTrouble::kResolve), Unknown(HttpTrouble::kProtocol, kAddress)},
       Reachability::kDnsBroken},
      {"no name resolves, no address was asked",
       {unresolved, Unknown(HttpTrouble::kResolve)},
       Reachability::kDnsBroken},
      {"no name resolves, addresses are silent",
       {unresolved, Unknown(HttpTrouble::kResolve), Unknown(HttpTrouble::kUnreachable, kAddress)},
       Reachability::kLocalOnly},
      {"no name resolves, and the kernel knows no way to an address",
       {unresolved, Unknown(HttpTrouble::kResolve), Unknown(HttpTrouble::kNoNetwork, kAddress)},
       Reachability::kOffline},
      {"this name alone does not resolve", {unresolved, Known()}, Reachability::kServerDown},
      {"names that do not exist resolve",
       {Target(HttpTrouble::kConnect), Unknown(HttpTrouble::kConnect),
        NoSuchName(HttpTrouble::kConnect)},
       Reachability::kDnsBroken},
      {"and to nowhere",
       {Target(HttpTrouble::kUnreachable), NoSuchName(HttpTrouble::kUnreachable)},
       Reachability::kDnsBroken},
      {"to a server with a certificate of its own",
       {Target(HttpTrouble::kForeignCertificate), NoSuchName(HttpTrouble::kTimeout)},
       Reachability::kDnsBroken},
      {"to a page, with which known names have nothing to do",
       {Target(HttpTrouble::kConnect), Known(),
        Page(ProbeSubject::kNoSuchName, "http://nowhere.example/")},
       Reachability::kServerDown},
  });
}

TEST(JudgeNetwork, SilenceIsALocalNetworkWhenSomethingOfItShows) {
  Expect({
      {"names resolve, nothing answers",
       {Target(HttpTrouble::kUnreachable), Unknown(HttpTrouble::kUnreachable),
        NoSuchName(HttpTrouble::kResolve)},
       Reachability::kLocalOnly},
      {"names resolve, and there is no way to where they point",
       {Target(HttpTrouble::kNoNetwork), Unknown(HttpTrouble::kNoNetwork)},
       Reachability::kLocalOnly},
      {"an address, and no way to it",
       {Failed(ProbeSubject::kTarget, "http://192.0.2.1/fw.bin", HttpTrouble::kNoNetwork),
        Unknown(HttpTrouble::kNoNetwork, kAddress)},
       Reachability::kOffline},
      {"everything is refused: a proxy that nobody named",
       {Target(HttpTrouble::kConnect), Unknown(HttpTrouble::kConnect),
        Unknown(HttpTrouble::kConnect, kAddress)},
       Reachability::kLocalOnly},
      {"no name is known and no address leads anywhere, but the name server is there",
       {Target(HttpTrouble::kResolve), Unknown(HttpTrouble::kNoNetwork, kAddress),
        Failed(ProbeSubject::kNameServer, "http://192.168.1.1:53/", HttpTrouble::kCutOff)},
       Reachability::kLocalOnly},
      {"no name is known, no address was asked, and there is no way to the name server",
       {Target(HttpTrouble::kResolve),
        Failed(ProbeSubject::kNameServer, "http://192.168.1.1:53/", HttpTrouble::kNoNetwork)},
       Reachability::kOffline},
      {"nor is the name server",
       {Target(HttpTrouble::kResolve), Unknown(HttpTrouble::kNoNetwork, kAddress),
        Failed(ProbeSubject::kNameServer, "http://192.168.1.1:53/", HttpTrouble::kNoNetwork)},
       Reachability::kOffline},
  });
}

TEST(JudgeNetwork, ServerIsDownWhenTheNetworkIsNot) {
  for (const auto trouble :
       {HttpTrouble::kConnect, HttpTrouble::kUnreachable, HttpTrouble::kTimeout,
        HttpTrouble::kTooSlow, HttpTrouble::kCutOff, HttpTrouble::kProtocol, HttpTrouble::kTls,
        HttpTrouble::kProxy, HttpTrouble::kNoNetwork}) {
    Expect({{std::to_string(static_cast<int>(trouble)),
             {Target(trouble), Known(), NoSuchName(HttpTrouble::kResolve)},
             Reachability::kServerDown}});
  }
  Probe missing = Of(ProbeSubject::kTarget, kUrl, ProbeOutcome::kStatus);
  missing.status = 404;
  Expect({
      {"refused, nothing else asked", {Target(HttpTrouble::kConnect)}, Reachability::kServerDown},
      {"404", {missing}, Reachability::kServerDown},
      {"a found proxy wants a password",
       {Target(HttpTrouble::kUnreachable), Proxied(ProbeOutcome::kStatus, 407)},
       Reachability::kServerDown},
      {"a file is missing",
       {Failed(ProbeSubject::kTarget, "file:///media/a.bin", HttpTrouble::kLocal)},
       Reachability::kServerDown},
  });
}

TEST(JudgeNetwork, ServerWithoutAnAddressOfTheNetworksFamilyIsNamedSo) {
  const auto verdict = JudgeNetwork(
      {Target(HttpTrouble::kNoNetwork), Failed(ProbeSubject::kIpv4, kUrl, HttpTrouble::kNoNetwork),
       Failed(ProbeSubject::kIpv6, kUrl, HttpTrouble::kResolve), Known()},
      Basis());
  EXPECT_EQ(verdict.reachability, Reachability::kServerDown);
  EXPECT_EQ(verdict.summary, "micropython.org has no IPv6 address, and this network has no IPv4");
}

TEST(JudgeNetwork, ClockIsWrongWhenCertificatesAreOfAnotherTime) {
  const Probe future = Target(HttpTrouble::kNotYetValid);
  const Probe past = Target(HttpTrouble::kExpired);
  JudgementBasis stopped = Basis();
  stopped.now = WallTime{};
  Expect({
      {"behind by a plain answer's date",
       {future, Dated(Known(), kYear)},
       Reachability::kClockWrong},
      {"ahead", {past, Dated(Known(), -kYear)}, Reachability::kClockWrong},
      {"behind, no date seen", {future}, Reachability::kClockWrong},
      {"ahead, no date seen", {past}, Reachability::kClockWrong},
      {"known HTTPS answers fail as well",
       {past, Unknown(HttpTrouble::kExpired, kSecureKnown)},
       Reachability::kClockWrong},
      {"the server's certificate has expired, the clock is right",
       {past, Dated(Known(), seconds(-3))},
       Reachability::kServerDown},
      {"the server's certificate has expired, others' have not",
       {past, Known(kSecureKnown)},
       Reachability::kServerDown},
      {"the artifact needs no certificate",
       {Failed(ProbeSubject::kTarget, "http://a/fw.bin", HttpTrouble::kConnect),
        Unknown(HttpTrouble::kNotYetValid, kSecureKnown), Dated(Known(), kYear)},
       Reachability::kServerDown},
  });
  Expect({{"behind the build date", {future}, Reachability::kClockWrong}}, stopped);
  EXPECT_EQ(JudgeNetwork({future, Dated(Known(), 3 * kYear)}, Basis()).summary,
            "the clock is 3 years behind: " + future.text);
  EXPECT_EQ(JudgeNetwork({past, Dated(Known(), -10 * kYear)}, Basis()).summary,
            "the clock is 10 years ahead: " + past.text);
  EXPECT_EQ(JudgeNetwork({future}, stopped).summary,
            "the clock is at least 54 years behind: " + future.text);
  EXPECT_EQ(JudgeNetwork({past}, Basis()).summary,
            "the clock is ahead, or the certificate has expired: " + past.text);
}

TEST(JudgeNetwork, PlainMirrorIsTakenAndTheClockNamed) {
  const auto verdict = JudgeNetwork(
      {Target(HttpTrouble::kNotYetValid),
       Dated(Answering(ProbeSubject::kMirror, "http://teacher.local/fw.bin"), 3 * kYear)},
      Basis());
  EXPECT_EQ(verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(verdict.summary,
            "direct, teacher.local answers; the clock is 3 years behind, so micropython.org is not "
            "asked");
}

TEST(JudgeNetwork, CertificateOfAStrangerIsAnInterception) {
  const Probe foreign = Target(HttpTrouble::kForeignCertificate);
  Expect({
      {"everywhere",
       {foreign, Known(), Unknown(HttpTrouble::kForeignCertificate, kSecureKnown)},
       Reachability::kTlsIntercepted},
      {"here alone", {foreign, Known(), Known(kSecureKnown)}, Reachability::kTlsIntercepted},
      {"nothing else asked", {foreign}, Reachability::kTlsIntercepted},
      {"the target's handshake is cut off, others' are intercepted",
       {Target(HttpTrouble::kTls), Unknown(HttpTrouble::kForeignCertificate, kSecureKnown)},
       Reachability::kTlsIntercepted},
      {"others' alone: the target needs none",
       {Failed(ProbeSubject::kTarget, "http://a/fw.bin", HttpTrouble::kConnect), Known(),
        Unknown(HttpTrouble::kForeignCertificate, kSecureKnown)},
       Reachability::kServerDown},
  });
}

TEST(JudgeNetwork, EnvironmentsProxyIsNamedAndNotPassedBy) {
  JudgementBasis basis = Basis();
  basis.environment.https_proxy = "http://teacher:secret@proxy.school:3128";
  auto verdict = JudgeNetwork({Answering(ProbeSubject::kTarget, kUrl)}, basis);
  EXPECT_EQ(verdict.reachability, Reachability::kViaProxy);
  EXPECT_EQ(verdict.summary,
            "via proxy proxy.school:3128 of the environment, micropython.org answers");
  EXPECT_EQ(verdict.proxy, std::nullopt);

  verdict = JudgeNetwork({Target(HttpTrouble::kConnect), Answering(ProbeSubject::kPastProxy, kUrl)},
                         basis);
  EXPECT_EQ(verdict.reachability, Reachability::kServerDown);
  EXPECT_EQ(verdict.remedy,
            "mend http_proxy and https_proxy, unset them, or name the host in no_proxy");
  EXPECT_EQ(verdict.proxy, std::nullopt);
}

TEST(JudgeNetwork, FoundProxyIsWhatTheDownloadIsToUse) {
  const auto verdict =
      JudgeNetwork({Target(HttpTrouble::kUnreachable), Proxied(ProbeOutcome::kAnswers)}, Basis());
  EXPECT_EQ(verdict.proxy, "http://teacher:secret@proxy.school:3128");
  EXPECT_EQ(verdict.summary,
            "via proxy proxy.school:3128 of /etc/environment, micropython.org answers");
}

TEST(JudgeNetwork, ProxyThatWantsAPasswordSaysWhereToPutIt) {
  EXPECT_EQ(
      JudgeNetwork({Target(HttpTrouble::kConnect), Proxied(ProbeOutcome::kStatus, 407)}, Basis())
          .remedy,
      "give the proxy's user name and password in /etc/environment: "
      "http://NAME:PASSWORD@HOST:TCP_PORT");
  Probe refused = Target(HttpTrouble::kProxy);
  refused.text = kUrl + ": the proxy answers 407 Proxy Authentication Required";
  EXPECT_EQ(JudgeNetwork({refused}, Basis()).remedy,
            "give the proxy's user name and password in http_proxy and https_proxy: "
            "http://NAME:PASSWORD@HOST:TCP_PORT");
}

TEST(ClockText, LargestUnitIsEnough) {
  const std::pair<seconds, std::string> cases[] = {
      {seconds(1), "1 second behind"},           {seconds(-59), "59 seconds ahead"},
      {seconds(60), "1 minute behind"},          {seconds(-7'200), "2 hours ahead"},
      {seconds(86'400), "1 day behind"},         {3 * kYear, "3 years behind"},
      {-(kYear - seconds(1)), "365 days ahead"},
  };
  for (const auto& [behind, text] : cases) EXPECT_EQ(ClockText(behind), text);
}

}  // namespace
}  // namespace lastgood
