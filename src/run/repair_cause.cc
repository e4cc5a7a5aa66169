// SPDX-License-Identifier: MIT
#include "run/repair_cause.h"

#include "base/bytes.h"
#include "health/firmware_words.h"

namespace lastgood {

std::optional<RepairCause> RepairFor(const HealthVerdict& verdict) {
  switch (verdict.fault) {
    case BootFault::kInitDataMissing:
    case BootFault::kInitDataWrong:
      return RepairCause::kInitData;
    case BootFault::kSystemParams:
      return RepairCause::kParameters;
    default:
      break;
  }
  if (verdict.health == Health::kBusyProgram && SaysFileSystemIsCorrupt(AsText(verdict.transcript)))
    return RepairCause::kFileSystem;
  return std::nullopt;
}

}  // namespace lastgood
