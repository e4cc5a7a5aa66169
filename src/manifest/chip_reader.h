// SPDX-License-Identifier: MIT
#pragma once

#include "base/board_identity.h"
#include "toml/document.h"

namespace lastgood {

// The required key `chip`: one of kChips. A mistake is noted, and the answer is then any chip.
Chip ReadChipName(toml::TableReader& reader);

}  // namespace lastgood
