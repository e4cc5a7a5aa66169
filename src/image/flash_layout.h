// SPDX-License-Identifier: MIT
// What pieces of flash content say about the whole: the partition table of the ESP32 family, and
// the apps that lie in its partitions.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "image/esp_image.h"
#include "image/partition_table.h"

namespace lastgood {

struct PlacedBytes {
  std::uint32_t offset = 0;  // in flash
  ByteSpan bytes;
};

struct FlashLayout {
  std::vector<Partition> partitions;  // empty when no piece brings the table along
  std::optional<AppDescriptor> app;   // of the first app that has one
};

// A table is looked for at the start of each piece and at its usual offset. Pieces whose app
// partitions begin with an image are read. kNotTrusted: a damaged table; an app that is damaged,
// for another chip, or larger than its partition.
Result<FlashLayout> ReadLayout(std::span<const PlacedBytes> pieces, Chip chip);

// The descriptor at the start of an app's first segment; nullopt when there is none.
std::optional<AppDescriptor> FindAppDescriptor(ByteSpan app);

}  // namespace lastgood
