// SPDX-License-Identifier: MIT
#include "toml/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "toml/document_shared.h"
#include "toml/source_text.h"

namespace lastgood::toml {
namespace {

constexpr std::size_t kMistakesShownMax = 20;

}  // namespace

const Document::Shared& Document::shared() const {
  static const Shared kNothing;  // a document that was never parsed
  return shared_ ? *shared_ : kNothing;
}

const Table& Document::root() const { return shared().root; }
const std::string& Document::text() const { return shared().text; }
const std::string& Document::name() const { return shared().name; }

std::string Document::Diagnose(Position position, std::string_view message) const {
  return toml::Diagnose(text(), name(), position, message);
}

void Diagnostics::Add(Position position, std::string_view message) {
  mistakes_.push_back({position, std::string(message)});
}

void Diagnostics::Replace(std::size_t index, Position position, std::string_view message) {
  mistakes_.at(index) = {position, std::string(message)};
}

Result<void> Diagnostics::ToResult() const {
  if (mistakes_.empty()) return {};
  std::vector<Mistake> sorted = mistakes_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Mistake& a, const Mistake& b) {
    return std::pair(a.position.line, a.position.column) <
           std::pair(b.position.line, b.position.column);
  });
  const std::size_t shown = std::min(sorted.size(), kMistakesShownMax);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += '\n';
    text += document_.Diagnose(sorted[i].position, sorted[i].message);
  }
  if (sorted.size() > shown)
    text += fmt::format("\n{}: error: and {} more", document_.name(), sorted.size() - shown);
  return Fail(ExitCode::kInvalidManifest, std::move(text));
}

}  // namespace lastgood::toml
