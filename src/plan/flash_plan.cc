// SPDX-License-Identifier: MIT
#include "plan/flash_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"
#include "digest/digest.h"

namespace lastgood {
namespace {

// The ROM and early firmware take every chip for 4 MiB (protocol reference, 11.3): a larger size in
// the header sends the SDK to a place that firmware_start never filled.
constexpr std::uint32_t kRomFlashSize = 4U << 20;
// The SDK keeps RF calibration, init data and its parameters in the last five sectors.
constexpr std::uint32_t kParameterArea = 0x5000;

struct Decision {
  HeaderPatch patch;
  std::uint32_t header_size = 0;
  std::vector<std::string> notes;
};

Result<void> RefuseOrNote(Caution caution, Decision& decision, std::string reason,
                          std::string hint) {
  if (caution == Caution::kRefuse)
    return Fail(ExitCode::kRefused, std::move(reason), std::move(hint));
  decision.notes.push_back("forced: " + reason);
  return {};
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
  return std::min(board.flash_size_bytes, kRomFlashSize);
}

// Rule B3 for firmware that writes its own init data before the SDK has read the header.
Result<void> CheckHeaderSize(const FirmwareSpec& firmware, const EspImage& image,
                             const BoardIdentity& board, Caution caution, Decision& decision) {
  const std::uint32_t real = board.flash_size_bytes;
  if (real != 0 && decision.header_size > real) {
    return RefuseOrNote(
        caution, decision,
        fmt::format("the header of {} would say {} of flash, the chip has {}", firmware.Title(),
                    FormatFlashSize(decision.header_size), FormatFlashSize(real)),
        "set size = \"detect\" in [firmware.flash]");
  }
  if (!image.writes_init_data || real == 0) return {};
  const std::uint32_t expected = std::min(real, kRomFlashSize);
  if (decision.header_size == expected) return {};
  return RefuseOrNote(caution, decision,
                      fmt::format("{} with {} of flash in its header would boot-loop on this {} "
                                  "chip: it writes its init data at the end "
                                  "of the first {}, but the SDK looks for it where the header says",
                                  firmware.Title(), FormatFlashSize(decision.header_size),
                                  FormatFlashSize(real), FormatFlashSize(expected)),
                      "set size = \"detect\" in [firmware.flash]");
}

Result<void> CheckFits(const FirmwareSpec& firmware, std::uint64_t end, const EspImage* image,
                       const BoardIdentity& board) {
  if (board.flash_size_bytes == 0) return {};
  // An AT image brings its parameter sectors along; any other must leave them free (rule B2).
  const bool brings_parameters = image != nullptr && image->family == FirmwareFamily::kAt;
  const std::uint64_t room = board.flash_size_bytes - (brings_parameters ? 0 : kParameterArea);
  if (end <= room) return {};
  return Fail(ExitCode::kBoard,
              fmt::format("{} ends at 0x{:x}, the board's {} flash has room up to 0x{:x}",
                          firmware.Title(), end, FormatFlashSize(board.flash_size_bytes), room),
              "choose firmware that is built for this flash size");
}

Result<Decision> Decide(const FirmwareSpec& firmware, const EspImage& image,
                        const BoardIdentity& board, Caution caution) {
  Decision decision;
  TRY(decision.header_size, WantedHeaderSize(firmware.flash, image, board));
  TRY_DO(CheckHeaderSize(firmware, image, board, caution, decision));
  const std::optional<std::uint32_t> said = image.HeaderFlashSize();
  if (said != decision.header_size && decision.header_size != 0) {
    decision.patch.size_bytes = decision.header_size;
    decision.notes.push_back(fmt::format("header flash size {} -> {}",
                                         said ? FormatFlashSize(*said) : "unknown",
                                         FormatFlashSize(decision.header_size)));
  }
  if (firmware.flash.mode != "keep") decision.patch.mode = ParseFlashMode(firmware.flash.mode);
  if (firmware.flash.frequency != "keep") {
    decision.patch.frequency_nibble = ParseFrequencyNibble(firmware.flash.frequency);
  }
  return decision;
}

Sha256Digest DigestOfImages(std::span<const FlashableImage> images) {
  Sha256Hasher hasher;
  for (const FlashableImage& image : images) {
    Bytes head;
    AppendLe32(head, image.offset());
    AppendLe32(head, static_cast<std::uint32_t>(image.bytes().size()));
    hasher.Update(head);
    hasher.Update(image.bytes());
  }
  return hasher.Finish();
}

}  // namespace

Result<FlashPlan> PlanFlash(const FirmwareSpec& firmware, std::span<const Verified<Bytes>> parts,
                            const BoardIdentity& board, Caution caution) {
  if (board.chip != firmware.chip) {
    return Fail(ExitCode::kBoard, fmt::format("{} is for {}, the board is an {}", firmware.Title(),
                                              ChipTitle(firmware.chip), ChipTitle(board.chip)));
  }
  FlashPlan plan;
  plan.chip = board.chip;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::uint32_t offset = firmware.parts[i].offset;
    Decision decision;
    std::optional<EspImage> image;
    // Only the image at the chip's boot offset has a header that the boot ROM and the SDK read.
    if (offset == BootOffset(board.chip)) {
      TRY(image, ParseEspImage(parts[i], board.chip));
      TRY(decision, Decide(firmware, *image, board, caution));
      plan.header_size_bytes = decision.header_size;
      plan.family = image->family;
    }
    TRY_DO(CheckFits(firmware, offset + parts[i]->size(), image ? &*image : nullptr, board));
    TRY(FlashableImage flashable,
        FlashableImage::Make(parts[i], offset, decision.patch, board.chip));
    plan.images.push_back(std::move(flashable));
    plan.notes.insert(plan.notes.end(), decision.notes.begin(), decision.notes.end());
  }
  plan.flashed_digest = DigestOfImages(plan.images);
  return plan;
}

}  // namespace lastgood
