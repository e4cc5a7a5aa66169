// SPDX-License-Identifier: MIT
#include "plan/flash_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "digest/digest.h"
#include "image/content_kind.h"
#include "image/flash_layout.h"
#include "plan/header_decision.h"

namespace lastgood {
namespace {

// The SDK keeps RF calibration, init data and its parameters in the last five sectors of an
// ESP8266.
constexpr std::uint32_t kParameterArea = 0x5000;

using Parts = std::span<const Verified<Bytes>>;

// What was burnt into the fuses can not be argued with.
Result<void> CheckSecurity(const FirmwareSpec& firmware, const BoardIdentity& board) {
  std::vector<std::string_view> locks;
  if (board.security.secure_boot) locks.push_back("secure boot");
  if (board.security.flash_encryption) locks.push_back("flash encryption");
  if (board.security.secure_download) locks.push_back("secure download mode");
  if (locks.empty()) return {};
  return Fail(
      ExitCode::kRefused,
      fmt::format("{} can not run on this {}: {} {} burnt into the chip for good", firmware.Title(),
                  board.Title(), fmt::join(locks, " and "), locks.size() == 1 ? "is" : "are"),
      "use a board without it, or the tools of whoever holds its keys");
}

bool Covers(const PartSpec& spec, const Bytes& bytes, std::uint32_t offset) {
  return spec.offset <= offset && offset - spec.offset < bytes.size();
}

// The image that the boot ROM will start. A file may begin before it: merged ones often start at 0.
Result<EspImage> ParseBootImage(const FirmwareSpec& firmware, const PartSpec& spec,
                                const Verified<Bytes>& file, Chip chip) {
  const std::uint32_t boot = BootOffset(chip);
  Result<EspImage> image = ParseEspImage(file, chip, boot - spec.offset);
  if (!image && spec.offset != boot && ParseEspImage(file, chip)) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("{} has its image at 0x{:x}, an {} starts what is at 0x{:x}",
                            firmware.Title(), spec.offset, ChipTitle(chip), boot),
                fmt::format("set offset = 0x{:x}", boot));
  }
  if (image && image->is_user_image) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("not an image that the boot ROM starts: it looks like {}",
                            DescribeContent(*file)));
  }
  return image;
}

// Anything may lie elsewhere, but not what was built for another chip.
Result<void> CheckIsForChip(const FirmwareSpec& firmware, const PartSpec& spec, ByteSpan bytes,
                            Chip chip) {
  const std::string built_for = Esp32FamilyChip(bytes);
  if (built_for.empty() || built_for == ChipTitle(chip)) return {};
  return Fail(ExitCode::kNotTrusted,
              fmt::format("the part of {} at 0x{:x} is built for the {}, the board is an {}",
                          firmware.Title(), spec.offset, built_for, ChipTitle(chip)),
              fmt::format("choose the firmware file for the {}", ChipTitle(chip)));
}

Result<void> CheckFits(const FirmwareSpec& firmware, std::uint32_t begin, std::uint64_t end,
                       const EspImage* image, const BoardIdentity& board) {
  if (board.flash_size_bytes == 0) return {};
  // An AT image and a copy of the whole flash bring their parameter sectors along; any other must
  // leave them free (rule B2).
  const bool brings_parameters = (image != nullptr && image->family == FirmwareFamily::kAt) ||
                                 (begin == 0 && end == board.flash_size_bytes);
  const bool is_whole = IsEsp32Family(board.chip) || brings_parameters;
  const std::uint64_t room = board.flash_size_bytes - (is_whole ? 0 : kParameterArea);
  if (end <= room) return {};
  return Fail(ExitCode::kBoard,
              fmt::format("{} ends at 0x{:x}, the board's {} flash has room up to 0x{:x}",
                          firmware.Title(), end, FormatFlashSize(board.flash_size_bytes), room),
              "choose firmware that is built for this flash size");
}

// Sizes of members are known only now; those of whole artifacts were compared in the manifest.
Result<void> CheckOverlaps(const FirmwareSpec& firmware, Parts parts) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::uint64_t end = firmware.parts[i - 1].offset + std::uint64_t{parts[i - 1]->size()};
    if (end <= firmware.parts[i].offset) continue;
    return Fail(
        ExitCode::kInvalidManifest,
        fmt::format("{}: the part at 0x{:x} overlaps the one at 0x{:x}, which ends at 0x{:x}",
                    firmware.Title(), firmware.parts[i].offset, firmware.parts[i - 1].offset, end));
  }
  return {};
}

Result<FlashLayout> LayoutOf(const FirmwareSpec& firmware, Parts parts, Chip chip) {
  std::vector<PlacedBytes> pieces;
  for (std::size_t i = 0; i < parts.size(); ++i)
    pieces.push_back({firmware.parts[i].offset, *parts[i]});
  return ReadLayout(pieces, chip);
}

// The boot loader starts nothing when a partition ends behind the flash.
Result<void> CheckPartitions(const FirmwareSpec& firmware, const FlashLayout& layout,
                             const BoardIdentity& board, Caution caution, FlashPlan& plan) {
  for (const Partition& partition : layout.partitions) {
    const auto ends_behind = [&](std::uint32_t size) {
      return size != 0 && partition.end() > size;
    };
    const std::string what = fmt::format("partition '{}' of {} ends at 0x{:x}", partition.label,
                                         firmware.Title(), partition.end());
    if (ends_behind(board.flash_size_bytes)) {
      return Fail(ExitCode::kBoard,
                  fmt::format("{}, the board has {} of flash", what,
                              FormatFlashSize(board.flash_size_bytes)),
                  "choose firmware that is built for this flash size");
    }
    if (IsEsp32Family(board.chip) && ends_behind(plan.header_size_bytes)) {
      return RefuseOrNote(caution, plan.notes,
                          fmt::format("{}, the header would say {} of flash", what,
                                      FormatFlashSize(plan.header_size_bytes)),
                          "set size = \"detect\" in [firmware.flash]");
    }
  }
  return {};
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
  TRY_DO(CheckSecurity(firmware, board));
  TRY_DO(CheckOverlaps(firmware, parts));
  FlashPlan plan;
  plan.chip = board.chip;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PartSpec& spec = firmware.parts[i];
    HeaderDecision decision;
    std::optional<EspImage> image;
    // Only the image at the chip's boot offset has a header that the boot ROM and the SDK read.
    if (Covers(spec, *parts[i], BootOffset(board.chip))) {
      TRY(image, ParseBootImage(firmware, spec, parts[i], board.chip));
      TRY(decision, DecideHeader(firmware, *image, board, caution));
      plan.header_size_bytes = decision.header_size;
      plan.family = image->family;
      plan.boot_segments = image->segments;
      plan.boot_checksum = image->checksum;
    } else {
      TRY_DO(CheckIsForChip(firmware, spec, *parts[i], board.chip));
    }
    TRY_DO(CheckFits(firmware, spec.offset, spec.offset + std::uint64_t{parts[i]->size()},
                     image ? &*image : nullptr, board));
    TRY(FlashableImage flashable,
        FlashableImage::Make(parts[i], spec.offset, decision.patch, board.chip));
    plan.images.push_back(std::move(flashable));
    plan.notes.insert(plan.notes.end(), decision.notes.begin(), decision.notes.end());
  }
  TRY(const FlashLayout layout, LayoutOf(firmware, parts, board.chip));
  TRY_DO(CheckPartitions(firmware, layout, board, caution, plan));
  plan.flashed_digest = DigestOfImages(plan.images);
  return plan;
}

}  // namespace lastgood
