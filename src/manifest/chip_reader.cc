// SPDX-License-Identifier: MIT
#include "manifest/chip_reader.h"

#include <string_view>
#include <vector>

namespace lastgood {

Chip ReadChipName(toml::TableReader& reader) {
  std::vector<std::string_view> names;
  for (const Chip chip : kChips) names.push_back(ChipName(chip));
  return kChips[reader.RequiredChoice("chip", names).value_or(0)];
}

}  // namespace lastgood
