// SPDX-License-Identifier: MIT
// Values as other tools' files spell them, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "import/formats.h"
#include "json/json_value.h"

namespace lastgood {

// kInvalidManifest: "'FILE' <what>".
tl::unexpected<Error> ForeignMistake(const ForeignSource& source, std::string what,
                                     std::string hint = {});

// "0x1000" or "4096"; nullopt for anything else.
std::optional<std::uint64_t> ParseNumber(std::string_view text);

// A number (4096.0 is one, 32.768 is not) or a text with one. `what` is what messages call the
// part.
Result<std::uint32_t> ReadForeignOffset(const json::Value& value, std::string_view what,
                                        const ForeignSource& source);
Result<std::uint32_t> CheckForeignOffset(std::uint64_t offset, std::string_view what,
                                         const ForeignSource& source);

// A path within the file's directory.
Result<std::string> CheckForeignPath(std::string_view path, const ForeignSource& source);

// Sets what `key` ("flash_size", "flash_mode", "flash_freq" or "chip", with dashes or underscores)
// says; false: another key.
Result<bool> SetForeignSetting(ForeignManifest& manifest, std::string_view key,
                               std::string_view value, const ForeignSource& source);

// "flash-mode" is "flash_mode".
std::string WithUnderscores(std::string_view key);
const json::Value* FindKey(const json::Value& object, std::string_view key);

// "ESP32-C3" or "esp32c3".
std::optional<Chip> ParseForeignChip(std::string_view text);
std::string ChipChoices();  // "esp8266, esp32, …"

}  // namespace lastgood
