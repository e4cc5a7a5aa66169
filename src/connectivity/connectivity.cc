// SPDX-License-Identifier: MIT
#include "connectivity/connectivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

constexpr std::chrono::milliseconds kBudget{5'000};
// A slow mobile link needs this for name, connection and TLS; more URLs than fit are not asked.
constexpr std::chrono::milliseconds kShareMin{1'000};

struct Probe {
  Reachability reachability = Reachability::kOffline;
  std::string finding;
  std::string remedy;
};

// Keeps the first octets and has then seen enough: servers that ignore ranges would send it all.
class StartSink final : public HttpSink {
 public:
  Result<void> OnResponse(const HttpResponse& response) override {
    response_ = response;
    return {};
  }
  Result<void> OnBody(ByteSpan piece) override {
    const std::size_t wanted = kAnswerStartBytes - start_.size();
    Append(start_, piece.first(std::min(piece.size(), wanted)));
    if (piece.size() <= wanted) return {};
    return Fail(ExitCode::kCannotDownload, "seen enough");
  }
  const HttpResponse& response() const { return response_; }
  const Bytes& start() const { return start_; }

 private:
  HttpResponse response_;
  Bytes start_;
};

std::string NameOf(const std::string& url) {
  const std::string host = UrlHost(url);
  return host.empty() ? UrlForPeople(url) : host;
}

Probe JudgePortal(const std::string& url, const HttpResponse& response, ByteSpan start) {
  Probe probe{Reachability::kPortal, "",
              "open a web page in a browser on this network and sign in"};
  const std::string other = UrlHost(response.effective_url);
  probe.finding = UrlForPeople(url);
  if (!other.empty() && other != UrlHost(url)) probe.finding += " is redirected to " + other + ",";
  if (start.empty()) {
    probe.finding += " answers " + StatusForPeople(response.status) + " with nothing in it";
  } else {
    probe.finding += " answers with a web page: " + QuoteStart(start);
  }
  return probe;
}

Probe JudgeStatus(const std::string& url, int status) {
  Probe probe{Reachability::kServerDown,
              fmt::format("{} answers {}", UrlForPeople(url), StatusForPeople(status)), ""};
  if (status == 407) {
    probe.remedy = "give the proxy's user name and password in http_proxy and https_proxy";
  } else if (status >= 500) {
    probe.remedy = "the server has a problem: try again later, or add a mirror to the manifest";
  } else {
    probe.remedy = "check the URL in the manifest, or add a mirror";
  }
  return probe;
}

Probe JudgeAnswer(const std::string& url, const HttpResponse& response, ByteSpan start) {
  constexpr int kSignInRequired = 511;  // RFC 6585: what an honest portal answers
  const bool success = response.status >= 200 && response.status < 300;
  if (response.status == kSignInRequired) return JudgePortal(url, response, start);
  if (!success) return JudgeStatus(url, response.status);
  if (start.empty() || LooksLikeHtml(start)) return JudgePortal(url, response, start);
  if (UrlScheme(url) == "file") return {Reachability::kDirect, "local file", ""};
  return {Reachability::kDirect, fmt::format("direct, {} answers", NameOf(url)), ""};
}

Reachability ReachabilityOf(HttpTrouble trouble) {
  switch (trouble) {
    case HttpTrouble::kResolve:
      return Reachability::kDnsBroken;
    case HttpTrouble::kTls:
      return Reachability::kTlsTrouble;
    case HttpTrouble::kConnect:
    case HttpTrouble::kTimeout:
    case HttpTrouble::kTooSlow:
    case HttpTrouble::kCutOff:
    case HttpTrouble::kProtocol:
    case HttpTrouble::kLocal:
      return Reachability::kServerDown;
    case HttpTrouble::kNone:
    case HttpTrouble::kUnreachable:
      break;
  }
  return Reachability::kOffline;
}

std::string RemedyFor(Reachability reachability, const std::string& url) {
  switch (reachability) {
    case Reachability::kDnsBroken:
      return fmt::format(
          "check the network cable or the Wi-Fi, then the name server: getent hosts {}",
          NameOf(url));
    case Reachability::kTlsTrouble:
      return "check the clock with 'timedatectl', or use another network or a plain http:// "
             "mirror: "
             "the digest is checked anyway";
    case Reachability::kServerDown:
      return UrlScheme(url) == "file" ? "plug in the medium, or check the path in the manifest"
                                      : "try again later, or add a mirror to the manifest";
    case Reachability::kOffline:
      return "check the network cable or the Wi-Fi: ip address; a firewall or a missing proxy "
             "setting looks the same";
    case Reachability::kPortal:
    case Reachability::kDirect:
      break;
  }
  return {};
}

Probe JudgeFailure(const std::string& url, HttpTrouble trouble, const Error& error) {
  const Reachability found = ReachabilityOf(trouble);
  // The client tells a wrong clock from a foreign certificate, and a proxy's refusal from a
  // server's.
  const bool may_know_better =
      found == Reachability::kTlsTrouble || found == Reachability::kServerDown;
  const bool hinted = may_know_better && !error.hint.empty();
  return {found, error.message, hinted ? error.hint : RemedyFor(found, url)};
}

Result<Probe> Ask(HttpClient& http, const std::string& url, std::chrono::milliseconds limit,
                  const Interrupt& interrupt) {
  HttpRequest request;
  request.url = url;
  request.range_to = kAnswerStartBytes - 1;
  request.connect_timeout = limit;
  request.total_timeout = limit;
  StartSink sink;
  const auto response = http.Get(request, sink, interrupt);
  if (!response && response.error().code == ExitCode::kInterrupted) return Fail(response.error());
  const bool answered = response || !sink.start().empty();
  if (answered) return JudgeAnswer(url, sink.response(), sink.start());
  return JudgeFailure(url, http.LastTrouble(), response.error());
}

// The more a finding says, the earlier it stands: a portal explains every other failure, and a name
// that does not resolve says more than silence.
int Rank(Reachability reachability) {
  constexpr std::array kOrder = {Reachability::kDirect,     Reachability::kPortal,
                                 Reachability::kTlsTrouble, Reachability::kServerDown,
                                 Reachability::kDnsBroken,  Reachability::kOffline};
  const auto* const at = std::find(kOrder.begin(), kOrder.end(), reachability);
  return static_cast<int>(at - kOrder.begin());
}

}  // namespace

Result<ConnectivityVerdict> ProbeConnectivity(HttpClient& http, Clock& clock,
                                              const std::vector<std::string>& urls,
                                              const Interrupt& interrupt) {
  TRY_DO(interrupt.Check());
  ConnectivityVerdict verdict;
  verdict.summary = "no URL to ask";
  const Deadline deadline(clock, kBudget);
  std::size_t left = urls.size();
  for (const std::string& url : urls) {
    const std::chrono::milliseconds remaining = deadline.Remaining();
    if (remaining < kShareMin) {
      verdict.probes.push_back(UrlForPeople(url) + ": not asked, time is up");
      continue;
    }
    const auto share = std::max(kShareMin, remaining / static_cast<std::int64_t>(left--));
    TRY(Probe probe, Ask(http, url, share, interrupt));
    verdict.probes.push_back(probe.finding);
    const bool first = verdict.probes.size() == 1;
    if (first || Rank(probe.reachability) < Rank(verdict.reachability)) {
      verdict.reachability = probe.reachability;
      verdict.summary = std::move(probe.finding);
      verdict.remedy = std::move(probe.remedy);
    }
    if (verdict.reachability == Reachability::kDirect) break;
  }
  return verdict;
}

}  // namespace lastgood
