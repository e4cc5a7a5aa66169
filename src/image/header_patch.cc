// SPDX-License-Identifier: MIT
// Patching the header's flash settings (protocol reference, 13.5).
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "digest/digest.h"
#include "image/content_kind.h"
#include "image/esp_image.h"

namespace lastgood {
namespace {

bool IsEmpty(const HeaderPatch& patch) {
  return !patch.mode && !patch.frequency_nibble && !patch.size_bytes;
}

Result<void> ApplyPatch(std::span<std::uint8_t> bytes, const HeaderPatch& patch, Chip chip) {
  std::uint8_t size_nibble = bytes[3] >> 4;
  if (patch.size_bytes) {
    const std::optional<std::uint8_t> nibble = SizeNibble(*patch.size_bytes, chip);
    if (!nibble) {
      return Fail(ExitCode::kRefused,
                  fmt::format("an {} image's header can not say {} bytes of flash", ChipTitle(chip),
                              *patch.size_bytes),
                  IsEsp32Family(chip) ? "sizes from 1MB to 128MB can be said"
                                      : "sizes from 256KB to 16MB can be said");
    }
    size_nibble = *nibble;
  }
  const std::uint8_t frequency = patch.frequency_nibble.value_or(bytes[3] & 0x0F) & 0x0F;
  bytes[3] = static_cast<std::uint8_t>(size_nibble << 4 | frequency);
  if (patch.mode) bytes[2] = static_cast<std::uint8_t>(*patch.mode);
  return {};
}

// Only what the boot ROM starts has a header that says something about the flash.
Result<EspImage> ParsePatchable(const Verified<Bytes>& file, Chip chip, std::size_t at) {
  TRY(EspImage parsed, ParseEspImage(file, chip, at));
  if (parsed.is_user_image) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("not an image that the boot ROM starts: it looks like {}",
                            DescribeContent(ByteSpan(*file).subspan(at))));
  }
  if (parsed.is_signed) {
    return Fail(ExitCode::kRefused,
                fmt::format("the {} image is signed: changing the flash settings in its header "
                            "would break the signature",
                            ChipTitle(chip)),
                "set size, mode and freq in [firmware.flash] to \"keep\"");
  }
  return parsed;
}

}  // namespace

Result<FlashableImage> FlashableImage::Make(const Verified<Bytes>& file, std::uint32_t offset,
                                            const HeaderPatch& patch, Chip chip) {
  if (IsEmpty(patch)) return FlashableImage(offset, *file);
  // The boot ROM and the SDK read one header only, the one at the boot offset; the same octets
  // elsewhere are somebody's data.
  const std::uint32_t boot = BootOffset(chip);
  if (offset > boot || boot - offset >= file->size()) {
    return Fail(
        ExitCode::kRefused,
        fmt::format("the flash settings in the header are those of the image at 0x{:x}, not of "
                    "the one at 0x{:x}",
                    boot, offset));
  }
  const std::size_t at = boot - offset;
  TRY(const EspImage parsed, ParsePatchable(file, chip, at));
  Bytes bytes = *file;
  const std::span<std::uint8_t> image = std::span(bytes).subspan(at);
  TRY_DO(ApplyPatch(image, patch, chip));
  // At the length that the segments give: a merged file goes on behind its boot loader.
  if (parsed.digest_at) {
    const Sha256Digest digest = Sha256(image.first(*parsed.digest_at));
    std::copy(digest.octets.begin(), digest.octets.end(), image.begin() + *parsed.digest_at);
  }
  return FlashableImage(offset, std::move(bytes));
}

}  // namespace lastgood
