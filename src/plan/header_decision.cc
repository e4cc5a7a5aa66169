// SPDX-License-Identifier: MIT
#include "plan/header_decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"

namespace lastgood {
namespace {

// The ESP8266's ROM and early firmware take every chip for 4 MiB (protocol reference, 11.3): a
// larger size in the header sends the SDK to a place that firmware_start never filled.
constexpr std::uint32_t kEsp8266RomFlashSize = 4U << 20;

std::uint32_t DetectedSizeMax(Chip chip) {
  return IsEsp32Family(chip) ? HeaderFlashSizeMax(chip) : kEsp8266RomFlashSize;
}

// Rule B1: the real size decides; without it there is nothing to decide with.
Result<std::uint32_t> WantedHeaderSize(const FlashSpec& flash, const EspImage& image,
                                       const BoardIdentity& board) {
  switch (flash.size) {
    case SizePolicy::kFixed:
      return flash.fixed_size_bytes;
    case SizePolicy::kKeep:
      return image.HeaderFlashSize().value_or(0);
    case SizePolicy::kDetect:
      break;
  }
  if (board.flash_size_bytes == 0) {
    return Fail(ExitCode::kRefused,
                fmt::format("flash id 0x{:06x} is not known, so its size can not be detected",
                            board.flash_id),
                "set size in [firmware.flash] to the size printed on the flash chip");
  }
  return std::min(board.flash_size_bytes, DetectedSizeMax(board.chip));
}

// Rule B3 for firmware that writes its own init data before the SDK has read the header.
Result<void> CheckHeaderSize(const FirmwareSpec& firmware, const EspImage& image,
                             const BoardIdentity& board, Caution caution,
                             HeaderDecision& decision) {
  const std::uint32_t real = board.flash_size_bytes;
  if (real != 0 && decision.header_size > real) {
    return RefuseOrNote(
        caution, decision.notes,
        fmt::format("the header of {} would say {} of flash, the chip has {}", firmware.Title(),
                    FormatFlashSize(decision.header_size), FormatFlashSize(real)),
        "set size = \"detect\" in [firmware.flash]");
  }
  if (!image.writes_init_data || real == 0) return {};
  const std::uint32_t expected = HeaderSizeThatStarts(real);
  if (decision.header_size == expected) return {};
  return RefuseOrNote(caution, decision.notes,
                      fmt::format("{} with {} of flash in its header would boot-loop on this {} "
                                  "chip: it writes its init data at the end "
                                  "of the first {}, but the SDK looks for it where the header says",
                                  firmware.Title(), FormatFlashSize(decision.header_size),
                                  FormatFlashSize(real), FormatFlashSize(expected)),
                      "set size = \"detect\" in [firmware.flash]");
}

Result<void> SetFrequency(const FirmwareSpec& firmware, Chip chip, HeaderDecision& decision) {
  const std::string& wanted = firmware.flash.frequency;
  if (wanted == "keep") return {};
  decision.patch.frequency_nibble = ParseFrequencyNibble(wanted, chip);
  if (decision.patch.frequency_nibble) return {};
  return Fail(ExitCode::kRefused,
              fmt::format("an {} image's header can not say a flash frequency of {}",
                          ChipTitle(chip), wanted),
              "set freq = \"keep\" in [firmware.flash]");
}

void SetSize(const EspImage& image, HeaderDecision& decision) {
  const std::optional<std::uint32_t> said = image.HeaderFlashSize();
  if (said == decision.header_size || decision.header_size == 0) return;
  decision.patch.size_bytes = decision.header_size;
  decision.notes.push_back(fmt::format("header flash size {} -> {}",
                                       said ? FormatFlashSize(*said) : "unknown",
                                       FormatFlashSize(decision.header_size)));
}

}  // namespace

std::uint32_t HeaderSizeThatStarts(std::uint32_t chip_size_bytes) {
  return std::min(chip_size_bytes, kEsp8266RomFlashSize);
}

Result<void> RefuseOrNote(Caution caution, std::vector<std::string>& notes, std::string reason,
                          std::string hint) {
  if (caution == Caution::kRefuse)
    return Fail(ExitCode::kRefused, std::move(reason), std::move(hint));
  notes.push_back("forced: " + reason);
  return {};
}

Result<HeaderDecision> DecideHeader(const FirmwareSpec& firmware, const EspImage& image,
                                    const BoardIdentity& board, Caution caution) {
  HeaderDecision decision;
  TRY(decision.header_size, WantedHeaderSize(firmware.flash, image, board));
  TRY_DO(CheckHeaderSize(firmware, image, board, caution, decision));
  SetSize(image, decision);
  if (firmware.flash.mode != "keep") decision.patch.mode = ParseFlashMode(firmware.flash.mode);
  TRY_DO(SetFrequency(firmware, board.chip, decision));
  return decision;
}

}  // namespace lastgood
