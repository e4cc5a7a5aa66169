// SPDX-License-Identifier: MIT
// The newest version of every index that this host has seen, so that an older one cannot be served
// to it again: STATE/sources/<SHA-256 of the index's URL>.toml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/digest_value.h"
#include "base/result.h"
#include "host/clock.h"

namespace lastgood {

struct SeenVersion {
  std::string source;  // the index's URL, as given
  std::int64_t version = 0;
  Sha256Digest sha256;  // of the index
};

// kNotTrusted when a newer version was seen from this source, or this version with other content;
// or when what was noted cannot be read. Notes nothing.
Result<void> CheckSeen(const std::filesystem::path& state, const SeenVersion& now);

// The same, and notes it on disk before it returns. kBusy when another process notes something for
// more than some seconds.
Result<void> NoteSeen(const std::filesystem::path& state, const SeenVersion& now, Clock& clock);

}  // namespace lastgood
