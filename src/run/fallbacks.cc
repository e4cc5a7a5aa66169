// SPDX-License-Identifier: MIT
#include "run/fallbacks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace lastgood {
namespace {

std::string OnDay(std::string_view what, WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  return fmt::format("{} {:%Y-%m-%d}", what, fmt::gmtime(seconds));
}

Result<std::vector<Fallback>> Candidates(const Record& record, const Manifest& manifest,
                                         const BoardIdentity& board) {
  std::vector<Fallback> candidates;
  TRY(const std::optional<BoardRecord> known, record.Board(board.mac));
  if (known) {
    for (const KnownGood& good : known->known_good) {
      // A description that this version can not read any more is no fallback, and no reason to
      // stop.
      Result<FirmwareSpec> firmware = ParseFirmware(good.firmware_toml);
      if (!firmware) continue;
      candidates.push_back({*std::move(firmware), good.flashed_digest,
                            OnDay("known good since", good.since), Caution::kForce,
                            /*is_backup=*/false});
    }
  }
  for (const FirmwareSpec& fallback : manifest.fallbacks) {
    candidates.push_back({fallback,
                          {},
                          "pinned in the manifest",
                          Caution::kRefuse,
                          /*is_backup=*/false});
  }
  if (!known) return candidates;
  for (const BoardBackup& backup : known->backups) {
    Result<FirmwareSpec> firmware = ParseFirmware(backup.firmware_toml);
    if (!firmware) continue;
    candidates.push_back({*std::move(firmware), backup.flashed_digest,
                          OnDay("read from the board on", backup.taken_at), Caution::kForce,
                          /*is_backup=*/true});
  }
  return candidates;
}

}  // namespace

Result<FlashPlan> PlanFallback(const ArtifactStore& store, const FirmwareSpec& firmware,
                               const BoardIdentity& board, Caution caution) {
  TRY(const std::optional<FirmwareParts> parts, LoadFirmware(store, firmware));
  if (!parts)
    return Fail(ExitCode::kRefused, fmt::format("{} is not in the store", firmware.Title()));
  return PlanFlash(firmware, *parts, board, caution);
}

Result<FallbackList> ListFallbacks(const Record& record, const ArtifactStore& store,
                                   const Manifest& manifest, const BoardIdentity& board,
                                   const Sha256Digest& avoid) {
  FallbackList list;
  std::vector<Sha256Digest> failed_since;
  TRY(std::vector<Fallback> candidates, Candidates(record, manifest, board));
  for (Fallback& candidate : candidates) {
    const Result<FlashPlan> plan =
        PlanFallback(store, candidate.firmware, board, candidate.caution);
    if (!plan) {
      list.unusable.push_back(
          fmt::format("{}: {}", candidate.firmware.Title(), plan.error().message));
      continue;
    }
    candidate.flashed_digest = plan->flashed_digest;
    const bool listed =
        std::any_of(list.usable.begin(), list.usable.end(), [&candidate](const Fallback& other) {
          return other.flashed_digest == candidate.flashed_digest;
        });
    if (listed || candidate.flashed_digest == avoid) continue;
    TRY(const bool failed_here, record.IsQuarantined(board.mac, candidate.flashed_digest));
    if (failed_here) failed_since.push_back(candidate.flashed_digest);
    if (failed_here && candidate.caution == Caution::kRefuse) {
      list.unusable.push_back(
          fmt::format("{}: failed on this board before", candidate.firmware.Title()));
      continue;
    }
    list.usable.push_back(std::move(candidate));
  }
  // What was proven on the board once is better than nothing.
  std::stable_partition(list.usable.begin(), list.usable.end(), [&](const Fallback& fallback) {
    return std::find(failed_since.begin(), failed_since.end(), fallback.flashed_digest) ==
           failed_since.end();
  });
  return list;
}

}  // namespace lastgood
