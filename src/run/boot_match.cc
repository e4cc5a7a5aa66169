// SPDX-License-Identifier: MIT
#include "run/boot_match.h"

namespace lastgood {

BootComparison CompareWithPlan(const HealthVerdict& verdict, const FlashPlan& plan) {
  if (plan.boot_segments.empty()) return {};
  ExpectedBoot expected;
  expected.checksum = plan.boot_checksum;
  for (const ImageSegment& segment : plan.boot_segments)
    expected.segments.push_back({segment.load_address, segment.size_bytes});
  return CompareBoot(ReadBootLog(verdict.transcript), expected);
}

bool IsAnother(const BootComparison& comparison) {
  return comparison.match == BootMatch::kOtherImage || comparison.match == BootMatch::kReadsWrongly;
}

}  // namespace lastgood
