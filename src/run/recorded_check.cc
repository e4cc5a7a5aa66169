// SPDX-License-Identifier: MIT
#include "run/recorded_check.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/firmware_reader.h"
#include "toml/document.h"

namespace lastgood {
namespace {

constexpr std::string_view kTable = "check";
// In the order of LinesMover.
constexpr std::array<std::string_view, 3> kMovers = {"host", "person", "nobody"};

std::vector<std::string_view> ChipNames() {
  std::vector<std::string_view> names;
  for (const Chip chip : kChips) names.push_back(ChipName(chip));
  return names;
}

RecordedCheck ReadCheck(const toml::Table& table, toml::Diagnostics& diagnostics) {
  RecordedCheck check;
  toml::TableReader reader(table, "[check]", diagnostics);
  check.seed = static_cast<std::uint32_t>(
      reader.RequiredInteger("seed", 0, std::numeric_limits<std::uint32_t>::max()));
  if (const auto chip = reader.RequiredChoice("chip", ChipNames())) check.chip = kChips[*chip];
  if (const auto mover = reader.RequiredChoice("moved_by", {kMovers.begin(), kMovers.end()}))
    check.moved_by = static_cast<LinesMover>(*mover);
  check.health = ReadHealth(reader.RequiredTable("health"),
                            {std::string(kTable), false, FirmwareOrigin::kRecord, {}}, diagnostics);
  reader.Finish();
  return check;
}

}  // namespace

std::string FormatRecordedCheck(const RecordedCheck& check) {
  return fmt::format("[{}]\nseed = {}\nchip = \"{}\"\nmoved_by = \"{}\"\n{}", kTable, check.seed,
                     ChipName(check.chip), kMovers[static_cast<std::size_t>(check.moved_by)],
                     FormatHealth(check.health, kTable));
}

Result<RecordedCheck> ParseRecordedCheck(std::string text, std::string name) {
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the check", diagnostics);
  RecordedCheck check;
  if (const toml::Table* table = root.RequiredTable(kTable)) check = ReadCheck(*table, diagnostics);
  root.Finish();
  TRY_DO(diagnostics.ToResult());
  return check;
}

}  // namespace lastgood
