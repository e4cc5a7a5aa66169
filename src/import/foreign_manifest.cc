// SPDX-License-Identifier: MIT
#include "import/foreign_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "import/foreign_values.h"
#include "import/formats.h"

namespace lastgood {
namespace {

constexpr std::array kFormats = {
    ForeignFormat{"an ESP Web Tools manifest", &IsEspWebTools, &ParseEspWebTools},
    ForeignFormat{"ESP-IDF's flasher_args.json", &IsFlasherArgs, &ParseFlasherArgs},
    ForeignFormat{"Espressif's download.config", &IsDownloadConfig, &ParseDownloadConfig},
};

constexpr std::size_t kPartsMax = 16;

bool LooksLikeJson(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

Result<void> CheckParts(ForeignManifest& manifest, const ForeignSource& source) {
  auto& parts = manifest.parts;
  if (parts.empty()) return ForeignMistake(source, "names no file to flash");
  if (parts.size() > kPartsMax) {
    return ForeignMistake(source, fmt::format("names {} files to flash, at most {} are possible",
                                              parts.size(), kPartsMax));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const ForeignPart& a, const ForeignPart& b) { return a.offset < b.offset; });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i - 1].offset != parts[i].offset) continue;
    return ForeignMistake(source, fmt::format("'{}' and '{}' both go to {:#x}", parts[i - 1].path,
                                              parts[i].path, parts[i].offset));
  }
  return {};
}

Result<void> CheckChip(const ForeignManifest& manifest, const ForeignSource& source,
                       std::optional<Chip> chip) {
  if (!chip || !manifest.chip || chip == manifest.chip) return {};
  return Fail(ExitCode::kUsage, fmt::format("'{}' is for the {}, not for the {}", source.name,
                                            ChipTitle(*manifest.chip), ChipTitle(*chip)));
}

}  // namespace

Result<ForeignManifest> ParseForeignManifest(std::string_view text, const std::string& name,
                                             std::optional<Chip> chip) {
  ForeignSource source{text, name, {}};
  if (LooksLikeJson(text)) {
    Result<json::Value> json = json::Parse(text, name);
    if (!json) return Fail(ExitCode::kInvalidManifest, json.error().message, json.error().hint);
    source.json = *std::move(json);
  }
  for (const ForeignFormat& format : kFormats) {
    if (!format.recognises(source)) continue;
    TRY(ForeignManifest manifest, format.parse(source, chip));
    TRY_DO(CheckChip(manifest, source, chip));
    TRY_DO(CheckParts(manifest, source));
    manifest.origin = format.title;
    return manifest;
  }
  std::string known;
  for (const ForeignFormat& format : kFormats)
    known += (known.empty() ? "" : ", ") + std::string(format.title);
  return Fail(ExitCode::kInvalidManifest, fmt::format("'{}' is nothing that can be imported", name),
              "known: " + known);
}

}  // namespace lastgood
