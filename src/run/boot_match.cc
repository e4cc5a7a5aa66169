// SPDX-License-Identifier: MIT
#include "run/boot_match.h"

#include <utility>

namespace lastgood {

namespace {

BootComparison Compare(const BootLog& log, const FlashPlan& plan) {
  if (plan.boot_segments.empty()) return {};
  ExpectedBoot expected;
  expected.checksum = plan.boot_checksum;
  for (const ImageSegment& segment : plan.boot_segments)
    expected.segments.push_back({segment.load_address, segment.size_bytes});
  return CompareBoot(log, expected);
}

// Both sums that the ROM printed last agree with each other, and not with the plan's image.
bool BothSumsDiffer(const BootLog& log, const FlashPlan& plan) {
  if (log.attempts.empty()) return false;
  const BootAttempt& last = log.attempts.back();
  return last.csum && last.csum == last.last_chksum && *last.csum != plan.boot_checksum;
}

}  // namespace

BootComparison CompareWithPlan(const HealthVerdict& verdict, const FlashPlan& plan) {
  return Compare(ReadBootLog(verdict.transcript), plan);
}

HealthVerdict HoldAgainstPlan(HealthVerdict verdict, HealthKind kind, const FlashPlan& plan) {
  if (!verdict.good() || kind != HealthKind::kBootLog) return verdict;
  const BootLog log = ReadBootLog(verdict.transcript);
  if (!BothSumsDiffer(log, plan)) return verdict;
  BootComparison comparison = Compare(log, plan);
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
