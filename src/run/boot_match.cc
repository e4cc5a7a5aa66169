// SPDX-License-Identifier: MIT
#include "run/boot_match.h"

#include <utility>

namespace lastgood {

BootComparison CompareWithPlan(const HealthVerdict& verdict, const FlashPlan& plan) {
  if (plan.boot_segments.empty()) return {};
  ExpectedBoot expected;
  expected.checksum = plan.boot_checksum;
  for (const ImageSegment& segment : plan.boot_segments)
    expected.segments.push_back({segment.load_address, segment.size_bytes});
  return CompareBoot(ReadBootLog(verdict.transcript), expected);
}

HealthVerdict HoldAgainstPlan(HealthVerdict verdict, HealthKind kind, const FlashPlan& plan) {
  if (!verdict.good() || kind != HealthKind::kBootLog) return verdict;
  const BootLog log = ReadBootLog(verdict.transcript);
  if (log.attempts.empty() || !log.attempts.back().csum ||
      log.attempts.back().csum != log.attempts.back().last_chksum ||
      log.attempts.back().csum == plan.boot_checksum)
    return verdict;
  BootComparison comparison = CompareWithPlan(verdict, plan);
  if (!IsAnother(comparison)) return verdict;
  verdict.health = Health::kOtherFirmware;
  verdict.cause = "another image starts";
  verdict.summary = std::move(comparison.text);
  verdict.remedy =
      "check the offsets of [[firmware.part]]: the chip starts what lies elsewhere, or what was "
      "there before";
  return verdict;
}

bool IsAnother(const BootComparison& comparison) {
  return comparison.match == BootMatch::kOtherImage || comparison.match == BootMatch::kReadsWrongly;
}

}  // namespace lastgood
