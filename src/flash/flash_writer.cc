// SPDX-License-Identifier: MIT
#include "flash/flash_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "digest/digest.h"
#include "flash/stream_writer.h"

namespace lastgood {
namespace {

// However much is gained each time: below this rate the wire is better than so.
constexpr int kRecoveriesMax = 40;
constexpr const char* kNoDigest = "the loader does not say what is in the flash";
constexpr const char* kWireHint =
    "try a lower baud rate; check the wires, the ground wire first, and the supply";
constexpr const char* kSectorHint = "the flash chip may be worn out; check the supply";

}  // namespace

Result<std::optional<FlashDifference>> FlashWriter::CompareWithin(
    const std::vector<FlashRange>& within) {
  return CompareFlash(target_, within, [this](std::uint32_t offset, std::uint32_t size_bytes) {
    return session_.Digest(offset, size_bytes);
  });
}

Result<FlashDifference> FlashWriter::CompareAnew(const std::vector<FlashRange>& within) {
  for (;;) {
    TRY(std::optional<FlashDifference> difference, CompareWithin(within));
    if (difference) return *std::move(difference);
    TRY_DO(CountFailure(kNoDigest, kWireHint));
    TRY_DO(Recover(kNoDigest));
  }
}

Result<FlashDifference> FlashWriter::Compare() { return CompareAnew(target_.Everything().ranges); }

Result<WriteSummary> FlashWriter::Write(const std::optional<FlashDifference>& known,
                                        std::uint64_t bytes_total, const WriteProgress& progress) {
  const TimePoint start = session_.link().clock().Now();
  const std::uint64_t sent_before = session_.link().octets_sent();
  progress_ = progress;
  bytes_total_ = bytes_total;
  summary_.sectors_total = target_.sectors();
  FlashDifference difference;
  if (known) {
    difference = *known;
  } else {
    TRY(difference, Compare());
  }
  fewest_differing_ = difference.sectors;
  // What was just found the same throughout was digested throughout; `known` may be out of date.
  for (bool proven = !known && difference.none(); !proven;) {
    TRY(Failure failure, WriteDifference(difference));
    if (!failure) {
      TRY(failure, ProveWhole());
    }
    proven = !failure;
    if (failure) {
      TRY(difference, Mend(*failure, difference));
    }
  }
  Report(bytes_total_);
  summary_.digest_matches = true;
  summary_.bytes_sent = session_.link().octets_sent() - sent_before;
  summary_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(session_.link().clock().Now() - start);
  return summary_;
}

Result<Failure> FlashWriter::WriteDifference(const FlashDifference& difference) {
  StreamWriter writer(session_);
  std::uint64_t left = std::uint64_t{difference.sectors} * kFlashSectorSize;
  const std::uint64_t total = std::uint64_t{target_.sectors()} * kFlashSectorSize;
  const auto done = [&] { return total - std::min(left, total); };
  Report(done());
  const RunRules rules = RulesFor(session_.link().baud(), summary_.recoveries, failures_);
  for (const WriteRun& run : PlanRuns(target_, difference, rules)) {
    TRY_DO(session_.link().interrupt().Check());
    Failure failure;
    if (run.kind == WriteRun::Kind::kErase) {
      TRY(failure, writer.Erase(run.range));
      if (!failure) summary_.blank_bytes_skipped += run.range.size_bytes;
    } else {
      TRY(failure, writer.Write(run.range, target_.Content(run.range),
                                [&](std::uint32_t bytes) { Report(done() + bytes); }));
      if (!failure) summary_.sectors_written += run.range.size_bytes / kFlashSectorSize;
      if (!failure) summary_.written.push_back(run.range);
    }
    if (failure) return failure;
    summary_.erased.push_back(run.range);
    summary_.sectors_erased += run.range.size_bytes / kFlashSectorSize;
    left -= std::min<std::uint64_t>(left, run.range.size_bytes);
  }
  return Failure();
}

// Rule A1 of the protocol reference's section 15.
Result<Failure> FlashWriter::ProveWhole() {
  whole_differs_ = false;
  for (const FlashExtent& extent : target_.extents()) {
    const auto size = static_cast<std::uint32_t>(extent.bytes.size());
    TRY(const std::optional<Md5Digest> there, session_.Digest(extent.offset, size));
    if (!there) return Failure(kNoDigest);
    if (*there == Md5(extent.bytes)) continue;
    whole_differs_ = true;
    return Failure(
        fmt::format("the image at 0x{:x} does not read back as it was written", extent.offset));
  }
  return Failure();
}

Result<FlashDifference> FlashWriter::Mend(const std::string& failure,
                                          const FlashDifference& before) {
  TRY_DO(Recover(failure));
  // A wrong digest of the whole puts everything in doubt; else what was the same still is.
  TRY(FlashDifference now,
      CompareAnew(whole_differs_ ? target_.Everything().ranges : before.ranges));
  if (now.sectors < fewest_differing_) {
    fewest_differing_ = now.sectors;
    failures_ = 0;
    return now;
  }
  const std::string sector =
      now.none() ? ""
                 : fmt::format("; the sector at 0x{:x} does not hold what it should",
                               now.ranges.front().offset);
  TRY_DO(CountFailure(failure + sector, whole_differs_ ? kSectorHint : kWireHint));
  return now;
}

Result<void> FlashWriter::CountFailure(const std::string& failure, const char* hint) {
  if (++failures_ < attempts_) return {};
  return Fail(
      ExitCode::kBoard,
      fmt::format("cannot write on '{}' at {} baud: {} (attempt {})",
                  session_.link().serial_port().Name(), session_.link().baud(), failure, failures_),
      hint);
}

Result<void> FlashWriter::Recover(const std::string& failure) {
  if (++summary_.recoveries <= kRecoveriesMax) return session_.Recover();
  return Fail(ExitCode::kBoard,
              fmt::format("cannot write on '{}' at {} baud: {}, after {} recoveries",
                          session_.link().serial_port().Name(), session_.link().baud(), failure,
                          kRecoveriesMax),
              kWireHint);
}

void FlashWriter::Report(std::uint64_t bytes_done) {
  bytes_reported_ =
      std::clamp(bytes_done, bytes_reported_, std::max(bytes_total_, bytes_reported_));
  if (progress_) progress_(bytes_reported_, bytes_total_);
}

}  // namespace lastgood
