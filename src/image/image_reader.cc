// SPDX-License-Identifier: MIT
#include "image/image_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "digest/digest.h"
#include "image/content_kind.h"
#include "image/crc32.h"
#include "image/memory_map.h"

namespace lastgood {
namespace {

constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint8_t kUserMagic = 0xEA;
constexpr std::uint8_t kUserMagicSecond = 0x04;
constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kExtendedHeaderSize = 16;
constexpr std::size_t kSegmentHeaderSize = 8;
constexpr std::size_t kSegmentsMax = 16;
constexpr std::uint8_t kChecksumSeed = 0xEF;
constexpr std::uint8_t kSlowestRead = 5;  // the family knows fast and slow reading besides
constexpr std::size_t kSectorSize = 4096;
constexpr std::uint16_t kSignatureMagic = 0x02E7;  // E7, version 2

tl::unexpected<Error> NotTrusted(std::string message, std::string hint = {}) {
  return Fail(ExitCode::kNotTrusted, std::move(message), std::move(hint));
}

class ImageReader {
 public:
  ImageReader(ByteSpan bytes, Chip chip) : bytes_(bytes), chip_(ChipTitle(chip)) {
    image_.chip = chip;
  }

  Result<EspImage> Read() {
    TRY_DO(CheckIsForChip());
    if (bytes_[0] == kUserMagic) {
      TRY_DO(ReadUserImage());
    } else {
      TRY_DO(ReadBootImage());
    }
    return std::move(image_);
  }

 private:
  bool is_family() const { return IsEsp32Family(image_.chip); }

  Result<void> CheckIsForChip() const;
  Result<void> ReadUserImage();
  Result<void> ReadBootImage();
  Result<void> ReadHeader(std::size_t at);
  Result<void> ReadExtendedHeader();
  Result<ImageSegment> ReadSegment(std::size_t at, std::size_t number) const;
  Result<std::size_t> ReadSegments(std::size_t at, std::size_t count);
  Result<void> CheckMemory(const ImageSegment& segment, std::size_t number) const;
  Result<void> ReadDigest();
  Result<void> ReadCrc();

  ByteSpan bytes_;
  std::string_view chip_;
  EspImage image_;
};

bool IsUserImage(ByteSpan bytes, Chip chip) {
  return chip == Chip::kEsp8266 && bytes.size() > 1 && bytes[0] == kUserMagic &&
         bytes[1] == kUserMagicSecond;
}

Result<void> ImageReader::CheckIsForChip() const {
  if (!IsUserImage(bytes_, image_.chip) && (bytes_.empty() || bytes_[0] != kMagic)) {
    return NotTrusted(
        fmt::format("not an {} image: it looks like {}", chip_, DescribeContent(bytes_)));
  }
  const std::string built_for = Esp32FamilyChip(bytes_);
  if (!built_for.empty() && built_for != chip_) {
    return NotTrusted(fmt::format("not an {} image: it is built for the {}", chip_, built_for),
                      fmt::format("choose the firmware file for the {}", chip_));
  }
  const std::size_t header = kHeaderSize + (is_family() ? kExtendedHeaderSize : 0);
  if (bytes_.size() < header + kSegmentHeaderSize)
    return NotTrusted(fmt::format("{} image is cut off: {} bytes", chip_, bytes_.size()));
  if (is_family() && built_for.empty()) {
    if (HasMemory(Chip::kEsp8266, LoadLe32(bytes_, kHeaderSize), 0)) {
      return NotTrusted(fmt::format("not an {} image: it is built for the ESP8266", chip_),
                        fmt::format("choose the firmware file for the {}", chip_));
    }
    return NotTrusted(
        fmt::format("not an {} image: its extended header makes no sense (chip id {})", chip_,
                    LoadLe16(bytes_, kHeaderSize + 4)));
  }
  return {};
}

// Protocol reference, 13.2: a segment that is run from flash and is in no checksum, a complete boot
// image, and a CRC over both.
Result<void> ImageReader::ReadUserImage() {
  image_.is_user_image = true;
  TRY_DO(ReadHeader(0));
  TRY(const ImageSegment code, ReadSegment(kHeaderSize, 0));
  const std::size_t inner = std::size_t{code.file_offset} + code.size_bytes;
  if (bytes_.size() - inner < kHeaderSize)
    return NotTrusted(
        fmt::format("{} image is cut off at its inner header (0x{:x})", chip_, inner));
  if (bytes_[inner] != kMagic) {
    return NotTrusted(
        fmt::format("{} image is damaged: 0x{:02x} where its inner header starts "
                    "(0x{:x})",
                    chip_, bytes_[inner], inner));
  }
  image_.segments.push_back(code);
  TRY_DO(ReadHeader(inner));
  TRY(const std::size_t end, ReadSegments(inner + kHeaderSize, bytes_[inner + 1]));
  image_.size_bytes = static_cast<std::uint32_t>(end);
  return ReadCrc();
}

Result<void> ImageReader::ReadBootImage() {
  TRY_DO(ReadHeader(0));
  std::size_t at = kHeaderSize;
  if (is_family()) {
    TRY_DO(ReadExtendedHeader());
    at += kExtendedHeaderSize;
  }
  TRY(const std::size_t end, ReadSegments(at, bytes_[1]));
  image_.size_bytes = static_cast<std::uint32_t>(end);
  return is_family() ? ReadDigest() : Result<void>();
}

Result<void> ImageReader::ReadHeader(std::size_t at) {
  image_.mode = bytes_[at + 2];
  image_.size_nibble = bytes_[at + 3] >> 4;
  image_.frequency_nibble = bytes_[at + 3] & 0x0F;
  image_.entry = LoadLe32(bytes_, at + 4);
  if (bytes_[at + 1] == 0 || bytes_[at + 1] > kSegmentsMax) {
    return NotTrusted(fmt::format("{} image claims {} segments, 1 to {} are possible", chip_,
                                  bytes_[at + 1], kSegmentsMax));
  }
  const auto mode_max = is_family() ? kSlowestRead : static_cast<std::uint8_t>(FlashMode::kDout);
  if (image_.mode > mode_max)
    return NotTrusted(fmt::format("{} image has unknown flash mode 0x{:02x}", chip_, image_.mode));
  if (!HasCode(image_.chip, image_.entry)) {
    return NotTrusted(
        fmt::format("{} image starts at 0x{:08x}, where no code can be", chip_, image_.entry));
  }
  return {};
}

// Its chip id and its flag were judged with the whole header, by Esp32FamilyChip().
Result<void> ImageReader::ReadExtendedHeader() {
  image_.revision_min = LoadLe16(bytes_, kHeaderSize + 7);
  image_.revision_max = LoadLe16(bytes_, kHeaderSize + 9);
  return {};
}

Result<ImageSegment> ImageReader::ReadSegment(std::size_t at, std::size_t number) const {
  if (bytes_.size() - at < kSegmentHeaderSize) {
    return NotTrusted(
        fmt::format("{} image is cut off at the header of segment {} (0x{:x})", chip_, number, at));
  }
  ImageSegment segment;
  segment.load_address = LoadLe32(bytes_, at);
  segment.size_bytes = LoadLe32(bytes_, at + 4);
  segment.file_offset = static_cast<std::uint32_t>(at + kSegmentHeaderSize);
  if (segment.size_bytes % 4 != 0) {
    return NotTrusted(fmt::format("segment {} of the {} image has {} bytes, not a multiple of 4",
                                  number, chip_, segment.size_bytes));
  }
  if (segment.size_bytes > bytes_.size() - segment.file_offset) {
    return NotTrusted(
        fmt::format("segment {} of the {} image has {} bytes at 0x{:x}, past the end at 0x{:x}",
                    number, chip_, segment.size_bytes, segment.file_offset, bytes_.size()));
  }
  return segment;
}

Result<void> ImageReader::CheckMemory(const ImageSegment& segment, std::size_t number) const {
  // The family's apps are padded with segments that are loaded nowhere.
  if (is_family() && segment.load_address == 0) return {};
  if (HasMemory(image_.chip, segment.load_address, segment.size_bytes)) return {};
  return NotTrusted(
      fmt::format("segment {} of the {} image ({} bytes) loads to 0x{:08x}, where the chip has no "
                  "memory for it",
                  number, chip_, segment.size_bytes, segment.load_address));
}

std::uint8_t XorOf(std::uint8_t seed, ByteSpan bytes) {
  for (const std::uint8_t byte : bytes) seed ^= byte;
  return seed;
}

// Fills in segments and checksum; returns the offset behind the stored checksum.
Result<std::size_t> ImageReader::ReadSegments(std::size_t at, std::size_t count) {
  std::uint8_t checksum = kChecksumSeed;
  for (std::size_t number = 0; number < count; ++number) {
    TRY(const ImageSegment segment, ReadSegment(at, number));
    TRY_DO(CheckMemory(segment, number));
    checksum = XorOf(checksum, bytes_.subspan(segment.file_offset, segment.size_bytes));
    at = std::size_t{segment.file_offset} + segment.size_bytes;
    image_.segments.push_back(segment);
  }
  const std::size_t checksum_at = at | 15;  // the last octet of a line of 16
  if (checksum_at >= bytes_.size()) {
    return NotTrusted(
        fmt::format("{} image is cut off before its checksum at 0x{:x}", chip_, checksum_at));
  }
  if (bytes_[checksum_at] != checksum) {
    return NotTrusted(
        fmt::format("{} image is damaged: checksum at 0x{:x} is 0x{:02x}, its segments give "
                    "0x{:02x}",
                    chip_, checksum_at, bytes_[checksum_at], checksum));
  }
  image_.checksum = checksum;
  return checksum_at + 1;
}

// Secure boot's signature block (version 2) begins at the next sector.
bool HasSignature(ByteSpan bytes, std::size_t image_end) {
  const std::size_t at = (image_end + kSectorSize - 1) / kSectorSize * kSectorSize;
  return bytes.size() >= at + 4 && LoadLe16(bytes, at) == kSignatureMagic &&
         LoadLe16(bytes, at + 2) == 0;
}

// At the length that the segments give, not at the file's end: merged files go on.
Result<void> ImageReader::ReadDigest() {
  constexpr std::size_t kFlagAt = kHeaderSize + 15;
  if (bytes_[kFlagAt] == 1) {
    const std::uint32_t at = image_.size_bytes;
    const Sha256Digest computed = Sha256(bytes_.first(at));
    if (bytes_.size() - at < computed.octets.size()) {
      return NotTrusted(fmt::format("{} image is cut off before its SHA-256 at 0x{:x}", chip_, at));
    }
    const ByteSpan stored = bytes_.subspan(at, computed.octets.size());
    if (!std::equal(stored.begin(), stored.end(), computed.octets.begin())) {
      return NotTrusted(fmt::format(
          "{} image is damaged: its SHA-256 at 0x{:x} does not match its content", chip_, at));
    }
    image_.digest_at = at;
    image_.size_bytes += static_cast<std::uint32_t>(computed.octets.size());
  }
  image_.is_signed = HasSignature(bytes_, image_.size_bytes);
  return {};
}

Result<void> ImageReader::ReadCrc() {
  const std::uint32_t at = image_.size_bytes;
  if (bytes_.size() - at < 4)
    return NotTrusted(fmt::format("{} image is cut off before its CRC at 0x{:x}", chip_, at));
  const std::uint32_t stored = LoadLe32(bytes_, at);
  const std::uint32_t computed = BootLoaderCrc(bytes_.first(at));
  if (stored != computed) {
    return NotTrusted(
        fmt::format("{} image is damaged: CRC at 0x{:x} is 0x{:08x}, its content gives 0x{:08x}",
                    chip_, at, stored, computed));
  }
  image_.size_bytes += 4;
  return {};
}

}  // namespace

Result<EspImage> ReadImage(ByteSpan bytes, Chip chip) { return ImageReader(bytes, chip).Read(); }

}  // namespace lastgood
