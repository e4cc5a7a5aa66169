// SPDX-License-Identifier: MIT
#include "setup/template_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest_word.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

struct Placeholder {
  std::string_view name;
  std::string (*value)(const SetupHost& host);
};

constexpr std::array kPlaceholders = {
    Placeholder{"invoker", [](const SetupHost& host) { return host.invoker; }},
    Placeholder{"boot_directory", [](const SetupHost& host) { return host.facts.boot_directory; }},
    Placeholder{"model", [](const SetupHost& host) { return host.facts.model.text; }},
    Placeholder{"architecture", [](const SetupHost& host) { return host.facts.architecture; }},
    Placeholder{"release", [](const SetupHost& host) { return host.facts.release.codename; }},
};

struct Piece {
  enum class Kind { kText, kPlaceholder, kStrayAt };
  Kind kind = Kind::kText;
  std::string_view text;  // of a placeholder: its name
};

// The piece at the beginning of `rest`, which is taken off.
Piece TakePiece(std::string_view& rest) {
  const auto take = [&rest](Piece::Kind kind, std::size_t begin, std::size_t size,
                            std::size_t taken) {
    const Piece piece{kind, rest.substr(begin, size)};
    rest.remove_prefix(taken);
    return piece;
  };
  const std::size_t text_size = std::min(rest.find('@'), rest.size());
  if (text_size > 0) return take(Piece::Kind::kText, 0, text_size, text_size);
  const std::size_t end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 1);
  if (end == std::string_view::npos || rest[end] != '@')
    return take(Piece::Kind::kStrayAt, 0, 1, 1);
  if (end == 1) return take(Piece::Kind::kText, 0, 1, 2);
  return take(Piece::Kind::kPlaceholder, 1, end - 1, end + 1);
}

std::vector<Piece> PiecesOf(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) pieces.push_back(TakePiece(text));
  return pieces;
}

const Placeholder* Find(std::string_view name) {
  const auto* const found =
      std::find_if(kPlaceholders.begin(), kPlaceholders.end(),
                   [name](const Placeholder& known) { return known.name == name; });
  return found == kPlaceholders.end() ? nullptr : found;
}

std::string WhyUnknown(std::string_view name) {
  std::vector<std::string> known;
  for (const Placeholder& placeholder : kPlaceholders) known.emplace_back(placeholder.name);
  if (const auto nearest = NearestWord(name, known))
    return fmt::format("has '@{}@', which stands for nothing; did you mean '@{}@'?", name,
                       *nearest);
  return fmt::format("has '@{}@', which stands for nothing; there are @{}@", toml::Printable(name),
                     fmt::join(known, "@, @"));
}

}  // namespace

Refusal WhyNotTemplate(std::string_view text) {
  std::size_t line = 1;
  for (const Piece& piece : PiecesOf(text)) {
    if (piece.kind == Piece::Kind::kStrayAt)
      return fmt::format("has an '@' in its line {} that begins no placeholder; write '@@' for one",
                         line);
    if (piece.kind == Piece::Kind::kPlaceholder && Find(piece.text) == nullptr)
      return WhyUnknown(piece.text);
    line += static_cast<std::size_t>(std::count(piece.text.begin(), piece.text.end(), '\n'));
  }
  return std::nullopt;
}

Result<std::string> FillTemplate(std::string_view text, const SetupHost& host) {
  std::string filled;
  for (const Piece& piece : PiecesOf(text)) {
    if (piece.kind != Piece::Kind::kPlaceholder) {
      filled += piece.text;
      continue;
    }
    const std::string value = Find(piece.text)->value(host);
    if (value.empty())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("this host does not tell what '@{}@' stands for", piece.text),
                  "write the text itself in its place");
    filled += value;
  }
  return filled;
}

}  // namespace lastgood
