// SPDX-License-Identifier: MIT
#pragma once

#include "toml/document.h"

namespace lastgood {

inline constexpr std::int64_t kSchema = 1;

// Notes what is wrong with `schema`. False when the rest of the document cannot be judged: it is
// empty, or written for a newer lastgood.
bool ReadSchema(toml::TableReader& root, toml::Diagnostics& diagnostics);

}  // namespace lastgood
