// SPDX-License-Identifier: MIT
#include "flash/flash_compare.h"

#include <algorithm>
#include <array>
#include <vector>

#include "digest/digest.h"

namespace lastgood {
namespace {

// Spread over 16 sectors; the first two alone when the region before was wholly different.
constexpr std::array<std::uint32_t, 4> kSamples = {5, 11, 0, 15};
constexpr std::size_t kSamplesAfterChange = 2;

enum class State { kUnknown, kSame, kDifferent };

class Comparison {
 public:
  Comparison(const FlashTarget& target, const AskDigest& ask) : target_(target), ask_(ask) {}

  // False: a digest could not be had.
  Result<bool> Look(const FlashRange& range) {
    for (std::uint32_t at = range.offset; at < range.offset + range.size_bytes;) {
      const std::uint32_t boundary = (at / kFlashBlockSize + 1) * kFlashBlockSize;
      const std::uint32_t end = std::min(range.offset + range.size_bytes, boundary);
      TRY(const bool known, LookAtRegion({at, end - at}));
      if (!known) return false;
      at = end;
    }
    return true;
  }

  FlashDifference Finish() { return difference_.Finish(target_.sectors()); }

 private:
  Result<bool> LookAtRegion(const FlashRange& region) {
    const ByteSpan content = target_.Content(region);
    TRY(const std::optional<Md5Digest> there, ask_(region.offset, region.size_bytes));
    if (!there) return false;
    if (*there == Md5(content)) return true;
    const std::uint32_t count = region.size_bytes / kFlashSectorSize;
    std::vector<State> states(count, State::kUnknown);
    if (count == 1) {
      states[0] = State::kDifferent;
    } else if (*there == BlankDigest(region.size_bytes)) {
      for (std::uint32_t i = 0; i < count; ++i)
        states[i] = IsBlank(Sector(content, i)) ? State::kSame : State::kDifferent;
    } else {
      TRY(const bool known, LookAtSectors(region, content, states));
      if (!known) return false;
    }
    for (std::uint32_t i = 0; i < count; ++i)
      if (states[i] != State::kSame) difference_.Add(region.offset + i * kFlashSectorSize);
    return true;
  }

  Result<bool> LookAtSectors(const FlashRange& region, ByteSpan content,
                             std::vector<State>& states) {
    const auto count = static_cast<std::uint32_t>(states.size());
    const std::size_t samples = changed_before_ ? kSamplesAfterChange : kSamples.size();
    bool any_same = false;
    const auto look_at = [&](std::uint32_t i) -> Result<bool> {
      if (states[i] != State::kUnknown) return true;
      const std::uint32_t offset = region.offset + i * kFlashSectorSize;
      TRY(const std::optional<Md5Digest> there, ask_(offset, kFlashSectorSize));
      if (!there) return false;
      const bool same = *there == Md5(Sector(content, i));
      states[i] = same ? State::kSame : State::kDifferent;
      any_same |= same;
      return true;
    };
    for (std::size_t k = 0; k < samples; ++k) {
      TRY(const bool known, look_at(kSamples[k] * count / 16));
      if (!known) return false;
    }
    changed_before_ = !any_same;
    if (!any_same) return true;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (IsLastDoubt(states, i)) break;
      TRY(const bool known, look_at(i));
      if (!known) return false;
    }
    return true;
  }

  // All others are the same, so this one differs; that needs no question.
  static bool IsLastDoubt(const std::vector<State>& states, std::uint32_t i) {
    for (std::uint32_t k = 0; k < states.size(); ++k)
      if (k != i && states[k] != State::kSame) return false;
    return true;
  }

  static ByteSpan Sector(ByteSpan content, std::uint32_t i) {
    return content.subspan(std::size_t{i} * kFlashSectorSize, kFlashSectorSize);
  }

  Md5Digest BlankDigest(std::uint32_t size_bytes) {
    if (blank_size_ != size_bytes) {
      blank_digest_ = Md5(Bytes(size_bytes, 0xFF));
      blank_size_ = size_bytes;
    }
    return blank_digest_;
  }

  const FlashTarget& target_;
  const AskDigest& ask_;
  DifferenceBuilder difference_;
  bool changed_before_ = false;
  std::uint32_t blank_size_ = 0;
  Md5Digest blank_digest_;
};

}  // namespace

Result<std::optional<FlashDifference>> CompareFlash(const FlashTarget& target,
                                                    const std::vector<FlashRange>& within,
                                                    const AskDigest& ask) {
  Comparison comparison(target, ask);
  for (const FlashExtent& extent : target.extents()) {
    for (const FlashRange& range : within) {
      const std::uint32_t begin = std::max(range.offset, extent.offset);
      const std::uint32_t end = std::min(range.offset + range.size_bytes, extent.end());
      if (begin >= end) continue;
      TRY(const bool known, comparison.Look({begin, end - begin}));
      if (!known) return std::optional<FlashDifference>();
    }
  }
  return std::optional<FlashDifference>(comparison.Finish());
}

}  // namespace lastgood
