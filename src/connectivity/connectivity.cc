// SPDX-License-Identifier: MIT
#include "connectivity/connectivity.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

constexpr std::chrono::milliseconds kBudget{5'000};
// A slow mobile link needs this for name, connection and TLS; more URLs than fit are not asked.
constexpr std::chrono::milliseconds kShareMin{1'000};

}  // namespace

Result<std::vector<Probe>> AskTargets(const ConnectivitySeams& seams,
                                      const std::vector<std::string>& urls) {
  TRY_DO(seams.interrupt.Check());
  std::vector<Probe> probes;
  const Deadline deadline(seams.clock, kBudget);
  std::size_t left = urls.size();
  for (const std::string& url : urls) {
    const std::chrono::milliseconds remaining = deadline.Remaining();
    if (remaining < kShareMin) break;
    const auto share = std::max(kShareMin, remaining / static_cast<std::int64_t>(left--));
    const ProbeSubject subject = probes.empty() ? ProbeSubject::kTarget : ProbeSubject::kMirror;
    TRY(Probe probe, Ask(seams.http, seams.wall_clock, {subject, url}, share, seams.interrupt));
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
