// SPDX-License-Identifier: MIT
// One repair a run, where the cause has one: sectors that another firmware filled are cleared,
// after a copy of them was kept, and the firmware makes them anew.
#include <fmt/format.h>

#include <utility>

#include "run/evidence_of.h"
#include "run/flash_backup.h"
#include "run/repair_cause.h"
#include "run/walk.h"

namespace lastgood {

// What is erased may be somebody's only copy. Returns where a copy of it is, or why there is none.
Result<std::string> Walk::KeepBeforeErasing(const std::vector<FlashRange>& ranges) {
  if (backed_up_) return "a copy is in the backup that this run took: lastgood restore";
  std::vector<std::string> copies;
  for (const FlashRange& range : ranges) {
    TRY(Bytes content, session_->Read(range));
    if (content.empty()) return "no copy was kept: this loader can not read flash";
    const std::size_t size = content.size();
    TRY(const Sha256Digest digest,
        StoreBytes(seams_.store, std::move(content), "the parameter sectors"));
    copies.push_back(seams_.store.PathOf(digest).string());
    journal_.Keep(
        TextEvidence{"sectors before they were cleared",
                     fmt::format("0x{:x}, {} bytes: {}", range.offset, size, copies.back())});
  }
  return fmt::format("a copy is in {}", fmt::join(copies, " and "));
}

void Walk::SayRepair(std::string text) {
  journal_.Say({"repair", StageOutcome::kNote, std::move(text), {}, {}});
}

Result<bool> Walk::Repair(const HealthVerdict& verdict) {
  const std::optional<RepairCause> cause = RepairFor(verdict);
  if (repaired_ || !cause) return false;
  const RepairPlan repair = PlanRepair(*cause, *flash_plan_, *board_, found_, running_before_);
  if (!repair.why_not.empty()) SayRepair("none is made: " + repair.why_not);
  if (!repair.why_not.empty() || repair.erase.empty()) return false;
  repaired_ = true;
  const Result<bool> cleared = ClearForRepair(repair);
  if (cleared || cleared.error().code == ExitCode::kInterrupted) return cleared;
  SayRepair("none is made: " + cleared.error().message);
  return false;
}

Result<bool> Walk::ClearForRepair(const RepairPlan& repair) {
  journal_.StartStage();
  TRY(const std::string copy, KeepBeforeErasing(repair.erase));
  TRY(const std::vector<FlashRange> refused, session_->Erase(repair.erase));
  journal_.Keep(ErasedEvidence("repair", repair.erase, refused, FlashSize()));
  if (refused.size() == repair.erase.size()) {
    SayRepair(fmt::format("none is made: the ROM loader can not erase 0x{:x} alone",
                          refused.front().offset));
    return false;
  }
  SayRepair(fmt::format("{} cleared, once, for the firmware to make anew; {}", repair.what, copy));
  return true;
}

}  // namespace lastgood
