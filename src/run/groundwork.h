// SPDX-License-Identifier: MIT
// What a run needs before it turns to a board, and what is the same for every board of a plan: the
// firmware and its fallbacks in the store, the host set up. Nothing in here knows a board.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "plan/plan.h"
#include "run/downloads.h"
#include "run/firmware_files.h"
#include "run/journal.h"
#include "run/seams.h"
#include "run/step_files.h"
#include "setup/setup_runner.h"

namespace lastgood {

class Groundwork {
 public:
  // Enters its states in `journal`. All three must outlive it.
  Groundwork(Seams& seams, const Plan& plan, Journal& journal, SetupOptions setup)
      : seams_(seams),
        plan_(plan),
        journal_(journal),
        setup_(setup),
        step_files_(StepFilesOf(plan)) {}

  // Fetches and verifies, then runs the host steps. Errors as of Downloads and SetUpHost();
  // kInterrupted when asked to stop.
  Result<void> Lay();

  // What `other` has laid, for another run of the same plan; its state is entered here as well.
  Result<void> Take(const Groundwork& other);
  bool laid() const { return laid_; }

  // The new firmware's verified octets; empty before Lay() and after DropParts().
  const FirmwareParts& parts() const { return parts_; }
  void DropParts() { parts_.clear(); }
  bool host_changed() const { return host_changed_; }

 private:
  Result<void> FetchAll();
  Result<void> FetchStepFiles(Downloads& downloads);
  void ProbeNetwork();
  Firmwares Needed() const;
  Firmwares Wanted() const;
  tl::unexpected<Error> NotFetched(Error error);
  void KeepEvidence(const FirmwareSpec& firmware, const FirmwareDownload& download);
  void FetchFallbacks(Downloads& downloads);

  Seams& seams_;
  const Plan& plan_;
  Journal& journal_;
  SetupOptions setup_;
  std::optional<FirmwareSpec> step_files_;
  bool laid_ = false;
  bool host_changed_ = false;
  bool online_ = true;
  std::string network_remedy_;
  std::optional<std::string> proxy_;  // that downloads are to use; unset: as the environment says
  FirmwareParts parts_;
};

}  // namespace lastgood
