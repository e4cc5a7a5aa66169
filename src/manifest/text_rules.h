// SPDX-License-Identifier: MIT
// What names, addresses and digests may look like. A rule answers with the reason for a refusal,
// ready to follow the key's name ("must not …"); nullopt when the text is fine.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "toml/document.h"

namespace lastgood {

using Refusal = std::optional<std::string>;

// Names end up in messages, file names and records: letters, digits and ". _ + -", at most 64.
Refusal WhyNotName(std::string_view text);
// Whether what names a manifest or recipe is a path and not a name: it has a '/' or ends in .toml.
bool IsPath(std::string_view text);
// Exactly 64 hex digits; names the digest that was probably taken instead.
Refusal WhyNotSha256(std::string_view text);
// http, https or file; no credentials, nothing that had to be percent-encoded; at most 2048.
Refusal WhyNotUrl(std::string_view text);
// A file's path inside an archive, or "*" for the one content of a .gz.
Refusal WhyNotMember(std::string_view text);
// A file on a board, as "boot.py" or "lib/mqtt.py": relative to where its interpreter starts.
Refusal WhyNotBoardFile(std::string_view text);
// What may be typed on a board's console: no control characters but newline and tab.
Refusal WhyNotConsoleText(std::string_view text, std::size_t size_max);
// A Debian package's name.
Refusal WhyNotPackage(std::string_view text);
// At most `size_max` bytes on one line, without control characters.
Refusal WhyNotLine(std::string_view text, std::size_t size_max);

// Notes "'key' <reason>" at the key's value when there is a refusal. Returns whether it was fine.
bool Accept(toml::TableReader& reader, std::string_view key, const Refusal& refusal);

// The same for each string of a list, at its own place.
bool AcceptEach(toml::TableReader& reader, std::string_view key, toml::Diagnostics& diagnostics,
                const std::function<Refusal(std::string_view)>& rule);

// Tables of an array beyond `count_max` are one mistake, and are not read.
std::vector<const toml::Table*> AtMost(std::size_t count_max,
                                       std::vector<const toml::Table*> tables,
                                       toml::TableReader& reader, std::string_view key);

// Refuses a list that is too long or says something twice.
Refusal WhyNotList(const std::vector<std::string>& list, std::size_t count_max);

}  // namespace lastgood
