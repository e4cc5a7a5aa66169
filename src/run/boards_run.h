// SPDX-License-Identifier: MIT
// One plan for several boards at the same time: what no board is needed for is done once, then each
// board walks on its own thread, with its own run in the record. One that fails harms no other.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

inline constexpr std::size_t kBoardsMax = 64;

struct BoardResult {
  std::string device;
  RunOutcome outcome;
  std::chrono::milliseconds elapsed{0};
};

// Another connection to the record: SQLite's connections are not for several threads.
using OpenRecord = std::function<Result<Record>()>;

// `seams` are what the boards share; its reporter is told from one thread at a time, every event
// with the board's device. `devices`: at least two, all different. kUsage when one is named twice;
// otherwise a result for each board, in the order of `devices`. Two devices that lead to one board:
// the second one is kBusy.
Result<std::vector<BoardResult>> ProvisionBoards(Seams& seams, const OpenRecord& open_record,
                                                 const Plan& plan, const PlanSource& source,
                                                 const RunOptions& options,
                                                 const std::vector<std::string>& devices);

// What a process that worked on several boards ends with: the most serious of their codes (docs: a
// board that needs hands, interrupted, rolled back, then the others).
ExitCode MostSerious(const std::vector<BoardResult>& results);

}  // namespace lastgood
