// SPDX-License-Identifier: MIT
// Can the real target be reached? (Design section 6: the real target is the best probe.) No ICMP,
// no interface names, no routing tables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

enum class Reachability { kDirect, kDnsBroken, kTlsTrouble, kServerDown, kPortal, kOffline };

struct ConnectivityVerdict {
  Reachability reachability = Reachability::kOffline;
  std::string summary;              // "direct, micropython.org answers"
  std::string remedy;               // one line; empty when direct
  std::vector<std::string> probes;  // one line per question asked, for the report
};

// Asks each URL in order for its first octets (ranged GET with the download's own settings) until
// one answers; on failure of all, names the most telling cause. At most 5 s in all. Fails only with
// kInterrupted.
Result<ConnectivityVerdict> ProbeConnectivity(HttpClient& http, Clock& clock,
                                              const std::vector<std::string>& urls,
                                              const Interrupt& interrupt);

}  // namespace lastgood
