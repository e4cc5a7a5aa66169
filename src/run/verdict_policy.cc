// SPDX-License-Identifier: MIT
#include "run/verdict_policy.h"

#include <algorithm>

namespace lastgood {
namespace {

bool RomHandedOver(const HealthVerdict& verdict) {
  const BootLog log = ReadBootLog(verdict.transcript);
  return std::any_of(log.attempts.begin(), log.attempts.end(),
                     [](const BootAttempt& attempt) { return attempt.handed_over(); });
}

}  // namespace

Blame BlameFor(const HealthVerdict& verdict) {
  if (verdict.fault == BootFault::kFlashRead || verdict.fault == BootFault::kBrownout)
    return Blame::kNotFirmware;
  if (verdict.health == Health::kSilent && !RomHandedOver(verdict)) return Blame::kNotFirmware;
  const auto row = std::find_if(
      kBlameTable.begin(), kBlameTable.end(),
      [&verdict](const BlameRow& candidate) { return candidate.health == verdict.health; });
  return row == kBlameTable.end() ? Blame::kNotFirmware : row->blame;
}

bool HadAnswered(Health health) {
  return health == Health::kHealthy || health == Health::kWrongVersion ||
         health == Health::kOtherFirmware || health == Health::kCheckFailed;
}

}  // namespace lastgood
