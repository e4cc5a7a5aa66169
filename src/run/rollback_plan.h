// SPDX-License-Identifier: MIT
// Going back by hand: the plan that puts an earlier firmware on a board again, made from the record
// alone.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/plan.h"
#include "record/record.h"
#include "run/provisioner.h"

namespace lastgood {

struct RollbackPlan {
  Plan plan;
  PlanSource source;
  std::string board;  // MAC address: on no other one
  std::string serial_device;
};

// The plan that writes `firmware` by `recipe`.
Result<RollbackPlan> PlanOfFirmware(const FirmwareSpec& firmware, const std::string& command,
                                    Recipe recipe);

// For the board that `mac` names, or the only one there is when it is empty: the newest known-good
// firmware that does not run now (one that failed there since comes behind the last manifest's
// fallbacks), or, with `version`, the known-good one or the last manifest's
// fallback of that version or title, else the one whose version begins with its components ("1.2"
// is the beginning of 1.2.1, not of 1.22). kRefused when there is none, kUsage when several boards
// or versions match: they are listed.
Result<RollbackPlan> PlanRollback(const Record& record, const std::string& mac,
                                  const std::string& version);

}  // namespace lastgood
