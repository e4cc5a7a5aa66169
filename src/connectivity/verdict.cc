// SPDX-License-Identifier: MIT
// The rules stand in kRules, the first that knows an answer gives it: what is reached, then what
// explains every other failure (a page to sign in), then what is wrong on this computer, on the
// way, and at the other end.
#include "connectivity/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

using std::chrono::seconds;

// A Date header may be old by the time that an answer takes, and a clock may drift.
constexpr seconds kClockSlack{600};

constexpr int kCredentialsWanted = 407;

bool IsClockTrouble(HttpTrouble trouble) {
  return trouble == HttpTrouble::kNotYetValid || trouble == HttpTrouble::kExpired;
}

bool WantsCredentials(const Probe& probe) {
  return probe.status == kCredentialsWanted ||
         (probe.trouble == HttpTrouble::kProxy &&
          probe.text.find(StatusForPeople(kCredentialsWanted)) != std::string::npos);
}

class Picture {
 public:
  Picture(const std::vector<Probe>& probes, const JudgementBasis& basis)
      : probes_(probes), basis_(basis) {}

  const JudgementBasis& basis() const { return basis_; }

  template <class Predicate>
  const Probe* First(Predicate holds) const {
    const auto found = std::find_if(probes_.begin(), probes_.end(), holds);
    return found == probes_.end() ? nullptr : &*found;
  }
  const Probe* First(ProbeSubject subject) const {
    return First([&](const Probe& probe) { return probe.question.subject == subject; });
  }
  const Probe* First(ProbeSubject subject, ProbeOutcome outcome) const {
    return First([&](const Probe& probe) {
      return probe.question.subject == subject && probe.outcome == outcome;
    });
  }

  // What the verdict is about: the target, or the only URL there is; without a URL to download,
  // what became of a known one.
  const Probe& Target() const {
    for (const auto subject :
         {ProbeSubject::kTarget, ProbeSubject::kMirror, ProbeSubject::kKnownAnswer})
      if (const Probe* target = First(subject)) return *target;
    return probes_.front();
  }
  bool HasTarget() const {
    return First(ProbeSubject::kTarget) != nullptr || First(ProbeSubject::kMirror) != nullptr;
  }
  // Asked for the artifact, whatever the way.
  bool IsOwn(const Probe& probe) const {
    const ProbeSubject subject = probe.question.subject;
    return !HasTarget() ||
           (subject != ProbeSubject::kKnownAnswer && subject != ProbeSubject::kNoSuchName &&
            subject != ProbeSubject::kNameServer);
  }

  // A known URL gave its known answer: the network is there, and nobody stands between.
  const Probe* Known(std::string_view scheme = {}) const {
    return First([&](const Probe& probe) {
      return probe.question.subject == ProbeSubject::kKnownAnswer && probe.question.expect &&
             probe.outcome == ProbeOutcome::kAnswers &&
             (scheme.empty() || UrlScheme(probe.question.url) == scheme);
    });
  }

  std::string EnvironmentProxy() const {
    const Probe* target = First(ProbeSubject::kTarget);
    return target == nullptr ? "" : ProxyFor(target->question.url, basis_.environment);
  }

 private:
  const std::vector<Probe>& probes_;
  const JudgementBasis& basis_;
};

using Verdict = std::optional<ConnectivityVerdict>;

ConnectivityVerdict Make(Reachability reachability, std::string summary, std::string remedy = {}) {
  return {reachability, std::move(summary), std::move(remedy), {}};
}

// What an https URL failed of before another one answered.
std::string ClockAside(const Picture& picture, const Probe& reached) {
  const Probe* failed = picture.First(
      [&](const Probe& probe) { return IsClockTrouble(probe.trouble) && &probe != &reached; });
  if (failed == nullptr) return {};
  const auto behind = reached.clock_behind;
  return fmt::format("; {}, so {} is not asked",
                     behind && !ClockIsRight(*behind) ? "the clock is " + ClockText(*behind)
                                                      : "no certificate is valid by this clock",
                     NameOf(failed->question.url));
}

Verdict Reached(const Picture& picture) {
  const Probe* reached = picture.First([](const Probe& probe) {
    switch (probe.question.subject) {
      case ProbeSubject::kTarget:
      case ProbeSubject::kMirror:
      case ProbeSubject::kIpv4:
      case ProbeSubject::kIpv6:
        return probe.outcome == ProbeOutcome::kAnswers;
      case ProbeSubject::kPastProxy:
      case ProbeSubject::kThroughProxy:
      case ProbeSubject::kKnownAnswer:
      case ProbeSubject::kNoSuchName:
      case ProbeSubject::kNameServer:
        break;
    }
    return false;
  });
  if (reached == nullptr && !picture.HasTarget()) reached = picture.Known();
  if (reached == nullptr) return std::nullopt;
  const std::string& url = reached->question.url;
  if (UrlScheme(url) == "file") return Make(Reachability::kDirect, "local file");
  const std::string proxy = ProxyFor(url, picture.basis().environment);
  if (!proxy.empty()) {
    return Make(Reachability::kViaProxy, fmt::format("via proxy {} of the environment, {} answers",
                                                     NameOf(proxy), NameOf(url)));
  }
  return Make(Reachability::kDirect,
              fmt::format("direct, {} answers{}", NameOf(url), ClockAside(picture, *reached)));
}

Verdict ThroughProxy(const Picture& picture) {
  const Probe* found = picture.First(ProbeSubject::kThroughProxy, ProbeOutcome::kAnswers);
  if (found == nullptr) return std::nullopt;
  ConnectivityVerdict verdict =
      Make(Reachability::kViaProxy,
           fmt::format("via proxy {} of {}, {} answers", NameOf(*found->question.proxy),
                       found->question.proxy_origin, NameOf(found->question.url)));
  verdict.proxy = found->question.proxy;
  return verdict;
}

// A page in place of a known answer; or in place of the artifact, unless a known answer proves that
// nobody stands between.
Verdict Portal(const Picture& picture) {
  if (picture.Known() != nullptr) return std::nullopt;
  const Probe* page = picture.First(ProbeSubject::kKnownAnswer, ProbeOutcome::kPage);
  if (page == nullptr) page = picture.First(ProbeSubject::kTarget, ProbeOutcome::kPage);
  if (page == nullptr) page = picture.First(ProbeSubject::kMirror, ProbeOutcome::kPage);
  if (page == nullptr) return std::nullopt;
  const std::string shown = UrlForPeople(page->page_url);
  ConnectivityVerdict verdict =
      Make(Reachability::kPortal, page->text,
           fmt::format("open {} in a browser on this network and sign in", shown));
  verdict.portal_url = shown;
  return verdict;
}

// The environment says which way to go; another is not taken behind its back.
Verdict EnvironmentProxyFails(const Picture& picture) {
  const std::string proxy = picture.EnvironmentProxy();
  const Probe* past = picture.First(ProbeSubject::kPastProxy, ProbeOutcome::kAnswers);
  if (proxy.empty() || past == nullptr) return std::nullopt;
  return Make(Reachability::kServerDown,
              fmt::format("the proxy {} of the environment fails: {}; without it {} answers",
                          NameOf(proxy), picture.Target().text, NameOf(past->question.url)),
              "mend http_proxy and https_proxy, unset them, or name the host in no_proxy");
}

Verdict ProxyWantsCredentials(const Picture& picture) {
  const Probe* refused = picture.First(WantsCredentials);
  if (refused == nullptr) return std::nullopt;
  const std::string& origin = refused->question.proxy_origin;
  return Make(Reachability::kServerDown, refused->text,
              fmt::format("give the proxy's user name and password in {}: "
                          "http://NAME:PASSWORD@HOST:TCP_PORT",
                          origin.empty() ? "http_proxy and https_proxy" : origin));
}

// By how much, from the answers' own clocks; those of known URLs first, since a target may be wrong
// itself. Without any, the build date is a lower limit.
struct ClockEvidence {
  std::optional<seconds> behind;
  bool at_least = false;
};

ClockEvidence LookAtClock(const Picture& picture) {
  const Probe* dated = picture.First([](const Probe& probe) {
    return probe.question.subject == ProbeSubject::kKnownAnswer && probe.clock_behind;
  });
  if (dated == nullptr) dated = picture.First([](const Probe& p) { return p.clock_behind; });
  if (dated != nullptr) return {dated->clock_behind, false};
  const auto behind =
      std::chrono::duration_cast<seconds>(picture.basis().build_date - picture.basis().now);
  if (behind > seconds(0)) return {behind, true};
  return {};
}

Verdict ClockWrong(const Picture& picture) {
  const Probe* invalid = picture.First(
      [&](const Probe& probe) { return picture.IsOwn(probe) && IsClockTrouble(probe.trouble); });
  if (invalid == nullptr || picture.Known("https") != nullptr) return std::nullopt;
  const ClockEvidence clock = LookAtClock(picture);
  if (clock.behind && ClockIsRight(*clock.behind)) return std::nullopt;
  const bool behind =
      clock.behind ? *clock.behind > seconds(0) : invalid->trouble == HttpTrouble::kNotYetValid;
  std::string summary = "the clock is ";
  if (clock.at_least) summary += "at least ";
  summary += clock.behind ? ClockText(*clock.behind)
             : behind     ? "behind"
                          : "ahead, or the certificate has expired";
  ConnectivityVerdict verdict = Make(
      Reachability::kClockWrong, fmt::format("{}: {}", summary, invalid->text),
      "let 'timedatectl set-ntp true' set the clock ('timedatectl set-time' by hand), or use a "
      "plain http:// mirror: the digest is checked anyway");
  verdict.clock_behind = clock.behind;
  return verdict;
}

// The name server answers, and lies. Some providers answer for names that do not exist and for
// nothing else: a known answer shows that.
Verdict NamesLie(const Picture& picture) {
  const Probe* none = picture.First(ProbeSubject::kNoSuchName);
  const bool lies =
      none != nullptr &&
      (none->outcome != ProbeOutcome::kTrouble || SomebodyThere(*none) ||
       none->trouble == HttpTrouble::kUnreachable || none->trouble == HttpTrouble::kNoNetwork);
  if (!lies || picture.Known() != nullptr) return std::nullopt;
  return Make(Reachability::kDnsBroken,
              "the name server answers for names that do not exist: " + picture.Target().text,
              "use another name server: resolvectl status, or the lines 'nameserver' in "
              "/etc/resolv.conf");
}

bool IsSilentName(const Probe& probe) { return probe.trouble == HttpTrouble::kResolve; }

// The name of a known URL was resolved: the name server answers.
bool OtherNamesResolve(const Picture& picture) {
  return picture.First([](const Probe& probe) {
    return probe.question.subject == ProbeSubject::kKnownAnswer &&
           !HasAddress(probe.question.url) && !IsSilentName(probe);
  }) != nullptr;
}

const Probe* AddressAsked(const Picture& picture, bool (*holds)(const Probe&)) {
  return picture.First([&](const Probe& probe) {
    return probe.question.subject == ProbeSubject::kKnownAnswer && HasAddress(probe.question.url) &&
           holds(probe);
  });
}

Verdict NamesBroken(const Picture& picture) {
  const Probe& target = picture.Target();
  if (!IsSilentName(target)) return std::nullopt;
  const std::string name = NameOf(target.question.url);
  if (OtherNamesResolve(picture)) {
    return Make(Reachability::kServerDown, target.text + "; other names do",
                "check the URL in the manifest, or add a mirror");
  }
  const Probe* address = AddressAsked(picture, SomebodyThere);
  if (address != nullptr) {
    return Make(Reachability::kDnsBroken,
                fmt::format("{}, while {} answers by its address", target.text,
                            NameOf(address->question.url)),
                fmt::format("check the name server: getent hosts {}; resolvectl status, or the "
                            "lines 'nameserver' in /etc/resolv.conf",
                            name));
  }
  const Probe* name_server = picture.First(ProbeSubject::kNameServer);
  const bool no_way_there =
      name_server != nullptr && name_server->trouble == HttpTrouble::kNoNetwork;
  if (no_way_there || AddressAsked(picture, [](const Probe&) { return true; }) != nullptr)
    return std::nullopt;
  return Make(Reachability::kDnsBroken, target.text,
              fmt::format("check the network cable or the Wi-Fi, then the name server: "
                          "getent hosts {}",
                          name));
}

Verdict CertificateForeign(const Picture& picture) {
  const auto is_foreign = [](const Probe& probe) {
    return probe.trouble == HttpTrouble::kForeignCertificate;
  };
  const Probe* foreign =
      picture.First([&](const Probe& probe) { return picture.IsOwn(probe) && is_foreign(probe); });
  // Who cuts off one handshake may answer another.
  const bool cut = picture.Target().trouble == HttpTrouble::kTls;
  if (foreign == nullptr && cut && picture.Known("https") == nullptr)
    foreign = picture.First(is_foreign);
  if (foreign == nullptr) return std::nullopt;
  const bool alone = picture.Known("https") != nullptr;
  return Make(
      Reachability::kTlsIntercepted,
      foreign->text + (alone ? "; other servers' certificates are right" : ""),
      "use another network, install the certificate of who inspects this one "
      "(/usr/local/share/ca-certificates, then sudo update-ca-certificates), or use a plain "
      "http:// mirror: the digest is checked anyway");
}

std::string RemedyForServer(const Probe& target) {
  if (target.outcome == ProbeOutcome::kStatus) {
    return target.status >= 500
               ? "the server has a problem: try again later, or add a mirror to the manifest"
               : "check the URL in the manifest, or add a mirror";
  }
  if (target.outcome == ProbeOutcome::kPage)
    return "check the URL in the manifest, or add a mirror";
  if (UrlScheme(target.question.url) == "file")
    return "plug in the medium, or check the path in the manifest";
  if (IsClockTrouble(target.trouble))
    return "tell the server's operator, or use a plain http:// mirror: the digest is checked "
           "anyway";
  const bool client_knows =
      target.trouble == HttpTrouble::kTls || target.trouble == HttpTrouble::kProxy;
  if (client_knows && !target.hint.empty()) return target.hint;
  return "try again later, or add a mirror to the manifest";
}

// The only way out may be a proxy that nobody told this computer of: a firewall that refuses
// everything looks like many servers that are down.
Verdict FirewallRefuses(const Picture& picture) {
  const auto is_known = [](const Probe& p) {
    return p.question.subject == ProbeSubject::kKnownAnswer;
  };
  const bool asked = picture.First(is_known) != nullptr;
  const bool all_refused = picture.Target().trouble == HttpTrouble::kConnect && asked &&
                           picture.First([&](const Probe& probe) {
                             return is_known(probe) && probe.trouble != HttpTrouble::kConnect;
                           }) == nullptr;
  if (!all_refused) return std::nullopt;
  return Make(Reachability::kLocalOnly, picture.Target().text + "; so is everything else",
              "ask who runs this network for its proxy, and set https_proxy and http_proxy");
}

Verdict ServerDown(const Picture& picture) {
  const Probe& target = picture.Target();
  const bool local = target.trouble == HttpTrouble::kLocal;
  if (!SomebodyThere(target) && !local && picture.Known() == nullptr) return std::nullopt;
  const Probe* ipv4 = picture.First(ProbeSubject::kIpv4);
  const Probe* ipv6 = picture.First(ProbeSubject::kIpv6);
  if (target.trouble == HttpTrouble::kNoNetwork && ipv4 != nullptr && ipv6 != nullptr &&
      IsSilentName(*ipv4) != IsSilentName(*ipv6)) {
    const bool needs_ipv4 = IsSilentName(*ipv6);
    return Make(Reachability::kServerDown,
                fmt::format("{} has no IPv{} address, and this network has no IPv{}",
                            NameOf(target.question.url), needs_ipv4 ? 6 : 4, needs_ipv4 ? 4 : 6),
                "add a mirror that has one to the manifest, or use a proxy or another network");
  }
  const std::string proxy = picture.EnvironmentProxy();
  const std::string way =
      proxy.empty() ? "" : fmt::format(", through the proxy {} of the environment", NameOf(proxy));
  return Make(Reachability::kServerDown, target.text + way, RemedyForServer(target));
}

// No answer from anywhere. There is a network when a name was resolved, or when the silence took
// its time: without one, the kernel refuses at once.
Verdict NothingBeyond(const Picture& picture) {
  const Probe* sign = picture.First([](const Probe& probe) {
    const bool resolved =
        probe.trouble == HttpTrouble::kNoNetwork && !HasAddress(probe.question.url);
    return resolved || probe.trouble == HttpTrouble::kUnreachable || SomebodyThere(probe);
  });
  if (sign == nullptr) return std::nullopt;
  return Make(Reachability::kLocalOnly,
              "nothing beyond this network answers: " + picture.Target().text,
              "check the router's own line; a firewall or a missing proxy setting looks the same");
}

Verdict Offline(const Picture& picture) {
  return Make(
      Reachability::kOffline, picture.Target().text,
      "check the network cable or the Wi-Fi: ip address; behind a router, whether that is online");
}

constexpr std::array kRules = {
    Reached,    ThroughProxy,  Portal,      EnvironmentProxyFails, ProxyWantsCredentials,
    ClockWrong, NamesLie,      NamesBroken, CertificateForeign,    FirewallRefuses,
    ServerDown, NothingBeyond, Offline};

}  // namespace

std::string_view ReachabilityName(Reachability reachability) {
  switch (reachability) {
    case Reachability::kDirect:
      return "direct";
    case Reachability::kViaProxy:
      return "via-proxy";
    case Reachability::kPortal:
      return "portal";
    case Reachability::kDnsBroken:
      return "dns-broken";
    case Reachability::kClockWrong:
      return "clock-wrong";
    case Reachability::kTlsIntercepted:
      return "tls-intercepted";
    case Reachability::kServerDown:
      return "server-down";
    case Reachability::kLocalOnly:
      return "local-only";
    case Reachability::kOffline:
      return "offline";
  }
  return "offline";
}

bool SomebodyThere(const Probe& probe) {
  if (probe.outcome != ProbeOutcome::kTrouble) return true;
  switch (probe.trouble) {
    case HttpTrouble::kConnect:
    case HttpTrouble::kTls:
    case HttpTrouble::kNotYetValid:
    case HttpTrouble::kExpired:
    case HttpTrouble::kForeignCertificate:
    case HttpTrouble::kProxy:
    case HttpTrouble::kTimeout:
    case HttpTrouble::kTooSlow:
    case HttpTrouble::kCutOff:
    case HttpTrouble::kProtocol:
      return true;
    case HttpTrouble::kNone:
    case HttpTrouble::kResolve:
    case HttpTrouble::kUnreachable:
    case HttpTrouble::kNoNetwork:
    case HttpTrouble::kLocal:
      break;
  }
  return false;
}

ConnectivityVerdict JudgeNetwork(const std::vector<Probe>& probes, const JudgementBasis& basis) {
  const Picture picture(probes, basis);
  ConnectivityVerdict verdict;
  for (const auto rule : kRules) {
    if (Verdict found = rule(picture)) {
      verdict = *std::move(found);
      break;
    }
  }
  for (const Probe& probe : probes) verdict.probes.push_back(probe.text);
  return verdict;
}

bool ClockIsRight(std::chrono::seconds behind) { return std::chrono::abs(behind) <= kClockSlack; }

std::string ClockText(std::chrono::seconds behind) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {Unit{31'557'600, "year"}, Unit{86'400, "day"}, Unit{3'600, "hour"},
                                 Unit{60, "minute"}, Unit{1, "second"}};
  const std::int64_t amount = std::chrono::abs(behind).count();
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end() - 1,
                                  [&](const Unit& row) { return amount >= row.seconds; });
  const std::int64_t count = amount / unit->seconds;
  return fmt::format("{} {}{} {}", count, unit->name, count == 1 ? "" : "s",
                     behind.count() > 0 ? "behind" : "ahead");
}

}  // namespace lastgood
