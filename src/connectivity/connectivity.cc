// SPDX-License-Identifier: MIT
#include "connectivity/connectivity.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

// A resolver turns to the second name server after 5 s (resolv.conf(5)); the rest is for a slow
// mobile link's connection and TLS. Silent URLs beyond the second are left to the diagnosis.
constexpr std::chrono::milliseconds kTargetLimit{8'000};
constexpr std::chrono::milliseconds kTargetsLimit{16'000};

}  // namespace

Result<std::vector<Probe>> AskTargets(const ConnectivitySeams& seams,
                                      const std::vector<std::string>& urls) {
  TRY_DO(seams.interrupt.Check());
  std::vector<Probe> probes;
  const Deadline deadline(seams.clock, kTargetsLimit);
  for (const std::string& url : urls) {
    if (deadline.Expired()) break;
    const auto limit = std::min(kTargetLimit, deadline.Remaining());
    const ProbeSubject subject = probes.empty() ? ProbeSubject::kTarget : ProbeSubject::kMirror;
    TRY(Probe probe, Ask(seams.http, seams.wall_clock, {subject, url}, limit, seams.interrupt));
    probes.push_back(std::move(probe));
    if (probes.back().outcome == ProbeOutcome::kAnswers) break;
  }
  return probes;
}

Result<std::vector<Probe>> Diagnose(const ConnectivitySeams& seams,
                                    const std::vector<std::string>& urls,
                                    const DiagnosisSettings& settings) {
  return AskAll(seams.http, seams.wall_clock, QuestionsFor(urls, settings), kDiagnosisLimit,
                seams.interrupt);
}

}  // namespace lastgood
