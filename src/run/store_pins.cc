// SPDX-License-Identifier: MIT
#include "run/store_pins.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/manifest.h"

namespace lastgood {
namespace {

// Whoever began it has given up by then: no download takes as long.
constexpr std::chrono::hours kStaleAge{24};

tl::unexpected<Error> Unreadable(const std::string& what) {
  return Fail(ExitCode::kRefused,
              fmt::format("{} cannot be read, so nobody can tell which images it needs", what),
              "use the lastgood that wrote it");
}

void Pin(Pins& pins, const FirmwareSpec& firmware, const std::string& why) {
  for (const PartSpec& part : firmware.parts) {
    std::vector<std::string>& reasons = pins[part.sha256];
    if (std::find(reasons.begin(), reasons.end(), why) == reasons.end()) reasons.push_back(why);
  }
}

Result<void> PinBoard(Pins& pins, const BoardRecord& board) {
  const std::string mac = board.identity.mac.ToString();
  for (const KnownGood& good : board.known_good) {
    const Result<FirmwareSpec> firmware = ParseFirmware(good.firmware_toml);
    if (!firmware) return Unreadable("the known-good firmware of board " + mac);
    Pin(pins, *firmware, fmt::format("known good on {}: {}", mac, firmware->Title()));
  }
  for (const BoardBackup& backup : board.backups) {
    const Result<FirmwareSpec> firmware = ParseFirmware(backup.firmware_toml);
    if (!firmware) return Unreadable("a backup of board " + mac);
    Pin(pins, *firmware, fmt::format("backup of {}: {}", mac, firmware->Title()));
  }
  return {};
}

Result<void> PinRun(Pins& pins, const RunRecord& run) {
  const Result<Manifest> manifest = ParseManifest(run.start.manifest_text, run.start.manifest_name);
  if (!manifest) return Unreadable(fmt::format("the manifest of run {}", run.id));
  const std::string whose =
      fmt::format("{} (run {}{})", manifest->name, run.id, run.ended_at ? "" : ", unfinished");
  Pin(pins, manifest->firmware,
      fmt::format("firmware of {}: {}", whose, manifest->firmware.Title()));
  for (const FirmwareSpec& fallback : manifest->fallbacks)
    Pin(pins, fallback, fmt::format("fallback of {}: {}", whose, fallback.Title()));
  return {};
}

}  // namespace

Result<Pins> PinsOf(const std::vector<BoardRecord>& boards,
                    const std::vector<RunRecord>& unfinished,
                    const std::vector<RunRecord>& newest) {
  Pins pins;
  for (const BoardRecord& board : boards) TRY_DO(PinBoard(pins, board));
  for (const RunRecord& run : unfinished) TRY_DO(PinRun(pins, run));
  for (const RunRecord& run : newest) TRY_DO(PinRun(pins, run));
  return pins;
}

Result<Pins> PinsOf(const Result<std::optional<Record>>& record) {
  const auto refused = [](const Error& error) {
    return Fail(
        ExitCode::kRefused,
        "the record cannot be read, so nobody can tell which images are needed: " + error.message,
        error.hint);
  };
  if (!record) return refused(record.error());
  if (!*record) return Pins();
  const auto boards = (*record)->Boards();
  if (!boards) return refused(boards.error());
  const auto unfinished = (*record)->Unfinished();
  if (!unfinished) return refused(unfinished.error());
  const auto newest = (*record)->NewestOfEachManifest();
  if (!newest) return refused(newest.error());
  return PinsOf(*boards, *unfinished, *newest);
}

std::vector<StoredFile> ChoosePrunable(const std::vector<StoredFile>& files, const Pins& pins,
                                       const PruneRules& rules, WallTime now) {
  std::vector<StoredFile> chosen;
  std::vector<StoredFile> spared;  // that may go for want of room
  std::uint64_t left_bytes = 0;
  for (const StoredFile& file : files) {
    const auto age = now - file.modified;
    if (file.kind != StoredKind::kImage) {
      if (age > kStaleAge) chosen.push_back(file);
      continue;
    }
    const bool pinned = pins.contains(*file.sha256);
    if (!pinned && (rules.all || age > rules.older_than)) {
      chosen.push_back(file);
      continue;
    }
    left_bytes += file.size_bytes;
    if (!pinned) spared.push_back(file);
  }
  std::stable_sort(spared.begin(), spared.end(), [](const StoredFile& a, const StoredFile& b) {
    return a.modified < b.modified;
  });
  for (StoredFile& file : spared) {
    if (!rules.size_max_bytes || left_bytes <= *rules.size_max_bytes) break;
    left_bytes -= file.size_bytes;
    chosen.push_back(std::move(file));
  }
  return chosen;
}

}  // namespace lastgood
