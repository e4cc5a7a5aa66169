// SPDX-License-Identifier: MIT
#include "flash/flash_target.h"

#include <algorithm>
#include <utility>

namespace lastgood {

FlashTarget::FlashTarget(std::span<const FlashableImage> images) {
  for (const FlashableImage& image : images) {
    if (image.bytes().empty()) continue;
    FlashExtent extent{image.offset(), {}};
    const std::size_t sectors = (image.bytes().size() + kFlashSectorSize - 1) / kFlashSectorSize;
    extent.bytes.reserve(sectors * kFlashSectorSize);
    Append(extent.bytes, image.bytes());
    extent.bytes.resize(sectors * kFlashSectorSize, 0xFF);
    sectors_ += static_cast<std::uint32_t>(sectors);
    extents_.push_back(std::move(extent));
  }
  std::sort(extents_.begin(), extents_.end(),
            [](const FlashExtent& a, const FlashExtent& b) { return a.offset < b.offset; });
}

FlashDifference FlashTarget::Everything() const {
  DifferenceBuilder builder;
  for (const FlashExtent& extent : extents_)
    for (std::uint32_t at = extent.offset; at < extent.end(); at += kFlashSectorSize)
      builder.Add(at);
  return builder.Finish(sectors_);
}

ByteSpan FlashTarget::Content(const FlashRange& range) const {
  for (const FlashExtent& extent : extents_) {
    if (range.offset < extent.offset || range.offset >= extent.end()) continue;
    if (range.size_bytes > extent.end() - range.offset) return {};
    return ByteSpan(extent.bytes).subspan(range.offset - extent.offset, range.size_bytes);
  }
  return {};
}

void DifferenceBuilder::Add(std::uint32_t sector_offset) {
  std::vector<FlashRange>& ranges = difference_.ranges;
  if (ranges.empty() || ranges.back().offset + ranges.back().size_bytes != sector_offset)
    ranges.push_back({sector_offset, 0});
  ranges.back().size_bytes += kFlashSectorSize;
  ++difference_.sectors;
}

FlashDifference DifferenceBuilder::Finish(std::uint32_t sectors_total) {
  difference_.sectors_total = sectors_total;
  return std::move(difference_);
}

}  // namespace lastgood
