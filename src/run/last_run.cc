// SPDX-License-Identifier: MIT
#include "run/last_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace lastgood {

Result<std::optional<RunRecord>> FindLastRun(const Record& record, const MacAddress& board,
                                             const std::function<bool(const RunRecord&)>& fits) {
  constexpr int kRunsSearched = 1000;
  TRY(const std::vector<RunRecord> history, record.History(kRunsSearched));
  const auto run = std::find_if(history.begin(), history.end(), [&](const RunRecord& candidate) {
    return candidate.mac == board && fits(candidate);
  });
  if (run == history.end()) return std::nullopt;
  TRY(std::optional<RunRecord> whole, record.Find(run->id));
  if (!whole)
    return Fail(ExitCode::kInternal, fmt::format("run {} went out of the record", run->id));
  return whole;
}

}  // namespace lastgood
