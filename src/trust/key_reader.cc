// SPDX-License-Identifier: MIT
#include "trust/key_reader.h"

#include "manifest/text_rules.h"

namespace lastgood {

std::vector<KeyId> ReadKeyIds(toml::TableReader& reader, std::string_view key,
                              toml::Diagnostics& diagnostics) {
  std::vector<KeyId> ids;
  for (const std::string& text : reader.OptionalStrings(key))
    if (const auto id = ParseKeyId(text)) ids.push_back(*id);
  AcceptEach(reader, key, diagnostics, [](std::string_view text) -> Refusal {
    if (ParseKeyId(text)) return std::nullopt;
    return "must hold key ids of 16 hex digits, as lastgood keys shows them";
  });
  return ids;
}

}  // namespace lastgood
