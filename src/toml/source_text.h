// SPDX-License-Identifier: MIT
// Places in a text, and how a person is shown one: the line with its number and a caret.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "toml/document.h"

namespace lastgood::toml {

// `offset` may be the text's size: the place behind the last character.
Position PositionAt(std::string_view text, std::size_t offset);
// The reverse; a place that the text does not have becomes the nearest that it has.
std::size_t OffsetOf(std::string_view text, Position position);

// Length of the UTF-8 sequence at `offset`; 0 when there is none (truncated, overlong, surrogate).
std::size_t Utf8SequenceLength(std::string_view text, std::size_t offset);

// Someone else's text for a message or a terminal: control characters, text-direction overrides
// and bytes that are not UTF-8 become '?', and what is longer than `characters_max` ends in '…'.
std::string Printable(std::string_view text, std::size_t characters_max = 60);

// See Document::Diagnose.
std::string Diagnose(std::string_view text, std::string_view name, Position position,
                     std::string_view message);

}  // namespace lastgood::toml
