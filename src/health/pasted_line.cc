// SPDX-License-Identifier: MIT
#include "health/pasted_line.h"

#include <algorithm>
#include <array>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kStampMax = 40;
constexpr int kPrefixesMax = 6;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Colours, and what is left of them when the escape octet is lost: "[0;32m", "[0m".
std::size_t ColourLength(std::string_view text) {
  std::size_t at = text.starts_with('\x1b') ? 1 : 0;
  const bool escaped = at == 1;
  if (at == text.size() || text[at] != '[') return escaped ? 1 : 0;
  ++at;
  while (at < text.size() && (IsDigit(text[at]) || text[at] == ';')) ++at;
  if (at == text.size()) return escaped ? at : 0;
  const bool letter = (text[at] >= 'A' && text[at] <= 'Z') || (text[at] >= 'a' && text[at] <= 'z');
  if (escaped) return letter ? at + 1 : at;
  return text[at] == 'm' ? at + 1 : 0;
}

std::string WithoutColours(std::string_view line) {
  std::string plain;
  plain.reserve(line.size());
  while (!line.empty()) {
    const std::size_t colour = ColourLength(line);
    if (colour == 0) plain += line.front();
    line.remove_prefix(std::max<std::size_t>(colour, 1));
  }
  return plain;
}

bool IsOfStamp(char c) {
  return IsDigit(c) || std::string_view(":.,-/TZ+").find(c) != std::string_view::npos;
}

// A clock's time without brackets needs its two colons; in brackets seconds will do.
bool IsStamp(std::string_view text, bool bracketed) {
  const auto colons = std::count(text.begin(), text.end(), ':');
  const auto digits = std::count_if(text.begin(), text.end(), IsDigit);
  return bracketed ? digits >= 3 : colons >= 2 && digits >= 5;
}

std::size_t StampLength(std::string_view line) {
  const bool bracketed = line.starts_with('[') || line.starts_with('(');
  std::size_t at = bracketed ? 1 : 0;
  const std::size_t limit = std::min(line.size(), kStampMax);
  // A date and a time have one blank between them; only brackets may have more.
  std::size_t end = at;
  while (at < limit && (IsOfStamp(line[at]) || (line[at] == ' ' && at + 1 < limit &&
                                                (bracketed || IsDigit(line[at + 1]))))) {
    // "12:00:00 1024 octets": behind a whole time a blank ends it.
    if (line[at] == ' ' && !bracketed && IsStamp(line.substr(0, at), false)) break;
    end = ++at;
  }
  if (!IsStamp(line.substr(0, end), bracketed)) return 0;
  if (!bracketed) return end < line.size() && line[end] != ' ' ? 0 : end;
  return end < line.size() && (line[end] == ']' || line[end] == ')') ? end + 1 : 0;
}

// "> text", "-> text", "| text": not a prompt, whose signs stand together, and not a sign alone.
std::size_t QuoteLength(std::string_view line) {
  for (const std::string_view sign : {"> ", "-> ", "| "})
    if (line.starts_with(sign) &&
        line.find_first_not_of(' ', sign.size()) != std::string_view::npos)
      return sign.size();
  return 0;
}

// What a terminal that shows line ends makes of them, and the signs of code around a pasted line.
std::string_view WithoutMarks(std::string_view line) {
  constexpr std::array<std::string_view, 7> kMarks = {"<CR>",   "<LF>",   "<\\r>", "<\\n>",
                                                      "\u240d", "\u240a", "`"};
  if (line.starts_with('`')) line.remove_prefix(1);
  while (true) {
    const std::string_view bare = line.substr(0, line.find_last_not_of(" \t") + 1);
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(),
                                   [&](std::string_view text) { return bare.ends_with(text); });
    if (mark == kMarks.end()) return line;
    line = bare.substr(0, bare.size() - mark->size());
  }
}

std::size_t PrefixLength(std::string_view line) {
  if (const std::size_t quote = QuoteLength(line); quote > 0) return quote;
  const std::size_t stamp = StampLength(line);
  return stamp > 0 && stamp < line.size() ? stamp : 0;
}

}  // namespace

std::string OwnWords(std::string_view line) {
  std::string plain = WithoutColours(ReadableOf(line));
  std::string_view words = plain;
  for (int i = 0; i < kPrefixesMax; ++i) {
    std::string_view trimmed = words.substr(std::min(words.find_first_not_of(" \t"), words.size()));
    const std::size_t prefix = PrefixLength(trimmed);
    if (prefix == 0) break;
    words = trimmed.substr(prefix);
  }
  return std::string(WithoutMarks(words));
}

}  // namespace lastgood
