// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <utility>

#include "import/foreign_values.h"
#include "import/formats.h"

namespace lastgood {
namespace {

Result<void> ReadSettings(const json::Value& root, const ForeignSource& source,
                          ForeignManifest& manifest) {
  for (const char* const table : {"flash_settings", "extra_esptool_args"}) {
    const json::Value* settings = FindKey(root, table);
    if (settings == nullptr || settings->AsObject() == nullptr) continue;
    for (const auto& [key, value] : *settings->AsObject()) {
      const auto text = value.AsText();
      if (!text) continue;
      TRY([[maybe_unused]] const bool known, SetForeignSetting(manifest, key, *text, source));
    }
  }
  return {};
}

// {"app": {"offset": "0x10000", "file": …, "encrypted": "true"}} besides the list of files.
Result<void> RefuseEncrypted(const json::Value& root, const ForeignSource& source) {
  for (const auto& [key, value] : *root.AsObject()) {
    const json::Value* encrypted = value.Find("encrypted");
    if (encrypted == nullptr) continue;
    if (encrypted->AsText() != "true" && encrypted->AsBool() != true) continue;
    return ForeignMistake(source,
                          fmt::format("wants '{}' encrypted, which lastgood does not do", key),
                          "chips with flash encryption are left alone");
  }
  return {};
}

}  // namespace

bool IsFlasherArgs(const ForeignSource& source) {
  if (!source.json) return false;
  const json::Value* files = FindKey(*source.json, "flash_files");
  return files != nullptr && files->AsObject() != nullptr;
}

Result<ForeignManifest> ParseFlasherArgs(const ForeignSource& source, std::optional<Chip>) {
  const json::Value& root = *source.json;
  ForeignManifest manifest;
  TRY_DO(RefuseEncrypted(root, source));
  TRY_DO(ReadSettings(root, source, manifest));
  for (const auto& [key, value] : *FindKey(root, "flash_files")->AsObject()) {
    const auto path = value.AsText();
    if (!path) {
      return ForeignMistake(source,
                            fmt::format("needs a path for {}, not {}", key, value.KindName()));
    }
    ForeignPart part;
    TRY(part.offset, ReadForeignOffset(json::Value(key), *path, source));
    TRY(part.path, CheckForeignPath(*path, source));
    manifest.parts.push_back(std::move(part));
  }
  return manifest;
}

}  // namespace lastgood
