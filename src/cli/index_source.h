// SPDX-License-Identifier: MIT
// Manifests and recipes out of a signed index (--index).
#pragma once

#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/locate.h"
#include "cli/toolbox.h"
#include "cli/trust_basis.h"
#include "trust/index.h"

namespace lastgood {

struct OpenedIndex {
  std::string url;
  Index index;
  Trust trust;
};

// Fetches and judges the index, and holds its version against the newest that was seen. A command
// that changes nothing does not note the version either.
Result<OpenedIndex> OpenIndex(const CommandLine& line, Toolbox& tools, const TrustBasis& basis);

// kUsage when the index has none of this name, with the nearest.
Result<Description> ManifestOfIndex(const OpenedIndex& index, const std::string& name,
                                    Toolbox& tools);
// nullopt when the index does not have it.
Result<std::optional<Description>> RecipeOfIndex(const OpenedIndex& index, const std::string& name,
                                                 Toolbox& tools);

}  // namespace lastgood
