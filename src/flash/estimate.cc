// SPDX-License-Identifier: MIT
// The cost of a write: exact on the wire, typical in the flash.
#include <algorithm>

#include "flash/esp_loader.h"
#include "flash/slip.h"
#include "flash/stream_writer.h"
#include "flash/write_runs.h"
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
// What is reported of chips that hash their flash: 0.2 to 0.4 s for 632 KB.
constexpr std::size_t kDigestBytesPerMicrosecond = 2;

constexpr std::uint64_t kReplyOnWire = 12;  // 10 octets and two delimiters

microseconds TimeInFlash(const WriteStep& step) {
  const std::size_t pages = (step.data.size() + kPageSize - 1) / kPageSize;
  return kSectorErase * step.erase.SectorErases() + kBlockErase * step.erase.BlockErases() +
         kPageProgram * static_cast<std::int64_t>(pages);
}

microseconds WireTime(std::uint64_t octets, std::uint32_t baud) {
  // 10 bits an octet: start, 8, stop.
  return microseconds(octets * 10 * 1'000'000 / std::max(baud, 1U));
}

microseconds EraseTime(const FlashRange& range) {
  microseconds duration{0};
  const std::uint32_t end = range.offset + range.size_bytes;
  for (std::uint32_t at = range.offset; at < end;) {
    const bool block = at % kFlashBlockSize == 0 && end - at >= kFlashBlockSize;
    duration += block ? kBlockErase : kSectorErase;
    at += block ? kFlashBlockSize : kFlashSectorSize;
  }
  return duration;
}

std::uint64_t OnWire(const LoaderRequest& request) {
  return SlipFrameSize(request.Encode()) + kReplyOnWire;
}

// The stub works on a block while it receives the next one, so the slower of wire and flash counts;
// in the end the last block, and the digest of everything.
WriteEstimate EstimateStreams(std::span<const FlashableImage> images, std::uint32_t baud) {
  const FlashTarget target(images);
  WriteEstimate estimate;
  microseconds duration{0};
  for (const WriteRun& run : PlanRuns(target, target.Everything(), RulesFor(baud, 0, 0))) {
    const std::uint64_t before = estimate.wire_bytes;
    if (run.kind == WriteRun::Kind::kErase) {
      estimate.wire_bytes += OnWire(WordsRequest(LoaderOpcode::kEraseRegion, {0, 0}));
      duration += EraseTime(run.range) + WireTime(estimate.wire_bytes - before, baud);
      continue;
    }
    const RunStream stream(run.range, target.Content(run.range), true);
    estimate.wire_bytes += OnWire(stream.Begin(false)) + OnWire(stream.End());
    for (std::uint32_t i = 0; i < stream.blocks(); ++i)
      estimate.wire_bytes += OnWire(stream.Block(i));
    const microseconds in_flash =
        EraseTime(run.range) + kPageProgram * (run.range.size_bytes / kPageSize);
    const microseconds last_block = in_flash / std::max(stream.blocks(), 1U);
    duration += std::max(WireTime(estimate.wire_bytes - before, baud), in_flash) + last_block;
  }
  for (const FlashExtent& extent : target.extents()) {
    estimate.wire_bytes += OnWire(WordsRequest(LoaderOpcode::kFlashDigest, {0, 0, 0, 0})) + 16;
    duration += microseconds(extent.bytes.size() / kDigestBytesPerMicrosecond);
  }
  estimate.duration = std::chrono::ceil<milliseconds>(duration);
  return estimate;
}

}  // namespace

WriteEstimate EstimateWrite(std::span<const FlashableImage> images, std::uint32_t baud,
                            bool compressed) {
  if (compressed) return EstimateStreams(images, baud);
  WriteEstimate estimate;
  microseconds duration{0};
  for (const FlashableImage& image : images) {
    for (const WriteStep& step : PlanImage(image, kBlockSize).steps) {
      estimate.wire_bytes += SlipFrameSize(step.Request().Encode()) + kReplyOnWire;
      duration += TimeInFlash(step);
    }
  }
  duration += WireTime(estimate.wire_bytes, baud);
  estimate.duration = std::chrono::ceil<milliseconds>(duration);
  return estimate;
}

}  // namespace lastgood
