// SPDX-License-Identifier: MIT
// Differential writing with a loader that digests: what differs is written, and after any trouble
// the chip is asked again what still differs. Nothing is sent again blindly: a lost acknowledgement
// does not tell whether the block is in the flash, and loaders that ignore sequence numbers would
// take it twice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "flash/esp_loader.h"
#include "flash/flash_compare.h"
#include "flash/flash_target.h"
#include "flash/loader_session.h"

namespace lastgood {

class FlashWriter {
 public:
  // `attempts`: failures that end it when no sector was gained between them; 0 and less count as 1.
  FlashWriter(LoaderSession& session, const FlashTarget& target, int attempts)
      : session_(session), target_(target), attempts_(std::max(attempts, 1)) {}

  Result<FlashDifference> Compare();
  // `progress` counts up to `bytes_total` and never back.
  Result<WriteSummary> Write(const std::optional<FlashDifference>& known, std::uint64_t bytes_total,
                             const WriteProgress& progress);

 private:
  Result<std::optional<FlashDifference>> CompareWithin(const std::vector<FlashRange>& within);
  Result<FlashDifference> CompareAnew(const std::vector<FlashRange>& within);
  Result<Failure> WriteDifference(const FlashDifference& difference);
  Result<Failure> ProveWhole();
  Result<FlashDifference> Mend(const std::string& failure, const FlashDifference& before);
  // Fails when that was one too many.
  Result<void> CountFailure(const std::string& failure, const char* hint);
  Result<void> Recover(const std::string& failure);
  void Report(std::uint64_t bytes_done);

  LoaderSession& session_;
  const FlashTarget& target_;
  int attempts_;
  int failures_ = 0;            // since a sector was gained
  bool whole_differs_ = false;  // although every run was acknowledged
  std::uint32_t fewest_differing_ = 0;
  WriteSummary summary_;
  WriteProgress progress_;
  std::uint64_t bytes_total_ = 0;
  std::uint64_t bytes_reported_ = 0;
};

}  // namespace lastgood
