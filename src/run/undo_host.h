// SPDX-License-Identifier: MIT
// Bringing the host back to what it was before lastgood's steps: of one run, or of all runs of a
// manifest. The recipes are not needed: the record has it all.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "record/record.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

struct UndoRequest {
  std::optional<RunId> run;    // unset and no manifest: the newest run that has something to undo
  std::string manifest;        // of all runs of this name
  bool leave_changed = false;  // what can not be undone stays as it is, and is forgotten
};

// A run that had not touched its board when it was cut, or that waits for a reboot, is over then.
// kUsage for a run that does not exist, or a manifest that no run was of. The outcome's code is
// kSetupFailed when anything is left: changed since by somebody else, or not to be undone.
Result<RunOutcome> UndoHost(Seams& seams, const UndoRequest& request);

}  // namespace lastgood
