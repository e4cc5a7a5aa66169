// SPDX-License-Identifier: MIT
// The header's flash settings (protocol reference, 13.4 and 13.5): names, nibbles, and the patch.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "image/esp_image.h"

namespace lastgood {
namespace {

struct SizeRow {
  std::uint8_t nibble;
  std::uint32_t size_bytes;
};

// The first row of a size is the one that is written; 5 and 6 are the 1024+1024 maps.
constexpr std::array kSizes = {
    SizeRow{0, 512U << 10}, SizeRow{1, 256U << 10}, SizeRow{2, 1U << 20},
    SizeRow{3, 2U << 20},   SizeRow{4, 4U << 20},   SizeRow{5, 2U << 20},
    SizeRow{6, 4U << 20},   SizeRow{8, 8U << 20},   SizeRow{9, 16U << 20},
};

constexpr std::array<std::pair<std::string_view, FlashMode>, 4> kModes = {{
    {"qio", FlashMode::kQio},
    {"qout", FlashMode::kQout},
    {"dio", FlashMode::kDio},
    {"dout", FlashMode::kDout},
}};

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 4> kFrequencies = {{
    {"40m", std::uint8_t{0}},
    {"26m", std::uint8_t{1}},
    {"20m", std::uint8_t{2}},
    {"80m", std::uint8_t{0xF}},
}};

template <class Table>
auto Lookup(const Table& table, std::string_view text)
    -> std::optional<decltype(table.front().second)> {
  for (const auto& row : table)
    if (row.first == text) return row.second;
  return std::nullopt;
}

bool IsEmpty(const HeaderPatch& patch) {
  return !patch.mode && !patch.frequency_nibble && !patch.size_bytes;
}

Result<void> ApplyPatch(Bytes& bytes, const HeaderPatch& patch) {
  std::uint8_t size_nibble = bytes[3] >> 4;
  if (patch.size_bytes) {
    const std::optional<std::uint8_t> nibble = SizeNibble(*patch.size_bytes);
    if (!nibble) {
      return Fail(
          ExitCode::kRefused,
          fmt::format("an ESP8266 image's header can not say {} bytes of flash", *patch.size_bytes),
          "sizes from 256KB to 16MB can be said");
    }
    size_nibble = *nibble;
  }
  const std::uint8_t frequency = patch.frequency_nibble.value_or(bytes[3] & 0x0F) & 0x0F;
  bytes[3] = static_cast<std::uint8_t>(size_nibble << 4 | frequency);
  if (patch.mode) bytes[2] = static_cast<std::uint8_t>(*patch.mode);
  return {};
}

}  // namespace

std::optional<std::uint32_t> EspImage::HeaderFlashSize() const {
  for (const SizeRow& row : kSizes)
    if (row.nibble == size_nibble) return row.size_bytes;
  return std::nullopt;
}

std::optional<std::uint8_t> SizeNibble(std::uint32_t size_bytes) {
  for (const SizeRow& row : kSizes)
    if (row.size_bytes == size_bytes) return row.nibble;
  return std::nullopt;
}

std::optional<FlashMode> ParseFlashMode(std::string_view text) { return Lookup(kModes, text); }

std::optional<std::uint8_t> ParseFrequencyNibble(std::string_view text) {
  return Lookup(kFrequencies, text);
}

Result<FlashableImage> FlashableImage::Make(const Verified<Bytes>& image, std::uint32_t offset,
                                            const HeaderPatch& patch, Chip chip) {
  if (IsEmpty(patch)) return FlashableImage(offset, *image);
  // The boot ROM and the SDK read one header only, the one at the boot offset; the same octets
  // elsewhere are somebody's data.
  if (offset != BootOffset(chip)) {
    return Fail(
        ExitCode::kRefused,
        fmt::format("the flash settings in the header are those of the image at 0x{:x}, not of "
                    "the one at 0x{:x}",
                    BootOffset(chip), offset));
  }
  TRY_DO(ParseEspImage(image, chip));
  Bytes bytes = *image;
  TRY_DO(ApplyPatch(bytes, patch));
  return FlashableImage(offset, std::move(bytes));
}

}  // namespace lastgood
