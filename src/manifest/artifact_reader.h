// SPDX-License-Identifier: MIT
// The fields that say where an artifact comes from and how it is recognised, wherever they stand.
#pragma once

#include <string>
#include <vector>

#include "base/digest_value.h"
#include "toml/document.h"

namespace lastgood {

inline constexpr std::int64_t kArchiveSizeMax = 64 << 20;

// `urls`, tried in order: http, https or file, each once.
std::vector<std::string> ReadUrls(toml::TableReader& reader, bool may_be_empty,
                                  toml::Diagnostics& diagnostics);
// `sha256`; a zero digest when a mistake was noted.
Sha256Digest ReadSha256(toml::TableReader& reader);

}  // namespace lastgood
