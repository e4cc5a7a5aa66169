// SPDX-License-Identifier: MIT
// The questions that tell why the target is not reached (design section 6), asked all at once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectivity/network_settings.h"
#include "connectivity/probe.h"
#include "connectivity/proxy_settings.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

inline constexpr std::chrono::milliseconds kDiagnosisLimit{5'000};

struct DiagnosisSettings {
  std::vector<KnownAnswer> known_answers;
  std::vector<FoundProxy> proxies;
  ProxyVariables environment;
  std::vector<std::string> name_servers{};  // addresses
};

// `urls` are the artifact's, the first web address among them is the target. No web address: only
// the known answers are asked for.
std::vector<Question> QuestionsFor(const std::vector<std::string>& urls,
                                   const DiagnosisSettings& settings);

// A thread and a client each; the answers in the order of the questions. A question without an
// answer by the end of `limit` is a probe with a trouble. Fails only with kInterrupted.
Result<std::vector<Probe>> AskAll(const HttpClient& http, const Clock& wall_clock,
                                  const std::vector<Question>& questions,
                                  std::chrono::milliseconds limit, const Interrupt& interrupt);

}  // namespace lastgood
