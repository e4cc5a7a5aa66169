// SPDX-License-Identifier: MIT
#include "toml/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace lastgood::toml {
namespace {

// A line longer than this is shown as a window around the caret: a kilobyte of digits would
// otherwise push the message off the screen.
constexpr std::size_t kColumnsMax = 120;
constexpr std::size_t kColumnsBeforeCaret = 80;

struct Range {
  char32_t first, last;
};

template <std::size_t N>
constexpr bool IsIn(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](Range range) { return code >= range.first && code <= range.last; });
}

// What must not reach a terminal from a file of unknown origin: C0, DEL and C1 (escape sequences),
// and the direction overrides that make a line read differently from what it is.
bool IsUnprintable(char32_t code) {
  constexpr std::array kRanges = {Range{0, 0x1F}, Range{0x7F, 0x9F}, Range{0x2028, 0x202E},
                                  Range{0x2066, 0x2069}};
  return IsIn(kRanges, code);
}

// Enough of UAX #11 to keep the caret in place under the scripts that comments are written in.
std::size_t ColumnsOf(char32_t code) {
  constexpr std::array kNone = {Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0xFE00, 0xFE0F},
                                Range{0xFEFF, 0xFEFF}};
  constexpr std::array kTwo = {Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},
                               Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
                               Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                               Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
                               Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
  if (IsIn(kNone, code)) return 0;
  return IsIn(kTwo, code) ? 2 : 1;
}

// Precondition: a sequence of `length` bytes stands at `offset`.
char32_t Decode(std::string_view text, std::size_t offset, std::size_t length) {
  constexpr std::array<unsigned, 5> kLeadMask = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<unsigned char>(text[offset]) & kLeadMask[length];
  for (std::size_t i = 1; i < length; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[offset + i]) & 0x3FU);
  return code;
}

// One character as it is shown, and the space that it takes.
struct Glyph {
  std::string_view bytes;
  std::size_t length;   // in the source
  std::size_t columns;  // on the screen; a tab counts as one and is copied into the caret's line
};

Glyph GlyphAt(std::string_view text, std::size_t offset) {
  const std::size_t length = Utf8SequenceLength(text, offset);
  if (length == 0) return {"?", 1, 1};
  const char32_t code = Decode(text, offset, length);
  if (code == '\t') return {"\t", 1, 1};
  if (IsUnprintable(code)) return {"?", length, 1};
  return {text.substr(offset, length), length, ColumnsOf(code)};
}

struct ShownLine {
  std::string text;
  std::string indent;  // puts the caret below its character
};

ShownLine Show(std::string_view line, std::size_t caret) {
  std::size_t columns_to_caret = 0;
  for (std::size_t at = 0; at < caret;) {
    const Glyph glyph = GlyphAt(line, at);
    columns_to_caret += glyph.columns;
    at += glyph.length;
  }
  const bool is_cut_before = columns_to_caret > kColumnsBeforeCaret;
  const std::size_t first = is_cut_before ? columns_to_caret - kColumnsBeforeCaret : 0;

  ShownLine shown;
  if (is_cut_before) shown = {"…", " "};
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const Glyph glyph = GlyphAt(line, at);
    if (column >= first + kColumnsMax) {
      shown.text += "…";
      break;
    }
    if (column >= first) {
      shown.text += glyph.bytes;
      if (at < caret) shown.indent += glyph.bytes == "\t" ? "\t" : std::string(glyph.columns, ' ');
    }
    column += glyph.columns;
    at += glyph.length;
  }
  return shown;
}

std::string_view LineAt(std::string_view text, std::size_t offset) {
  const std::size_t begin = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Position PositionAt(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(offset - line_begin + 1)};
}

std::size_t OffsetOf(std::string_view text, Position position) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < position.line; ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return text.size();
    begin = end + 1;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return std::min(begin + std::max(position.column, 1U) - 1, end);
}

std::size_t Utf8SequenceLength(std::string_view text, std::size_t offset) {
  const auto lead = static_cast<unsigned char>(text[offset]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - offset < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[offset + i]) & 0xC0U) != 0x80) return 0;
  const char32_t code = Decode(text, offset, length);
  const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return is_overlong || is_surrogate || code > 0x10FFFF ? 0 : length;
}

std::string Printable(std::string_view text, std::size_t characters_max) {
  std::string printable;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    if (characters == characters_max) return printable + "…";
    const Glyph glyph = GlyphAt(text, at);
    printable += glyph.bytes == "\t" ? " " : glyph.bytes;
    at += glyph.length;
  }
  return printable;
}

std::string Diagnose(std::string_view text, std::string_view name, Position position,
                     std::string_view message) {
  const std::string file = Printable(name, std::numeric_limits<std::size_t>::max());
  if (position.line == 0) return fmt::format("{}: error: {}", file, message);
  const std::size_t offset = OffsetOf(text, position);
  const std::string_view line = LineAt(text, offset);
  const auto begin = static_cast<std::size_t>(line.data() - text.data());
  const ShownLine shown = Show(line, std::min(offset - begin, line.size()));
  const std::string number = fmt::format("{:>4}", position.line);
  return fmt::format("{}:{}:{}: error: {}\n{} | {}\n{} | {}^", file, position.line, position.column,
                     message, number, shown.text, std::string(number.size(), ' '), shown.indent);
}

}  // namespace lastgood::toml
