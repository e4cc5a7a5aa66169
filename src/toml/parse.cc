// SPDX-License-Identifier: MIT
// The only file that includes toml++: parsing, and the copy of its tree into ours.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <utility>

#include "toml/document.h"
#include "toml/document_shared.h"
#include "toml/source_text.h"
#include "toml/structure_scan.h"
#include "toml/syntax_error.h"

namespace lastgood::toml {
namespace {

constexpr std::size_t kTextSizeMax = std::size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// toml++ counts columns in characters, our positions count bytes. Lines are indexed once: a
// megabyte may stand on a single line with a hundred thousand values.
class Columns {
 public:
  explicit Columns(std::string_view text) : text_(text) {
    line_begins_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at)
      if (text[at] == '\n') line_begins_.push_back(at + 1);
  }

  std::size_t OffsetOf(::toml::source_position place) {
    if (place.line == 0) return 0;
    if (place.line > line_begins_.size()) return text_.size();
    const std::vector<std::size_t>& characters = CharactersOf(place.line - 1);
    const std::size_t index = std::max<std::size_t>(place.column, 1) - 1;
    return characters[std::min(index, characters.size() - 1)];
  }

  Position PositionOf(::toml::source_position place) {
    const std::size_t begin = line_begins_[place.line == 0 ? 0 : place.line - 1];
    return {std::max(place.line, 1U), static_cast<std::uint32_t>(OffsetOf(place) - begin + 1)};
  }

 private:
  // Offsets of the line's characters and of its end.
  const std::vector<std::size_t>& CharactersOf(std::size_t line) {
    const auto [entry, is_new] = characters_.try_emplace(line);
    std::vector<std::size_t>& offsets = entry->second;
    if (!is_new) return offsets;
    const std::size_t end =
        line + 1 < line_begins_.size() ? line_begins_[line + 1] - 1 : text_.size();
    for (std::size_t at = line_begins_[line]; at < end;) {
      offsets.push_back(at);
      at += std::max<std::size_t>(Utf8SequenceLength(text_, at), 1);
    }
    offsets.push_back(end);
    return offsets;
  }

  std::string_view text_;
  std::vector<std::size_t> line_begins_;
  std::map<std::size_t, std::vector<std::size_t>> characters_;
};

// Copies toml++'s tree. Its depth is bounded by ScanStructure.
class TreeCopy {
 public:
  TreeCopy(Columns& columns, std::vector<Position>& dates) : columns_(columns), dates_(dates) {}

  Table CopyTable(const ::toml::table& source) {
    Table table;
    table.position = columns_.PositionOf(source.source().begin);
    std::vector<std::pair<Position, std::string>> keys;
    for (const auto& [key, node] : source) {
      const Position position = columns_.PositionOf(key.source().begin);
      keys.emplace_back(position, key.str());
      table.key_positions.emplace(key.str(), position);
      table.entries.emplace(key.str(), CopyNode(node));
    }
    std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
    });
    for (auto& [position, key] : keys) table.order.push_back(std::move(key));
    return table;
  }

 private:
  Value CopyNode(const ::toml::node& node) {
    Value value;
    value.position = columns_.PositionOf(node.source().begin);
    if (const auto* table = node.as_table()) {
      value.data = CopyTable(*table);
    } else if (const auto* array = node.as_array()) {
      Array elements;
      for (const ::toml::node& element : *array) elements.push_back(CopyNode(element));
      value.data = std::move(elements);
    } else if (const auto* text = node.as_string()) {
      value.data = text->get();
    } else if (const auto* integer = node.as_integer()) {
      value.data = integer->get();
    } else if (const auto* real = node.as_floating_point()) {
      value.data = real->get();
    } else if (const auto* boolean = node.as_boolean()) {
      value.data = boolean->get();
    } else {
      dates_.push_back(value.position);
    }
    return value;
  }

  Columns& columns_;
  std::vector<Position>& dates_;
};

std::optional<SyntaxError> FindBadEncoding(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8SequenceLength(text, at);
    if (length == 0)
      return SyntaxError{at, fmt::format("byte 0x{:02X} is not UTF-8; save the file as UTF-8",
                                         static_cast<unsigned char>(text[at]))};
    at += length;
  }
  return std::nullopt;
}

std::optional<SyntaxError> FindBadStructure(const StructureScan& scan) {
  if (!scan.too_deep) return std::nullopt;
  return SyntaxError{*scan.too_deep, "nested too deeply"};
}

tl::unexpected<Error> FailAt(std::string_view text, std::string_view name,
                             const SyntaxError& error) {
  return Fail(ExitCode::kInvalidManifest,
              Diagnose(text, name, PositionAt(text, error.offset), error.message));
}

std::optional<std::string> WhyNotText(std::string_view text) {
  if (text.size() > kTextSizeMax)
    return fmt::format("{} bytes is too large, at most 1 MiB is read", text.size());
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return "the file is UTF-16; save it as UTF-8";
  return std::nullopt;
}

}  // namespace

Result<Document> Document::Parse(std::string text, std::string name) {
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  if (const auto reason = WhyNotText(text))
    return Fail(ExitCode::kInvalidManifest, toml::Diagnose({}, name, Position{}, *reason));
  if (const auto error = FindBadEncoding(text)) return FailAt(text, name, *error);
  const StructureScan scan = ScanStructure(text);
  if (const auto error = FindBadStructure(scan)) return FailAt(text, name, *error);

  Columns columns(text);
  std::vector<Position> dates;
  Table root;
  try {
    root = TreeCopy(columns, dates).CopyTable(::toml::parse(text));
  } catch (const ::toml::parse_error& error) {
    return FailAt(text, name,
                  ExplainSyntaxError(text, error.description(),
                                     columns.OffsetOf(error.source().begin), scan.open_string));
  }
  root.position = {1, 1};
  Document document;
  document.shared_ =
      std::make_shared<const Shared>(Shared{std::move(text), std::move(name), std::move(root)});
  Diagnostics diagnostics(document);
  for (const Position position : dates)
    diagnostics.Add(position, "a date or time is not a value here; text stands in double quotes");
  TRY_DO(diagnostics.ToResult());
  return document;
}

}  // namespace lastgood::toml
