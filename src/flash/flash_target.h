// SPDX-License-Identifier: MIT
// What the flash shall hold, sector by sector: images, with FF behind the end of each up to the end
// of its last sector. So the flash's content follows from the images alone, whatever was there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "flash/flash_difference.h"
#include "image/esp_image.h"

namespace lastgood {

inline constexpr std::uint32_t kFlashSectorSize = 4096;
inline constexpr std::uint32_t kFlashBlockSize = 65536;

// A stretch of whole sectors.
struct FlashExtent {
  std::uint32_t offset = 0;
  Bytes bytes;

  std::uint32_t end() const { return offset + static_cast<std::uint32_t>(bytes.size()); }
};

class FlashTarget {
 public:
  // Preconditions: offsets are multiples of 4096, and no two images share a sector.
  explicit FlashTarget(std::span<const FlashableImage> images);

  // In order of offset.
  const std::vector<FlashExtent>& extents() const { return extents_; }
  std::uint32_t sectors() const { return sectors_; }
  FlashDifference Everything() const;

  // The bytes of a range that lies in one extent; empty for any other.
  ByteSpan Content(const FlashRange& range) const;

 private:
  std::vector<FlashExtent> extents_;
  std::uint32_t sectors_ = 0;
};

// Of sectors in order; joins neighbours.
class DifferenceBuilder {
 public:
  void Add(std::uint32_t sector_offset);
  FlashDifference Finish(std::uint32_t sectors_total);

 private:
  FlashDifference difference_;
};

}  // namespace lastgood
