// SPDX-License-Identifier: MIT
#include "image/flash_layout.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "image/image_reader.h"

namespace lastgood {
namespace {

constexpr std::uint8_t kImageMagic = 0xE9;
constexpr std::size_t kDescriptorAt = 0x20;  // behind the headers of image and first segment
constexpr std::uint32_t kDescriptorMagic = 0xABCD5432;
constexpr std::size_t kVersionAt = 16;
constexpr std::size_t kProjectAt = 48;
constexpr std::size_t kFrameworkAt = 112;
constexpr std::size_t kTextSize = 32;
constexpr std::size_t kDescriptorSize = 256;

// What lies at `offset` in flash, to the end of its piece; empty when no piece reaches there.
ByteSpan At(std::span<const PlacedBytes> pieces, std::uint32_t offset) {
  for (const PlacedBytes& piece : pieces) {
    if (offset < piece.offset || offset - piece.offset >= piece.bytes.size()) continue;
    return piece.bytes.subspan(offset - piece.offset);
  }
  return {};
}

ByteSpan FindTable(std::span<const PlacedBytes> pieces, Chip chip) {
  for (const PlacedBytes& piece : pieces)
    if (IsPartitionTable(piece.bytes)) return piece.bytes;
  // In the middle of an ESP8266's image the same octets are code.
  if (!IsEsp32Family(chip)) return {};
  const ByteSpan usual = At(pieces, kPartitionTableOffset);
  return IsPartitionTable(usual) ? usual : ByteSpan();
}

std::string TextAt(ByteSpan bytes, std::size_t at) {
  std::string text;
  for (const std::uint8_t octet : bytes.subspan(at, kTextSize)) {
    if (octet == 0) break;
    text += octet >= 0x20 && octet < 0x7F ? static_cast<char>(octet) : '?';
  }
  return text;
}

tl::unexpected<Error> InPartition(const Partition& partition, Error error) {
  error.message =
      fmt::format("partition '{}' at 0x{:x}: {}", partition.label, partition.offset, error.message);
  return Fail(std::move(error));
}

Result<std::optional<AppDescriptor>> ReadApp(ByteSpan app, const Partition& partition, Chip chip) {
  const Result<EspImage> image = ReadImage(app, chip);
  if (!image) return InPartition(partition, image.error());
  if (image->size_bytes > partition.size_bytes) {
    return InPartition(partition, {ExitCode::kNotTrusted,
                                   fmt::format("the app has {} bytes, the partition {}",
                                               image->size_bytes, partition.size_bytes),
                                   "use the partition table that the app was built with"});
  }
  return FindAppDescriptor(app);
}

}  // namespace

std::optional<AppDescriptor> FindAppDescriptor(ByteSpan app) {
  if (app.size() < kDescriptorAt + kDescriptorSize) return std::nullopt;
  const ByteSpan descriptor = app.subspan(kDescriptorAt);
  if (LoadLe32(descriptor, 0) != kDescriptorMagic) return std::nullopt;
  return AppDescriptor{TextAt(descriptor, kProjectAt), TextAt(descriptor, kVersionAt),
                       TextAt(descriptor, kFrameworkAt)};
}

Result<FlashLayout> ReadLayout(std::span<const PlacedBytes> pieces, Chip chip) {
  FlashLayout layout;
  const ByteSpan table = FindTable(pieces, chip);
  if (table.empty()) return layout;
  TRY(layout.partitions, ParsePartitionTable(table));
  for (const Partition& partition : layout.partitions) {
    if (!partition.is_app()) continue;
    const ByteSpan app = At(pieces, partition.offset);
    if (app.empty() || app[0] != kImageMagic) continue;
    TRY(auto descriptor, ReadApp(app, partition, chip));
    if (!layout.app) layout.app = std::move(descriptor);
  }
  return layout;
}

}  // namespace lastgood
