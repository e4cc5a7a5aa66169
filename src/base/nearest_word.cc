// SPDX-License-Identifier: MIT
#include "base/nearest_word.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lastgood {
namespace {

constexpr std::size_t kWordSizeMax = 64;

std::string Fold(std::string_view word) {
  std::string folded(word);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](unsigned char c) {
    return static_cast<char>(c == '-' ? '_' : std::tolower(c));
  });
  return folded;
}

// Insertions, deletions, replacements and swaps of neighbours (Damerau, optimal string alignment).
std::size_t EditDistance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kWordSizeMax + 1>;
  Row before_last{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

// A third of the word may be wrong; more than that is another word.
std::size_t SlipsMax(std::size_t size) {
  return std::max<std::size_t>(1, std::min<std::size_t>(size / 3, 3));
}

// "baudrate" for "baud", "dep" for "dependencies".
bool IsBeginningOfOther(std::string_view a, std::string_view b) {
  constexpr std::size_t kSizeMin = 3;
  return std::min(a.size(), b.size()) >= kSizeMin && (a.starts_with(b) || b.starts_with(a));
}

}  // namespace

std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kWordSizeMax) return std::nullopt;
  const std::string folded = Fold(word);
  const std::string* nearest = nullptr;
  std::size_t least = SlipsMax(word.size()) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kWordSizeMax) continue;
    const std::string other = Fold(candidate);
    std::size_t distance = EditDistance(folded, other);
    if (IsBeginningOfOther(folded, other)) distance = std::min(distance, SlipsMax(word.size()));
    if (distance >= least) continue;
    least = distance;
    nearest = &candidate;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

}  // namespace lastgood
