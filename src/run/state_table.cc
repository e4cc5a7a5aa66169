// SPDX-License-Identifier: MIT
#include "run/state_table.h"

#include <algorithm>

namespace lastgood {

const StateRow& RowOf(RunState state) {
  return *std::find_if(kStateTable.begin(), kStateTable.end(),
                       [state](const StateRow& row) { return row.state == state; });
}

std::string_view StateName(RunState state) { return RowOf(state).name; }

RunState StateOfName(std::string_view name) {
  const auto row =
      std::find_if(kStateTable.begin(), kStateTable.end(),
                   [name](const StateRow& candidate) { return candidate.name == name; });
  return row == kStateTable.end() ? RunState::kFlashingFallback : row->state;
}

}  // namespace lastgood
