// SPDX-License-Identifier: MIT
// Can the real target be reached, and if not, why? (Design section 6: the real target is the best
// probe.) No ICMP, no interface names, no routing tables. verdict.h says what there is to find out.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "connectivity/diagnosis.h"
#include "connectivity/probe.h"
#include "connectivity/verdict.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

struct ConnectivitySeams {
  HttpClient& http;
  const Clock& clock;       // limits
  const Clock& wall_clock;  // the one that certificates are judged by
  const Interrupt& interrupt;
};

// Asks each URL in order for its first octets (ranged GET with the download's own settings) until
// one answers; the last probe says whether one did. At most 8 s each and 16 s in all. Fails only
// with kInterrupted.
Result<std::vector<Probe>> AskTargets(const ConnectivitySeams& seams,
                                      const std::vector<std::string>& urls);

// Asks everything there is to ask, at most 5 s in all. Fails only with kInterrupted.
Result<std::vector<Probe>> Diagnose(const ConnectivitySeams& seams,
                                    const std::vector<std::string>& urls,
                                    const DiagnosisSettings& settings);

}  // namespace lastgood
