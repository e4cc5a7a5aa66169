// SPDX-License-Identifier: MIT
#include "setup/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace lastgood {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kLinesMax = 4000;  // the table below has their product, after trimming
constexpr std::size_t kCellsMax = 4'000'000;

// Each with its end of line, so that a missing last one is a difference.
std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

struct Edit {
  char sign;  // ' ', '-', '+'
  std::string_view line;
};

using Lines = std::vector<std::string_view>;

// The shortest way by the longest common subsequence of what is left between equal ends.
void EditMiddle(const Lines& before, const Lines& after, std::size_t begin, std::size_t before_end,
                std::size_t after_end, std::vector<Edit>& edits) {
  const std::size_t rows = before_end - begin;
  const std::size_t columns = after_end - begin;
  std::vector<std::uint32_t> common((rows + 1) * (columns + 1), 0);
  const auto cell = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
    return common[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      cell(i, j) = before[begin + i] == after[begin + j] ? cell(i + 1, j + 1) + 1
                                                         : std::max(cell(i + 1, j), cell(i, j + 1));
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && before[begin + i] == after[begin + j]) {
      edits.push_back({' ', before[begin + i]});
      ++i;
      ++j;
    } else if (i < rows && (j == columns || cell(i + 1, j) >= cell(i, j + 1))) {
      edits.push_back({'-', before[begin + i++]});
    } else {
      edits.push_back({'+', after[begin + j++]});
    }
  }
}

std::vector<Edit> EditsOf(const Lines& before, const Lines& after) {
  std::size_t begin = 0;
  while (begin < before.size() && begin < after.size() && before[begin] == after[begin]) ++begin;
  std::size_t same_at_end = 0;
  while (same_at_end < std::min(before.size(), after.size()) - begin &&
         before[before.size() - 1 - same_at_end] == after[after.size() - 1 - same_at_end])
    ++same_at_end;
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < begin; ++i) edits.push_back({' ', before[i]});
  EditMiddle(before, after, begin, before.size() - same_at_end, after.size() - same_at_end, edits);
  for (std::size_t i = before.size() - same_at_end; i < before.size(); ++i)
    edits.push_back({' ', before[i]});
  return edits;
}

void PutLine(char sign, std::string_view line, std::vector<std::string>& out) {
  const bool ended = line.ends_with('\n');
  if (ended) line.remove_suffix(1);
  std::string shown(1, sign);
  for (const char c : line)
    shown += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F ? '?' : c;
  out.push_back(std::move(shown));
  if (!ended) out.emplace_back("\\ No newline at end of file");
}

// The first hunk that begins at or after `at`; its edits, from and to.
struct Span {
  std::size_t begin;
  std::size_t end;
};

Span NextHunk(const std::vector<Edit>& edits, std::size_t at) {
  const auto is_change = [](const Edit& edit) { return edit.sign != ' '; };
  const auto from = [&](std::size_t i) {
    return static_cast<std::size_t>(
        std::find_if(edits.begin() + static_cast<std::ptrdiff_t>(i), edits.end(), is_change) -
        edits.begin());
  };
  const std::size_t first = from(at);
  if (first == edits.size()) return {first, first};
  Span hunk{std::max(at, first - std::min(first, kContext)), first};
  std::size_t last = first;
  for (std::size_t next = first; next < edits.size() && next <= last + 2 * kContext + 1;
       next = from(last + 1))
    last = next;
  hunk.end = std::min(edits.size(), last + 1 + kContext);
  return hunk;
}

std::string Range(std::size_t start, std::size_t count) {
  if (count == 0) return fmt::format("{},0", start - 1);
  return count == 1 ? fmt::format("{}", start) : fmt::format("{},{}", start, count);
}

bool IsText(std::string_view text) { return text.find('\0') == std::string_view::npos; }

}  // namespace

std::vector<std::string> UnifiedDiff(std::string_view before, std::string_view after,
                                     const std::string& before_name,
                                     const std::string& after_name) {
  if (before == after) return {};
  const Lines old_lines = LinesOf(before);
  const Lines new_lines = LinesOf(after);
  if (!IsText(before) || !IsText(after) || old_lines.size() > kLinesMax ||
      new_lines.size() > kLinesMax || old_lines.size() * new_lines.size() > kCellsMax)
    return {fmt::format("{} and {} differ: {} and {} octets", before_name, after_name,
                        before.size(), after.size())};
  const std::vector<Edit> edits = EditsOf(old_lines, new_lines);
  std::vector<std::string> out = {"--- " + before_name, "+++ " + after_name};
  std::size_t old_line = 1;
  std::size_t new_line = 1;
  std::size_t at = 0;
  for (Span hunk = NextHunk(edits, 0); hunk.begin < edits.size();
       hunk = NextHunk(edits, hunk.end)) {
    old_line += hunk.begin - at;
    new_line += hunk.begin - at;
    const auto counts = [&](char other) {
      return static_cast<std::size_t>(
          std::count_if(edits.begin() + static_cast<std::ptrdiff_t>(hunk.begin),
                        edits.begin() + static_cast<std::ptrdiff_t>(hunk.end),
                        [other](const Edit& edit) { return edit.sign != other; }));
    };
    const std::size_t old_count = counts('+');
    const std::size_t new_count = counts('-');
    out.push_back(
        fmt::format("@@ -{} +{} @@", Range(old_line, old_count), Range(new_line, new_count)));
    for (std::size_t i = hunk.begin; i < hunk.end; ++i) PutLine(edits[i].sign, edits[i].line, out);
    old_line += old_count;
    new_line += new_count;
    at = hunk.end;
  }
  return out;
}

}  // namespace lastgood
