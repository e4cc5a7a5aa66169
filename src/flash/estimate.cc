// SPDX-License-Identifier: MIT
// The cost of a write: exact on the wire, typical in the flash.
#include <algorithm>

#include "flash/esp_loader.h"
#include "flash/slip.h"
#include "flash/write_steps.h"

namespace lastgood {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Data sheets of 25-series NOR flash, typical values.
constexpr microseconds kSectorErase{45'000};
constexpr microseconds kBlockErase{200'000};
constexpr microseconds kPageProgram{700};
constexpr std::size_t kPageSize = 256;

constexpr std::uint64_t kReplyOnWire = 12;  // 10 octets and two delimiters

microseconds TimeInFlash(const WriteStep& step) {
  const std::size_t pages = (step.data.size() + kPageSize - 1) / kPageSize;
  return kSectorErase * step.erase.SectorErases() + kBlockErase * step.erase.BlockErases() +
         kPageProgram * static_cast<std::int64_t>(pages);
}

}  // namespace

WriteEstimate EstimateWrite(std::span<const FlashableImage> images, std::uint32_t baud,
                            bool /*compressed*/) {
  WriteEstimate estimate;
  microseconds duration{0};
  for (const FlashableImage& image : images) {
    for (const WriteStep& step : PlanImage(image, kBlockSize).steps) {
      estimate.wire_bytes += SlipFrameSize(step.Request().Encode()) + kReplyOnWire;
      duration += TimeInFlash(step);
    }
  }
  // 10 bits an octet: start, 8, stop.
  duration += microseconds(estimate.wire_bytes * 10 * 1'000'000 / std::max(baud, 1U));
  estimate.duration = std::chrono::ceil<milliseconds>(duration);
  return estimate;
}

}  // namespace lastgood
