// SPDX-License-Identifier: MIT
#include "setup/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace lastgood {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kLinesMax = 100'000;
constexpr std::uint64_t kCellsMax = 4'000'000;  // of the table in EditMiddle()

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

// What is left between equal beginnings and equal ends.
struct Middle {
  std::size_t begin = 0;
  std::size_t before_end = 0;
  std::size_t after_end = 0;

  std::size_t Rows() const { return before_end - begin; }
  std::size_t Columns() const { return after_end - begin; }
};

Middle MiddleOf(const Lines& before, const Lines& after) {
  Middle middle{0, before.size(), after.size()};
  while (middle.begin < std::min(before.size(), after.size()) &&
         before[middle.begin] == after[middle.begin])
    ++middle.begin;
  while (middle.Rows() > 0 && middle.Columns() > 0 &&
         before[middle.before_end - 1] == after[middle.after_end - 1]) {
    --middle.before_end;
    --middle.after_end;
  }
  return middle;
}

// The shortest way, by the longest common subsequence.
void EditMiddle(const Lines& before, const Lines& after, const Middle& middle,
                std::vector<Edit>& edits) {
  const std::size_t begin = middle.begin;
  const std::size_t rows = middle.Rows();
  const std::size_t columns = middle.Columns();
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

std::vector<Edit> EditsOf(const Lines& before, const Lines& after, const Middle& middle) {
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < middle.begin; ++i) edits.push_back({' ', before[i]});
  EditMiddle(before, after, middle, edits);
  for (std::size_t i = middle.before_end; i < before.size(); ++i) edits.push_back({' ', before[i]});
  return edits;
}

std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text)
    shown += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F ? '?' : c;
  return shown;
}

void PutLine(char sign, std::string_view line, std::vector<std::string>& out) {
  const bool ended = line.ends_with('\n');
  if (ended) line.remove_suffix(1);
  out.push_back(sign + Shown(line));
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

// Hunk after hunk.
std::vector<std::string> Print(const std::vector<Edit>& edits) {
  std::vector<std::string> out;
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

}  // namespace

std::vector<std::string> UnifiedDiff(std::string_view before, std::string_view after,
                                     const std::string& before_name,
                                     const std::string& after_name) {
  if (before == after) return {};
  const Lines old_lines = LinesOf(before);
  const Lines new_lines = LinesOf(after);
  const Middle middle = MiddleOf(old_lines, new_lines);
  if (!IsText(before) || !IsText(after) ||
      std::max(old_lines.size(), new_lines.size()) > kLinesMax ||
      std::uint64_t{middle.Rows()} * middle.Columns() > kCellsMax)
    return {fmt::format("{} and {} differ: {} and {} octets", Shown(before_name), Shown(after_name),
                        before.size(), after.size())};
  std::vector<std::string> out = {"--- " + Shown(before_name), "+++ " + Shown(after_name)};
  const std::vector<std::string> hunks = Print(EditsOf(old_lines, new_lines, middle));
  out.insert(out.end(), hunks.begin(), hunks.end());
  return out;
}

}  // namespace lastgood
