// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "import/foreign_values.h"
#include "import/formats.h"

namespace lastgood {
namespace {

std::string TextOf(const json::Value& object, std::string_view key) {
  const json::Value* value = object.Find(key);
  return value == nullptr ? std::string() : std::string(value->AsText().value_or(""));
}

bool IsUrl(std::string_view path) {
  return path.starts_with("http://") || path.starts_with("https://");
}

Result<ForeignPart> ReadPart(const json::Value& value, const ForeignSource& source) {
  const std::string path = TextOf(value, "path");
  if (path.empty()) return ForeignMistake(source, "has a part without a path");
  const json::Value* offset = value.Find("offset");
  if (offset == nullptr)
    return ForeignMistake(source, fmt::format("gives no offset for '{}'", path));
  ForeignPart part;
  TRY(part.offset, ReadForeignOffset(*offset, path, source));
  if (IsUrl(path)) {
    part.path = path;
  } else {
    TRY(part.path, CheckForeignPath(path, source));
  }
  return part;
}

// The builds for `chip`, or all of them.
std::vector<const json::Value*> Choose(const json::Array& builds, std::optional<Chip> chip) {
  std::vector<const json::Value*> chosen;
  for (const json::Value& build : builds)
    if (!chip || ParseForeignChip(TextOf(build, "chipFamily")) == chip) chosen.push_back(&build);
  return chosen;
}

Result<const json::Value*> ChooseOne(const json::Array& builds, const ForeignSource& source,
                                     std::optional<Chip> chip) {
  const std::vector<const json::Value*> chosen = Choose(builds, chip);
  if (chosen.size() == 1) return chosen.front();
  std::vector<std::string> families;
  for (const json::Value& build : builds) families.push_back(TextOf(build, "chipFamily"));
  const std::string list = fmt::format("{}", fmt::join(families, ", "));
  if (builds.empty()) return ForeignMistake(source, "has no builds");
  if (!chip) {
    return Fail(ExitCode::kUsage, fmt::format("'{}' has builds for {}", source.name, list),
                "choose one with --chip");
  }
  if (chosen.empty()) {
    return Fail(ExitCode::kUsage,
                fmt::format("'{}' has no build for the {}", source.name, ChipTitle(*chip)),
                "it has: " + list);
  }
  return ForeignMistake(source,
                        fmt::format("has {} builds for the {}", chosen.size(), ChipTitle(*chip)));
}

}  // namespace

bool IsEspWebTools(const ForeignSource& source) {
  if (!source.json) return false;
  const json::Value* builds = source.json->Find("builds");
  return builds != nullptr && builds->AsArray() != nullptr;
}

Result<ForeignManifest> ParseEspWebTools(const ForeignSource& source, std::optional<Chip> chip) {
  TRY(const json::Value* build, ChooseOne(*source.json->Find("builds")->AsArray(), source, chip));
  ForeignManifest manifest;
  manifest.name = TextOf(*source.json, "name");
  manifest.version = TextOf(*source.json, "version");
  const std::string family = TextOf(*build, "chipFamily");
  manifest.chip = ParseForeignChip(family);
  if (!manifest.chip) {
    return ForeignMistake(source,
                          fmt::format("is for the chip '{}', which lastgood does not know", family),
                          "known: " + ChipChoices());
  }
  const json::Value* parts = build->Find("parts");
  if (parts == nullptr || parts->AsArray() == nullptr)
    return ForeignMistake(source, fmt::format("has no parts for the {}", family));
  for (const json::Value& value : *parts->AsArray()) {
    TRY(ForeignPart part, ReadPart(value, source));
    manifest.parts.push_back(std::move(part));
  }
  return manifest;
}

}  // namespace lastgood
