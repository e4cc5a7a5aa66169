// SPDX-License-Identifier: MIT
#include "run/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace lastgood {
namespace {

bool IsOf(const Quarantine& quarantine, const FirmwareSpec& firmware) {
  const Result<Manifest> manifest =
      ParseManifest(quarantine.manifest.text, quarantine.manifest.source);
  return manifest && IsSameFirmware(manifest->firmware, firmware);
}

Result<bool> IsKnownGoodSomewhere(const Record& record, const FirmwareSpec& firmware) {
  TRY(const std::vector<BoardRecord> boards, record.Boards());
  for (const BoardRecord& board : boards)
    for (const KnownGood& good : board.known_good)
      if (const auto known = ParseFirmware(good.firmware_toml);
          known && IsSameFirmware(*known, firmware))
        return true;
  return false;
}

}  // namespace

bool IsSameFirmware(const FirmwareSpec& a, const FirmwareSpec& b) {
  return a.chip == b.chip && a.flash == b.flash &&
         std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(),
                    [](const PartSpec& x, const PartSpec& y) {
                      return x.offset == y.offset && x.sha256 == y.sha256 && x.member == y.member;
                    });
}

Result<std::optional<std::string>> FindQuarantine(const Record& record,
                                                  const FirmwareSpec& firmware,
                                                  const Sha256Digest& flashed,
                                                  const MacAddress& board) {
  TRY(const std::vector<Quarantine> quarantines, record.Quarantines());
  std::vector<const Quarantine*> elsewhere;  // one for each board
  for (const Quarantine& quarantine : quarantines) {
    if (quarantine.mac == board) {
      if (quarantine.flashed_digest != flashed) continue;
      return fmt::format("{} failed on board {} in run {} and is quarantined there",
                         firmware.Title(), board.ToString(), quarantine.run);
    }
    const bool counted = std::any_of(
        elsewhere.begin(), elsewhere.end(),
        [&quarantine](const Quarantine* other) { return other->mac == quarantine.mac; });
    if (!counted && IsOf(quarantine, firmware)) elsewhere.push_back(&quarantine);
  }
  if (elsewhere.size() < 2) return std::nullopt;
  TRY(const bool works_somewhere, IsKnownGoodSomewhere(record, firmware));
  if (works_somewhere) return std::nullopt;
  return fmt::format(
      "{} failed on board {} in run {} and on board {} in run {}, and is quarantined for every "
      "board",
      firmware.Title(), elsewhere[0]->mac.ToString(), elsewhere[0]->run,
      elsewhere[1]->mac.ToString(), elsewhere[1]->run);
}

Result<void> RefuseQuarantined(const Record& record, const std::string& why,
                               const MacAddress& board) {
  TRY(const std::optional<BoardRecord> known, record.Board(board));
  std::string runs;
  if (known && !known->running.empty()) {
    const bool good =
        std::any_of(known->known_good.begin(), known->known_good.end(), [&](const KnownGood& each) {
          const auto firmware = ParseFirmware(each.firmware_toml);
          return firmware && firmware->Title() == known->running;
        });
    if (good) runs = fmt::format("; the board runs {}, which is known good", known->running);
  }
  return Fail(ExitCode::kRefused, why + runs,
              "choose another version, or try it again with --retry");
}

}  // namespace lastgood
