// SPDX-License-Identifier: MIT
#include "health/boot_comparison.h"

#include <fmt/core.h>

#include <algorithm>

namespace lastgood {
namespace {

bool Same(const BootSegment& one, const BootSegment& other) {
  return one.address == other.address && one.size_bytes == other.size_bytes;
}

// Headers that were read as zeros or as erased flash are no other image's.
bool IsMisread(const BootSegment& segment) {
  return (segment.address == 0 && segment.size_bytes == 0) || segment.address == 0xffffffff;
}

std::string Describe(const BootSegment& segment) {
  return fmt::format("{} octets at 0x{:08x}", segment.size_bytes, segment.address);
}

BootComparison Differs(std::size_t index, const BootSegment& seen, const ExpectedBoot& expected) {
  if (IsMisread(seen))
    return {BootMatch::kReadsWrongly, fmt::format("the image reads back wrongly: segment {} is {}",
                                                  index + 1, Describe(seen))};
  const std::string wanted = index < expected.segments.size()
                                 ? Describe(expected.segments[index])
                                 : fmt::format("{} segments in all", expected.segments.size());
  return {BootMatch::kOtherImage,
          fmt::format("what starts is not the image that was written: segment {} is {}, written "
                      "was {}",
                      index + 1, Describe(seen), wanted)};
}

BootComparison CompareSums(const BootAttempt& attempt, const ExpectedBoot& expected) {
  for (const auto& sum : {attempt.last_chksum, attempt.csum})
    if (sum && *sum != expected.checksum)
      return {BootMatch::kReadsWrongly,
              fmt::format("the image reads back wrongly: its checksum is 0x{:02x}, written was "
                          "0x{:02x}",
                          *sum, expected.checksum)};
  return {BootMatch::kSame, {}};
}

BootComparison CompareAttempt(const BootAttempt& attempt, const ExpectedBoot& expected) {
  if (attempt.segments.empty()) return {};
  for (std::size_t i = 0; i < attempt.segments.size(); ++i)
    if (i >= expected.segments.size() || !Same(attempt.segments[i], expected.segments[i]))
      return Differs(i, attempt.segments[i], expected);
  // A line that was lost, or the end of the log, is no difference.
  if (!attempt.handed_over() || attempt.segments.size() < expected.segments.size()) return {};
  return CompareSums(attempt, expected);
}

}  // namespace

BootComparison CompareBoot(const BootLog& log, const ExpectedBoot& expected) {
  for (std::size_t i = log.attempts.size(); i-- > 0;) {
    BootComparison comparison = CompareAttempt(log.attempts[i], expected);
    if (comparison.match != BootMatch::kUnknown) return comparison;
  }
  return CompareAttempt(log.before, expected);
}

}  // namespace lastgood
