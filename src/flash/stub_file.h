// SPDX-License-Identifier: MIT
// A stub loader's file: JSON with addresses and base64 (protocol reference, section 6).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flash/stub_library.h"

namespace lastgood {

// kNotTrusted, naming `name`: no JSON, a part is missing, no base64, or an address that is not in
// the RAM of `chip`. The generation is `expected_generation`, which follows from the file's name;
// the loader asks what runs.
Result<StubImage> ParseStubFile(std::string_view text, Chip chip, int expected_generation,
                                const std::string& name);

// RFC 4648 with padding; nullopt for anything else.
std::optional<Bytes> DecodeBase64(std::string_view text);

}  // namespace lastgood
