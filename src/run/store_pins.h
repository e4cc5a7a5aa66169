// SPDX-License-Identifier: MIT
// Which artifacts of the store something still counts on, and which may go: decided from the record
// and the store's list alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"
#include "host/clock.h"
#include "record/record.h"
#include "verify/artifact_store.h"

namespace lastgood {

// Why each is needed, the weightiest reason first: "known good on 18:fe:34:ab:cd:ef: MicroPython
// 1.22.1".
using Pins = std::map<Sha256Digest, std::vector<std::string>>;

// Pinned are: known-good firmware and the one before it, backups, firmware and fallbacks of
// `unfinished` runs and of each manifest's newest run. kRefused when a description cannot be read:
// it may pin anything.
Result<Pins> PinsOf(const std::vector<BoardRecord>& boards,
                    const std::vector<RunRecord>& unfinished, const std::vector<RunRecord>& newest);

// The same out of the record; none without one. kRefused when it cannot be read.
Result<Pins> PinsOf(const Result<std::optional<Record>>& record);

struct PruneRules {
  std::chrono::hours older_than = std::chrono::days(30);  // since it was stored
  bool all = false;                                       // however young
  // Then the oldest go until the images that are left take no more than this; those that are pinned
  // stay all the same.
  std::optional<std::uint64_t> size_max_bytes{};
};

// What of `files` may go by `rules`: images that nothing pins; what is damaged, unfinished or left
// over, when it is older than a day.
std::vector<StoredFile> ChoosePrunable(const std::vector<StoredFile>& files, const Pins& pins,
                                       const PruneRules& rules, WallTime now);

}  // namespace lastgood
