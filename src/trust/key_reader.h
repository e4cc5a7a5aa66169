// SPDX-License-Identifier: MIT
// Key ids in TOML files.
#pragma once

#include <string_view>
#include <vector>

#include "toml/document.h"
#include "trust/minisign.h"

namespace lastgood {

// An optional array of key ids; what is none is noted in the diagnostics.
std::vector<KeyId> ReadKeyIds(toml::TableReader& reader, std::string_view key,
                              toml::Diagnostics& diagnostics);

}  // namespace lastgood
