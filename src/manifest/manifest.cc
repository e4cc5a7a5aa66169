// SPDX-License-Identifier: MIT
#include "manifest/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/firmware_reader.h"
#include "manifest/schema.h"
#include "manifest/text_rules.h"

namespace lastgood {

namespace {

constexpr std::size_t kFallbacksMax = 16;
constexpr std::size_t kPackagesMax = 64;
constexpr std::size_t kPathSizeMax = 1024;

std::string ReadRecipeName(toml::TableReader& root) {
  std::string recipe = root.RequiredString("recipe");
  if (recipe.empty()) return recipe;
  Accept(root, "recipe", IsPath(recipe) ? WhyNotLine(recipe, kPathSizeMax) : WhyNotName(recipe));
  return recipe;
}

// dependencies = { apt = [...] } is a step of kind "apt", before all others.
std::vector<StepSpec> ReadDependencies(toml::TableReader& root, toml::Diagnostics& diagnostics) {
  const toml::Table* table = root.OptionalTable("dependencies");
  if (table == nullptr) return {};
  toml::TableReader reader(*table, "'dependencies'", diagnostics);
  const auto packages = reader.OptionalStrings("apt");
  AcceptEach(reader, "apt", diagnostics, WhyNotPackage);
  Accept(reader, "apt", WhyNotList(packages, kPackagesMax));
  reader.Finish();
  if (packages.empty()) return {};
  StepSpec step;
  step.kind = "apt";
  step.fields = *table;
  step.document = diagnostics.document();
  return {std::move(step)};
}

bool HaveSameBytes(const FirmwareSpec& a, const FirmwareSpec& b) {
  return std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(),
                    [](const PartSpec& x, const PartSpec& y) {
                      return x.offset == y.offset && x.sha256 == y.sha256 && x.member == y.member;
                    });
}

// A fallback that is what has just failed is none.
void CheckIsAnother(const FirmwareSpec& firmware, const FirmwareSpec& other,
                    toml::Position position, toml::Diagnostics& diagnostics) {
  if (firmware.Title() == other.Title())
    diagnostics.Add(position, fmt::format("'{}' is given twice", firmware.Title()));
  else if (HaveSameBytes(firmware, other))
    diagnostics.Add(
        position, fmt::format("'{}' has the same bytes as '{}'", firmware.Title(), other.Title()));
}

std::string ChipOf(const toml::Table& firmware) {
  const auto chip = firmware.entries.find("chip");
  if (chip == firmware.entries.end()) return {};
  const auto* text = std::get_if<std::string>(&chip->second.data);
  return text == nullptr ? std::string() : *text;
}

std::vector<FirmwareSpec> ReadFallbacks(toml::TableReader& root,
                                        const std::optional<FirmwareSpec>& firmware,
                                        const std::string& chip, toml::Diagnostics& diagnostics) {
  const FirmwarePlace place{"fallback", true, FirmwareOrigin::kManifest, chip};
  std::vector<FirmwareSpec> fallbacks;
  for (const toml::Table* table :
       AtMost(kFallbacksMax, root.OptionalTables("fallback"), root, "fallback")) {
    auto fallback = ReadFirmware(*table, place, diagnostics);
    if (!fallback) continue;
    if (firmware) CheckIsAnother(*fallback, *firmware, table->position, diagnostics);
    for (const FirmwareSpec& earlier : fallbacks)
      CheckIsAnother(*fallback, earlier, table->position, diagnostics);
    fallbacks.push_back(*std::move(fallback));
  }
  return fallbacks;
}

// Handing over the other kind of file is one mistake, not ten.
bool IsRecipe(toml::TableReader& root) {
  return (root.Has("board") || root.Has("extends")) && !root.Has("firmware") && !root.Has("recipe");
}

void ReadManifest(toml::TableReader& root, Manifest& manifest, toml::Diagnostics& diagnostics) {
  manifest.name = root.RequiredString("name");
  if (!manifest.name.empty()) Accept(root, "name", WhyNotName(manifest.name));
  manifest.recipe = ReadRecipeName(root);
  manifest.steps = ReadDependencies(root, diagnostics);
  for (StepSpec& step : ReadSteps(root, diagnostics)) manifest.steps.push_back(std::move(step));
  std::optional<FirmwareSpec> firmware;
  std::string chip;
  if (const toml::Table* table = root.RequiredTable("firmware")) {
    firmware =
        ReadFirmware(*table, {"firmware", false, FirmwareOrigin::kManifest, {}}, diagnostics);
    chip = ChipOf(*table);
  }
  manifest.fallbacks = ReadFallbacks(root, firmware, chip, diagnostics);
  if (firmware) manifest.firmware = *std::move(firmware);
  root.Finish();
}

}  // namespace

std::string FirmwareSpec::Title() const {
  const std::string family = name == "micropython" ? "MicroPython"
                             : name == "at"        ? "AT firmware"
                                                   : name;
  return family + " " + version;
}

Result<Manifest> ParseManifest(std::string text, std::string name) {
  TRY(toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the manifest", diagnostics);
  Manifest manifest;
  if (IsRecipe(root))
    root.Complain(root.Has("board") ? "board" : "extends",
                  "this is a recipe; a manifest names it with the key 'recipe'");
  else if (ReadSchema(root, diagnostics))
    ReadManifest(root, manifest, diagnostics);
  TRY_DO(diagnostics.ToResult());
  manifest.document = std::move(document);
  return manifest;
}

}  // namespace lastgood
