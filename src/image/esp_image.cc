// SPDX-License-Identifier: MIT
#include "image/esp_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "image/content_kind.h"
#include "image/firmware_facts.h"
#include "image/memory_map.h"

namespace lastgood {
namespace {

constexpr std::uint8_t kMagic = 0xE9;
constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kSegmentHeaderSize = 8;
constexpr std::size_t kSegmentsMax = 16;
constexpr std::uint8_t kChecksumSeed = 0xEF;

tl::unexpected<Error> NotTrusted(std::string message, std::string hint = {}) {
  return Fail(ExitCode::kNotTrusted, std::move(message), std::move(hint));
}

Result<void> CheckIsEsp8266(ByteSpan bytes) {
  if (bytes.empty() || bytes[0] != kMagic) {
    return NotTrusted(
        fmt::format("not an ESP8266 image: it looks like {}", DescribeContent(bytes)));
  }
  if (const std::string chip = Esp32FamilyChip(bytes); !chip.empty()) {
    return NotTrusted(fmt::format("not an ESP8266 image: it is built for the {}", chip),
                      "choose the firmware file for the ESP8266");
  }
  if (bytes.size() < kHeaderSize + kSegmentHeaderSize)
    return NotTrusted(fmt::format("ESP8266 image is cut off: {} bytes", bytes.size()));
  return {};
}

Result<EspImage> ParseHeader(ByteSpan bytes) {
  EspImage image;
  image.mode = bytes[2];
  image.size_nibble = bytes[3] >> 4;
  image.frequency_nibble = bytes[3] & 0x0F;
  image.entry = LoadLe32(bytes, 4);
  if (bytes[1] == 0 || bytes[1] > kSegmentsMax) {
    return NotTrusted(fmt::format("ESP8266 image claims {} segments, 1 to {} are possible",
                                  bytes[1], kSegmentsMax));
  }
  if (image.mode > static_cast<std::uint8_t>(FlashMode::kDout))
    return NotTrusted(fmt::format("ESP8266 image has unknown flash mode 0x{:02x}", image.mode));
  if (!IsEsp8266Code(image.entry))
    return NotTrusted(
        fmt::format("ESP8266 image starts at 0x{:08x}, where no code can be", image.entry));
  return image;
}

Result<ImageSegment> ParseSegment(ByteSpan bytes, std::size_t at, std::size_t number) {
  if (bytes.size() - at < kSegmentHeaderSize) {
    return NotTrusted(
        fmt::format("ESP8266 image is cut off at the header of segment {} (0x{:x})", number, at));
  }
  ImageSegment segment;
  segment.load_address = LoadLe32(bytes, at);
  segment.size_bytes = LoadLe32(bytes, at + 4);
  segment.file_offset = static_cast<std::uint32_t>(at + kSegmentHeaderSize);
  if (segment.size_bytes % 4 != 0) {
    return NotTrusted(
        fmt::format("segment {} of the ESP8266 image has {} bytes, not a multiple of 4", number,
                    segment.size_bytes));
  }
  if (segment.size_bytes > bytes.size() - segment.file_offset) {
    return NotTrusted(fmt::format(
        "segment {} of the ESP8266 image has {} bytes at 0x{:x}, past the end at 0x{:x}", number,
        segment.size_bytes, segment.file_offset, bytes.size()));
  }
  if (!IsEsp8266Memory(segment.load_address, segment.size_bytes)) {
    return NotTrusted(
        fmt::format("segment {} of the ESP8266 image ({} bytes) loads to 0x{:08x}, where the chip "
                    "has no memory for it",
                    number, segment.size_bytes, segment.load_address));
  }
  return segment;
}

std::uint8_t XorOf(std::uint8_t seed, ByteSpan bytes) {
  for (const std::uint8_t byte : bytes) seed ^= byte;
  return seed;
}

// Fills in segments and checksum; returns the offset behind the stored checksum.
Result<std::size_t> ParseSegments(ByteSpan bytes, EspImage& image) {
  std::size_t at = kHeaderSize;
  std::uint8_t checksum = kChecksumSeed;
  for (std::size_t number = 0; number < bytes[1]; ++number) {
    TRY(const ImageSegment segment, ParseSegment(bytes, at, number));
    checksum = XorOf(checksum, bytes.subspan(segment.file_offset, segment.size_bytes));
    at = std::size_t{segment.file_offset} + segment.size_bytes;
    image.segments.push_back(segment);
  }
  const std::size_t checksum_at = at | 15;  // the last octet of a line of 16
  if (checksum_at >= bytes.size())
    return NotTrusted(
        fmt::format("ESP8266 image is cut off before its checksum at 0x{:x}", checksum_at));
  if (bytes[checksum_at] != checksum) {
    return NotTrusted(
        fmt::format("ESP8266 image is damaged: checksum at 0x{:x} is 0x{:02x}, its segments give "
                    "0x{:02x}",
                    checksum_at, bytes[checksum_at], checksum));
  }
  image.checksum = checksum;
  return checksum_at + 1;
}

}  // namespace

Result<EspImage> ParseEspImage(const Verified<Bytes>& image, Chip chip) {
  if (IsEsp32Family(chip))
    return NotTrusted(fmt::format("images for the {} are not read yet", ChipTitle(chip)));
  const ByteSpan bytes = *image;
  TRY_DO(CheckIsEsp8266(bytes));
  TRY(EspImage parsed, ParseHeader(bytes));
  TRY(const std::size_t segments_end, ParseSegments(bytes, parsed));
  TRY(parsed.has_micropython_trailer, CheckMicropythonTrailer(bytes, segments_end));
  FirmwareName name = FindFirmwareName(bytes);
  parsed.family = name.family;
  parsed.version = std::move(name.version);
  parsed.writes_init_data = WritesInitData(bytes, parsed.family, parsed.entry);
  return parsed;
}

}  // namespace lastgood
