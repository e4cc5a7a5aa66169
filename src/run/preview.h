// SPDX-License-Identifier: MIT
// The dry run: what a run would do, from what can be known without changing anything. No download,
// no write, no lock, no state directory made; the board is asked only when a connector is given,
// which resets it.
#pragma once

#include <filesystem>

#include "plan/plan.h"
#include "record/record.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

struct PreviewSeams {
  BoardSeams board;
  bool ask_board = false;  // otherwise it is left alone
  SetupHost& host;
  const std::optional<Record>& record;  // opened read-only; nullopt when there is none yet
  const ArtifactStore& store;           // opened read-only
  std::filesystem::path bundle{};  // that holds all artifacts, verified; empty when there is none
};

// The code is what a run would be refused with, or kDone.
RunOutcome PreviewRun(PreviewSeams& seams, const Plan& plan, const RunOptions& options);

}  // namespace lastgood
