// SPDX-License-Identifier: MIT
// Text from a wire that may be read at the wrong rate, or that a person typed off a screen: lines,
// loose matching, and how much of it is noise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Ended by LF, CR or both; empty lines are left out. The views refer to `text`.
std::vector<std::string_view> SplitLines(std::string_view text);

struct LooseMatch {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// `pattern` is lower case and without blanks; case and blanks in `text` do not matter.
std::optional<LooseMatch> FindLoose(std::string_view text, std::string_view pattern,
                                    std::size_t from = 0);
bool ContainsLoose(std::string_view text, std::string_view pattern);

// Lower case and without blanks: for many such questions about one line.
std::string Squash(std::string_view line);

// The number that stands at `from`, blanks before it skipped; nullopt when there is none or when it
// does not fit.
std::optional<std::uint32_t> NumberAt(std::string_view text, std::size_t from, int base);

// Characters, and those among them that no program prints on purpose: control codes, octets that
// are not UTF-8, and U+FFFD, which is what is left of garbage in stored logs.
struct Readability {
  std::size_t characters = 0;
  std::size_t unreadable = 0;
  // U+0080 to U+024F: accented letters, and what a terminal program makes of octets of noise.
  std::size_t accented = 0;

  std::size_t noise() const { return IsNoise() ? unreadable + accented : unreadable; }
  // More than a few stray octets: no program's words.
  bool IsNoise() const {
    return unreadable * 4 >= characters ||
           (characters >= 8 && (unreadable + accented) * 3 >= characters);
  }
};
Readability Measure(std::string_view text);

// The line without its unreadable characters.
std::string ReadableOf(std::string_view line);

// Has a line that somebody said, not the few octets that noise makes of one.
bool HasWords(std::string_view text);

// What a person may be shown of a line: unreadable characters dropped, trimmed, at most 120 octets.
std::string CleanLine(std::string_view line);

}  // namespace lastgood
