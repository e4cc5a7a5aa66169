// SPDX-License-Identifier: MIT
#include "image/partition_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "digest/digest.h"

namespace lastgood {
namespace {

constexpr std::size_t kRowSize = 32;
constexpr std::size_t kLabelAt = 12;
constexpr std::size_t kLabelSize = 16;
constexpr std::size_t kMd5At = 16;
constexpr std::uint16_t kRowMagic = 0x50AA;
constexpr std::uint16_t kMd5Magic = 0xEBEB;
constexpr std::uint32_t kAlignment = 4096;

tl::unexpected<Error> Damaged(std::string why) {
  return Fail(ExitCode::kNotTrusted, "partition table is damaged: " + std::move(why));
}

std::string LabelOf(ByteSpan row) {
  std::string label;
  for (const std::uint8_t octet : row.subspan(kLabelAt, kLabelSize)) {
    if (octet == 0) break;
    label += octet >= 0x20 && octet < 0x7F ? static_cast<char>(octet) : '?';
  }
  return label;
}

Partition ReadRow(ByteSpan row) {
  Partition partition;
  partition.type = row[2];
  partition.subtype = row[3];
  partition.offset = LoadLe32(row, 4);
  partition.size_bytes = LoadLe32(row, 8);
  partition.label = LabelOf(row);
  return partition;
}

Result<void> CheckRow(const Partition& partition, std::size_t number) {
  if (partition.size_bytes == 0)
    return Damaged(fmt::format("row {} ('{}') has no size", number, partition.label));
  if (partition.offset % kAlignment != 0) {
    return Damaged(fmt::format("row {} ('{}') starts at 0x{:x}, not at a sector", number,
                               partition.label, partition.offset));
  }
  return {};
}

Result<void> CheckMd5(ByteSpan table, std::size_t rows_end) {
  const Md5Digest computed = Md5(table.first(rows_end));
  const ByteSpan stored = table.subspan(rows_end + kMd5At, computed.octets.size());
  if (std::equal(stored.begin(), stored.end(), computed.octets.begin())) return {};
  return Damaged("its MD5 does not match its rows");
}

Result<void> CheckOverlaps(std::vector<Partition> partitions) {
  std::stable_sort(partitions.begin(), partitions.end(),
                   [](const Partition& a, const Partition& b) { return a.offset < b.offset; });
  for (std::size_t i = 1; i < partitions.size(); ++i) {
    if (partitions[i - 1].end() <= partitions[i].offset) continue;
    return Damaged(fmt::format("'{}' at 0x{:x} overlaps '{}', which ends at 0x{:x}",
                               partitions[i].label, partitions[i].offset, partitions[i - 1].label,
                               partitions[i - 1].end()));
  }
  return {};
}

}  // namespace

bool IsPartitionTable(ByteSpan bytes) {
  if (bytes.size() < kRowSize || LoadLe16(bytes, 0) != kRowMagic) return false;
  const Partition first = ReadRow(bytes);
  return first.size_bytes != 0 && first.offset % kAlignment == 0 && first.type != 0xFF;
}

Result<std::vector<Partition>> ParsePartitionTable(ByteSpan bytes) {
  const ByteSpan table = bytes.first(std::min<std::size_t>(bytes.size(), kPartitionTableSize));
  std::vector<Partition> partitions;
  for (std::size_t at = 0; at + kRowSize <= table.size(); at += kRowSize) {
    const ByteSpan row = table.subspan(at, kRowSize);
    const std::uint16_t magic = LoadLe16(row, 0);
    const std::size_t number = at / kRowSize;
    if (magic == kMd5Magic) {
      TRY_DO(CheckMd5(table, at));
    } else if (IsBlank(row)) {
      TRY_DO(CheckOverlaps(partitions));
      return partitions;
    } else if (magic != kRowMagic) {
      return Damaged(fmt::format("row {} starts with 0x{:04x}", number, magic));
    } else {
      partitions.push_back(ReadRow(row));
      TRY_DO(CheckRow(partitions.back(), number));
    }
  }
  return Damaged(fmt::format("it is cut off after {} bytes", table.size()));
}

}  // namespace lastgood
