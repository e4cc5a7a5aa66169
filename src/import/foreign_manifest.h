// SPDX-License-Identifier: MIT
// What other tools' files say about a firmware: text in, value out. Whether the files that they
// name exist is for the caller to find out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/board_identity.h"
#include "base/result.h"

namespace lastgood {

struct ForeignPart {
  std::uint32_t offset = 0;  // multiple of 4096 below 16 MiB
  std::string path;          // relative, within the file's directory; or an http(s) URL
};

struct ForeignManifest {
  std::string origin;  // "an ESP Web Tools manifest"
  // What the file does not say is nullopt or empty.
  std::optional<Chip> chip;
  std::string name;
  std::string version;
  std::string flash_size;          // "4MB", "detect" or "keep", as lastgood's manifests spell it
  std::string flash_mode;          // "dio", …, "keep"
  std::string flash_frequency;     // "40m", …, "keep"
  std::vector<ForeignPart> parts;  // not empty, in order of offset
};

// The kind is recognised by content. `chip` chooses among several builds; a file for one chip must
// be for this one. `name` is what messages call the file. kUsage: a choice is needed, or can not be
// had; kInvalidManifest: not one of the kinds that are known, or a mistake in it (an offset that is
// no whole number, a path that leaves the directory, a part to be encrypted, …).
Result<ForeignManifest> ParseForeignManifest(std::string_view text, const std::string& name,
                                             std::optional<Chip> chip);

}  // namespace lastgood
