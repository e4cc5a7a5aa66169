// SPDX-License-Identifier: MIT
#include "health/readable_text.h"

#include <algorithm>
#include <charconv>

namespace lastgood {
namespace {

constexpr std::size_t kLineShownMax = 120;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

std::optional<std::size_t> EndOfLooseMatch(std::string_view text, std::size_t at,
                                           std::string_view pattern) {
  for (const char wanted : pattern) {
    at = SkipBlanks(text, at);
    if (at == text.size() || Lower(text[at]) != wanted) return std::nullopt;
    ++at;
  }
  return at;
}

struct Character {
  std::size_t length = 1;
  bool readable = false;
};

Character AsciiCharacter(unsigned char octet) {
  // Besides line ends and tabs: back space, escape (the REPL's line editor) and 0x04 (the raw
  // REPL's separator) are ordinary console output.
  const bool readable = (octet >= 0x20 && octet < 0x7f) || octet == '\r' || octet == '\n' ||
                        octet == '\t' || octet == '\b' || octet == 0x1b || octet == 0x04;
  return {1, readable};
}

std::size_t Utf8Length(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

Character NextCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return AsciiCharacter(lead);
  const std::size_t length = Utf8Length(lead);
  if (length == 0 || length > text.size()) return {};
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return {};
  return {length, text.substr(0, length) != "\xef\xbf\xbd"};
}

bool IsShown(std::string_view character) {
  return character.size() > 1 || (character[0] >= 0x20 && character[0] < 0x7f);
}

}  // namespace

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<LooseMatch> FindLoose(std::string_view text, std::string_view pattern,
                                    std::size_t from) {
  const char first = pattern.front();
  const char first_upper =
      first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    if (text[begin] != first && text[begin] != first_upper) continue;
    if (const auto end = EndOfLooseMatch(text, begin, pattern)) return LooseMatch{begin, *end};
  }
  return std::nullopt;
}

bool ContainsLoose(std::string_view text, std::string_view pattern) {
  return FindLoose(text, pattern).has_value();
}

std::string Squash(std::string_view line) {
  std::string squashed;
  squashed.reserve(line.size());
  for (const char c : line)
    if (!IsBlank(c)) squashed += Lower(c);
  return squashed;
}

std::optional<std::uint32_t> NumberAt(std::string_view text, std::size_t from, int base) {
  text.remove_prefix(SkipBlanks(text, from));
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

Readability Measure(std::string_view text) {
  Readability result;
  while (!text.empty()) {
    const Character next = NextCharacter(text);
    ++result.characters;
    const auto lead = static_cast<unsigned char>(text.front());
    if (!next.readable)
      ++result.unreadable;
    else if (next.length == 2 && lead <= 0xc9)
      ++result.accented;
    text.remove_prefix(next.length);
  }
  return result;
}

std::string ReadableOf(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  while (!line.empty()) {
    const Character next = NextCharacter(line);
    if (next.readable) text += line.substr(0, next.length);
    line.remove_prefix(next.length);
  }
  return text;
}

bool HasWords(std::string_view text) {
  constexpr std::size_t kWordMin = 4;
  const auto lines = SplitLines(text);
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    const Readability readability = Measure(line);
    return CleanLine(line).size() >= kWordMin &&
           readability.unreadable * 4 < readability.characters;
  });
}

std::string CleanLine(std::string_view line) {
  std::string clean;
  while (!line.empty() && clean.size() < kLineShownMax) {
    const Character next = NextCharacter(line);
    const std::string_view character = line.substr(0, next.length);
    if (next.readable && IsShown(character)) clean += character;
    line.remove_prefix(next.length);
  }
  const std::size_t begin = clean.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return clean.substr(begin, clean.find_last_not_of(' ') - begin + 1);
}

}  // namespace lastgood
