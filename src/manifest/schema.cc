// SPDX-License-Identifier: MIT
#include "manifest/schema.h"

#include <fmt/format.h>

#include <limits>

namespace lastgood {

bool ReadSchema(toml::TableReader& root, toml::Diagnostics& diagnostics) {
  if (diagnostics.document().root().entries.empty()) {
    diagnostics.Add({1, 1}, "the file says nothing; its first line should be schema = 1");
    return false;
  }
  const std::int64_t schema =
      root.RequiredInteger("schema", kSchema, std::numeric_limits<std::int64_t>::max());
  if (schema == kSchema) return true;
  root.Complain("schema", fmt::format("schema {} is newer than this version of lastgood, which "
                                      "reads schema {}",
                                      schema, kSchema));
  return false;
}

}  // namespace lastgood
