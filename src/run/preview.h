// SPDX-License-Identifier: MIT
// The dry run: what a run would do, from what can be known without changing anything. No download,
// no write, no lock, no state directory made; the board is asked only when a connector is given,
// which resets it.
#pragma once

#include "plan/plan.h"
#include "record/record.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

struct PreviewSeams {
  Clock& clock;
  Reporter& reporter;
  ProcessRunner& process_runner;
  BoardConnector* connector;            // nullptr: the board is left alone
  const std::optional<Record>& record;  // opened read-only; nullopt when there is none yet
  const ArtifactStore& store;           // opened read-only
  const Interrupt& interrupt;
  const StubLibrary* stubs = nullptr;  // nullptr: the ROM loader alone
};

// The code is what a run would be refused with, or kDone.
RunOutcome PreviewRun(PreviewSeams& seams, const Plan& plan, const RunOptions& options);

}  // namespace lastgood
