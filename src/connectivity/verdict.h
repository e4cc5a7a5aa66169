// SPDX-License-Identifier: MIT
// From what was asked to what is wrong: a pure function. A verdict has one remedy.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectivity/probe.h"
#include "connectivity/proxy_settings.h"
#include "host/clock.h"

namespace lastgood {

enum class Reachability {
  kDirect,
  kViaProxy,
  kPortal,          // a page to sign in stands between
  kDnsBroken,       // names do not resolve, or to what they should not
  kClockWrong,      // this computer's, so that no certificate is valid
  kTlsIntercepted,  // certificates are replaced on the way
  kServerDown,      // the network works, the server does not
  kLocalOnly,       // a network, but nothing beyond it
  kOffline,         // no network
};

// "direct", "via-proxy", "portal", …
std::string_view ReachabilityName(Reachability reachability);

// Can be downloaded.
constexpr bool IsReached(Reachability reachability) {
  return reachability == Reachability::kDirect || reachability == Reachability::kViaProxy;
}

struct ConnectivityVerdict {
  Reachability reachability = Reachability::kOffline;
  std::string summary;              // "direct, micropython.org answers"
  std::string remedy;               // one line; empty when reached
  std::vector<std::string> probes;  // one line per question asked, for the report
  std::optional<std::string>
      proxy{};               // that the download is to use; unset: as the environment says
  std::string portal_url{};  // kPortal: the page to open
  std::optional<std::chrono::seconds> clock_behind{};  // kClockWrong, when known; < 0: ahead
};

struct JudgementBasis {
  ProxyVariables environment;
  WallTime now;         // by this computer's clock
  WallTime build_date;  // of this program: no right clock is behind it
};

// Somebody at the other end said something, whatever it was.
bool SomebodyThere(const Probe& probe);

// Precondition: at least one probe.
ConnectivityVerdict JudgeNetwork(const std::vector<Probe>& probes, const JudgementBasis& basis);

// Off by no more than a Date header and a drifting clock may be.
bool ClockIsRight(std::chrono::seconds behind);

// "3 years behind", "2 hours ahead": a clock that is off by so much.
std::string ClockText(std::chrono::seconds behind);

}  // namespace lastgood
