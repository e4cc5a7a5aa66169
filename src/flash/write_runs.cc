// SPDX-License-Identifier: MIT
#include "flash/write_runs.h"

#include <algorithm>

namespace lastgood {
namespace {

using Kind = WriteRun::Kind;

std::uint32_t EndOf(const FlashRange& range) { return range.offset + range.size_bytes; }

class RunPlanner {
 public:
  RunPlanner(const FlashTarget& target, const RunRules& rules) : target_(target), rules_(rules) {}

  void Add(const FlashRange& range) {
    std::uint32_t written_from = range.offset;
    for (std::uint32_t at = range.offset; at < EndOf(range);) {
      const std::uint32_t blank_end = BlankEnd(at, EndOf(range));
      const std::uint32_t blank_sectors = (blank_end - at) / kFlashSectorSize;
      const bool all = at == range.offset && blank_end == EndOf(range);
      if (blank_sectors >= kBlankSectorsParting || (all && blank_sectors > 0)) {
        AddWrite(written_from, at);
        runs_.push_back({Kind::kErase, {at, blank_end - at}});
        written_from = blank_end;
      }
      at = std::max(blank_end, at + kFlashSectorSize);
    }
    AddWrite(written_from, EndOf(range));
  }

  std::vector<WriteRun> Finish() const {
    std::vector<WriteRun> cut;
    for (const WriteRun& run : runs_) {
      if (run.kind == Kind::kErase) {
        cut.push_back(run);
        continue;
      }
      for (std::uint32_t at = run.range.offset; at < EndOf(run.range);) {
        // Cut where the flash's erase blocks are.
        const std::uint32_t next = (at / rules_.run_bytes_max + 1) * rules_.run_bytes_max;
        const std::uint32_t end = std::min(EndOf(run.range), next);
        cut.push_back({Kind::kWrite, {at, end - at}});
        at = end;
      }
    }
    return cut;
  }

 private:
  std::uint32_t BlankEnd(std::uint32_t at, std::uint32_t end) const {
    while (at < end && IsBlank(target_.Content({at, kFlashSectorSize}))) at += kFlashSectorSize;
    return at;
  }

  // Joined to the run before it where the gap is cheap and belongs to the same image.
  void AddWrite(std::uint32_t begin, std::uint32_t end) {
    if (begin >= end) return;
    if (!runs_.empty() && runs_.back().kind == Kind::kWrite) {
      FlashRange& last = runs_.back().range;
      const bool near = begin - EndOf(last) <= rules_.gap_sectors_max * kFlashSectorSize;
      if (near && !target_.Content({last.offset, end - last.offset}).empty()) {
        last.size_bytes = end - last.offset;
        return;
      }
    }
    runs_.push_back({Kind::kWrite, {begin, end - begin}});
  }

  const FlashTarget& target_;
  const RunRules& rules_;
  std::vector<WriteRun> runs_;
};

}  // namespace

RunRules RulesFor(std::uint32_t baud, int recoveries, int failures) {
  RunRules rules;
  // A sector takes some 2700 octets of compressed firmware; 60 ms are worth one at 460800 baud.
  rules.gap_sectors_max = baud / 450'000;
  // On a wire that loses octets a run must be short enough to come through in between.
  if (recoveries > 0) rules.run_bytes_max = 8 * kFlashSectorSize;
  if (failures > 0) rules.run_bytes_max = 2 * kFlashSectorSize;
  if (failures > 1) rules.run_bytes_max = kFlashSectorSize;
  return rules;
}

std::vector<WriteRun> PlanRuns(const FlashTarget& target, const FlashDifference& difference,
                               const RunRules& rules) {
  RunPlanner planner(target, rules);
  for (const FlashRange& range : difference.ranges) {
    // A known difference may reach over neighbouring images.
    for (const FlashExtent& extent : target.extents()) {
      const std::uint32_t begin = std::max(range.offset, extent.offset);
      const std::uint32_t end = std::min(EndOf(range), extent.end());
      if (begin < end) planner.Add({begin, end - begin});
    }
  }
  return planner.Finish();
}

}  // namespace lastgood
