// SPDX-License-Identifier: MIT
#include "report/display_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace lastgood {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Bytes of the well-formed UTF-8 sequence that `text` begins with; 0 when there is none. The bounds
// are those of the Unicode standard's table of well-formed byte sequences.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  unsigned second_min = 0x80;
  unsigned second_max = 0xBF;
  if (lead == 0xE0) second_min = 0xA0;
  if (lead == 0xED) second_max = 0x9F;
  if (lead == 0xF0) second_min = 0x90;
  if (lead == 0xF4) second_max = 0x8F;
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || byte(1) < second_min || byte(1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool IsHarmless(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead >= 0x20 && lead != 0x7F;
  // U+0080 to U+009F: the second set of control characters, 8-bit escapes among them.
  if (lead == 0xC2) return static_cast<unsigned char>(character[1]) >= 0xA0;
  // U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069: direction marks and line separators.
  if (character.substr(0, 2) == "\xE2\x80") {
    const auto last = static_cast<unsigned char>(character[2]);
    return last != 0x8E && last != 0x8F && (last < 0xA8 || last > 0xAE);
  }
  if (character.substr(0, 2) == "\xE2\x81") {
    const auto last = static_cast<unsigned char>(character[2]);
    return last < 0xA6 || last > 0xA9;
  }
  return true;
}

// Bytes of `text` that make `width` columns.
std::size_t BytesOfColumns(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsContinuation(text[i]) && columns++ == width) return i;
  }
  return text.size();
}

}  // namespace

std::string ToPrintable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length > 0 && IsHarmless(character)) {
      result += character;
    } else if (character == "\t") {
      result += ' ';
    } else {
      for (const char c : character)
        result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    text.remove_prefix(character.size());
  }
  return result;
}

std::size_t DisplayWidth(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::vector<std::string> WrapText(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (width > 0) {
    const std::size_t fits = BytesOfColumns(text, width);
    if (fits == text.size()) break;
    // The space that ends the line may be the first character that no longer fits.
    const std::size_t space = text.substr(0, fits + 1).rfind(' ');
    const bool at_space = space != std::string_view::npos && space > 0;
    lines.emplace_back(text.substr(0, at_space ? space : fits));
    text.remove_prefix(at_space ? space + 1 : fits);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace lastgood
