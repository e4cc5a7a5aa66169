// SPDX-License-Identifier: MIT
// What a run did to each sector of the flash, all of its writes and erases taken together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/flash_range.h"
#include "evidence/evidence.h"

namespace lastgood {

inline constexpr std::uint32_t kMapSectorBytes = 4096;

enum class SectorFate {
  kUntouched,  // nobody looked at it
  kSame,       // compared, and left as it was
  kErased,
  kWritten,
  kErasedAndWritten,
  kInDoubt,  // an attempt was cut
};
inline constexpr std::array kSectorFates = {SectorFate::kUntouched,        SectorFate::kSame,
                                            SectorFate::kErased,           SectorFate::kWritten,
                                            SectorFate::kErasedAndWritten, SectorFate::kInDoubt};

std::string_view FateName(SectorFate fate);    // "untouched", "erased-and-written"
std::string_view FateLetter(SectorFate fate);  // ".", "=", "E", "W", "B", "?"
std::string_view FateTitle(SectorFate fate);   // "erased and written"

struct FlashStretch {
  FlashRange range;
  SectorFate fate = SectorFate::kUntouched;
};

class FlashMap {
 public:
  // Of what is said of the flash in `items`, in their order: as the run left it.
  explicit FlashMap(const std::vector<EvidenceItem>& items);

  // Nothing was said: no sectors. Without a known size it ends behind the last sector that was
  // named.
  const std::vector<SectorFate>& sectors() const { return sectors_; }
  std::size_t Count(SectorFate fate) const;
  std::vector<FlashStretch> Stretches() const;

 private:
  void Apply(const FlashEvidence& flash);

  std::vector<SectorFate> sectors_;
};

}  // namespace lastgood
