// SPDX-License-Identifier: MIT
// The kinds of files that can be imported: one parser each, in its own file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "import/foreign_manifest.h"
#include "json/json_value.h"

namespace lastgood {

struct ForeignSource {
  std::string_view text;
  std::string name;                 // of the file, for messages
  std::optional<json::Value> json;  // when the text is JSON
};

struct ForeignFormat {
  std::string_view title;
  bool (*recognises)(const ForeignSource& source);
  Result<ForeignManifest> (*parse)(const ForeignSource& source, std::optional<Chip> chip);
};

// https://esphome.github.io/esp-web-tools/: {"name", "version", "builds": [{"chipFamily", "parts":
// [{"path", "offset"}]}]}.
bool IsEspWebTools(const ForeignSource& source);
Result<ForeignManifest> ParseEspWebTools(const ForeignSource& source, std::optional<Chip> chip);

// ESP-IDF's build/flasher_args.json: {"flash_settings": {…}, "flash_files": {"0x1000": path}}. Keys
// come with dashes or underscores.
bool IsFlasherArgs(const ForeignSource& source);
Result<ForeignManifest> ParseFlasherArgs(const ForeignSource& source, std::optional<Chip> chip);

// Espressif's download.config: the end of a flashing tool's command line, options and then pairs of
// offset and file.
bool IsDownloadConfig(const ForeignSource& source);
Result<ForeignManifest> ParseDownloadConfig(const ForeignSource& source, std::optional<Chip> chip);

}  // namespace lastgood
