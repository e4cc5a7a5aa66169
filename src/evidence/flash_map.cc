// SPDX-License-Identifier: MIT
#include "evidence/flash_map.h"

#include <algorithm>

namespace lastgood {
namespace {

constexpr std::uint64_t kFlashBytesMax = std::uint64_t{256} << 20;

struct FateRow {
  std::string_view name;
  std::string_view letter;
  std::string_view title;
};
constexpr std::array<FateRow, kSectorFates.size()> kRows = {{
    {"untouched", ".", "not touched"},
    {"same", "=", "compared, unchanged"},
    {"erased", "E", "erased"},
    {"written", "W", "written"},
    {"erased-and-written", "B", "erased and written"},
    {"in-doubt", "?", "in doubt: an attempt failed"},
}};

const FateRow& RowOf(SectorFate fate) { return kRows[static_cast<std::size_t>(fate)]; }

}  // namespace

std::string_view FateName(SectorFate fate) { return RowOf(fate).name; }
std::string_view FateLetter(SectorFate fate) { return RowOf(fate).letter; }
std::string_view FateTitle(SectorFate fate) { return RowOf(fate).title; }

FlashMap::FlashMap(const std::vector<EvidenceItem>& items) {
  for (const EvidenceItem& item : items)
    if (const auto* flash = std::get_if<FlashEvidence>(&item.content)) Apply(*flash);
}

void FlashMap::Apply(const FlashEvidence& flash) {
  std::uint64_t end = flash.flash_size_bytes;
  for (const auto* ranges : {&flash.same, &flash.erased, &flash.written, &flash.in_doubt})
    for (const FlashRange& range : *ranges)
      end = std::max(end, std::uint64_t{range.offset} + range.size_bytes);
  end = std::min(end, kFlashBytesMax);
  const auto sectors = static_cast<std::size_t>((end + kMapSectorBytes - 1) / kMapSectorBytes);
  sectors_.resize(std::max(sectors_.size(), sectors), SectorFate::kUntouched);
  const auto each = [this](const std::vector<FlashRange>& ranges, auto change) {
    for (const FlashRange& range : ranges) {
      const std::size_t first = range.offset / kMapSectorBytes;
      const std::size_t last = std::min<std::size_t>(
          (std::uint64_t{range.offset} + range.size_bytes + kMapSectorBytes - 1) / kMapSectorBytes,
          sectors_.size());
      for (std::size_t i = first; i < last; ++i) change(sectors_[i]);
    }
  };
  each(flash.same, [](SectorFate& fate) {
    if (fate == SectorFate::kUntouched) fate = SectorFate::kSame;
  });
  each(flash.in_doubt, [](SectorFate& fate) { fate = SectorFate::kInDoubt; });
  each(flash.erased, [](SectorFate& fate) { fate = SectorFate::kErased; });
  each(flash.written, [](SectorFate& fate) {
    fate = fate == SectorFate::kErased || fate == SectorFate::kErasedAndWritten
               ? SectorFate::kErasedAndWritten
               : SectorFate::kWritten;
  });
}

std::size_t FlashMap::Count(SectorFate fate) const {
  return static_cast<std::size_t>(std::count(sectors_.begin(), sectors_.end(), fate));
}

std::vector<FlashStretch> FlashMap::Stretches() const {
  std::vector<FlashStretch> stretches;
  for (std::size_t i = 0; i < sectors_.size(); ++i) {
    if (stretches.empty() || stretches.back().fate != sectors_[i])
      stretches.push_back({{static_cast<std::uint32_t>(i) * kMapSectorBytes, 0}, sectors_[i]});
    stretches.back().range.size_bytes += kMapSectorBytes;
  }
  return stretches;
}

}  // namespace lastgood
