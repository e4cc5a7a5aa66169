// SPDX-License-Identifier: MIT
// lastgood import: a manifest out of another tool's file. Sizes and digests are those of the files
// beside it; nothing is fetched.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/commands.h"
#include "cli/locate.h"
#include "digest/digest.h"
#include "host/files.h"
#include "image/content_kind.h"
#include "image/flash_layout.h"
#include "import/foreign_manifest.h"
#include "import/manifest_text.h"
#include "json/json_object.h"
#include "manifest/text_rules.h"
#include "plan/plan.h"
#include "report/print.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kPartBytesMax = 16U << 20;

struct FoundPart {
  ForeignPart part;
  fs::path file;
  Bytes bytes;
};

bool IsUrl(const std::string& path) {
  return path.starts_with("http://") || path.starts_with("https://");
}

// A part that the file names by URL may lie beside it.
fs::path FileOf(const ForeignPart& part, const fs::path& directory) {
  if (!IsUrl(part.path)) return directory / part.path;
  return directory / part.path.substr(part.path.rfind('/') + 1);
}

Result<std::vector<FoundPart>> FindParts(const ForeignManifest& foreign, const std::string& file) {
  const fs::path directory = fs::absolute(file).parent_path();
  std::vector<FoundPart> found;
  std::vector<std::string> missing;
  for (const ForeignPart& part : foreign.parts) {
    const fs::path path = FileOf(part, directory);
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      missing.push_back(fmt::format("'{}'", part.path));
      continue;
    }
    Result<Bytes> bytes = ReadFile(path, kPartBytesMax);
    if (!bytes) return Fail(ExitCode::kUsage, bytes.error().message, bytes.error().hint);
    found.push_back({part, path.lexically_normal(), *std::move(bytes)});
  }
  if (missing.empty()) return found;
  return Fail(ExitCode::kUsage,
              fmt::format("not at hand beside '{}': {}", file, fmt::join(missing, ", ")),
              fmt::format("put {} there: sizes and digests are taken from the files themselves",
                          missing.size() == 1 ? "it" : "them"));
}

// Parts in order of offset.
Result<void> CheckPlaces(const std::vector<FoundPart>& parts) {
  std::uint64_t end = 0;
  const FoundPart* before = nullptr;
  for (const FoundPart& part : parts) {
    if (part.bytes.empty())
      return Fail(ExitCode::kInvalidManifest, fmt::format("'{}' is empty", part.part.path));
    if (part.part.offset < end) {
      return Fail(ExitCode::kInvalidManifest,
                  fmt::format("'{}' at {:#x} overlaps '{}', which ends at {:#x}", part.part.path,
                              part.part.offset, before->part.path, end));
    }
    end = part.part.offset + std::uint64_t{part.bytes.size()};
    before = &part;
  }
  return {};
}

// What the images say, when the file does not.
std::optional<Chip> ChipOfParts(const std::vector<FoundPart>& parts) {
  constexpr std::uint8_t kImageMagic = 0xE9;
  for (const FoundPart& part : parts)
    if (!Esp32FamilyChip(part.bytes).empty()) return ChipOfImage(part.bytes);
  for (const FoundPart& part : parts)
    if (part.part.offset == 0 && !part.bytes.empty() && part.bytes[0] == kImageMagic)
      return Chip::kEsp8266;
  return std::nullopt;
}

Result<Chip> ChooseChip(const ForeignManifest& foreign, const std::vector<FoundPart>& parts,
                        std::optional<Chip> wanted, const std::string& file) {
  std::optional<Chip> chip = foreign.chip ? foreign.chip : wanted;
  if (!chip) chip = ChipOfParts(parts);
  if (!chip) {
    return Fail(ExitCode::kUsage, fmt::format("'{}' does not say for which chip it is", file),
                "say it with --chip");
  }
  for (const FoundPart& part : parts) {
    const std::string built_for = Esp32FamilyChip(part.bytes);
    if (built_for.empty() || built_for == ChipTitle(*chip)) continue;
    return Fail(ExitCode::kInvalidManifest,
                fmt::format("'{}' is built for the {}, not for the {}", part.part.path, built_for,
                            ChipTitle(*chip)));
  }
  return *chip;
}

AppDescriptor DescriptorOf(const std::vector<FoundPart>& parts) {
  for (const FoundPart& part : parts)
    if (auto descriptor = FindAppDescriptor(part.bytes)) return *std::move(descriptor);
  return {};
}

// The first that leaves something of a name.
std::string FirstName(std::initializer_list<std::string_view> candidates) {
  for (const std::string_view candidate : candidates)
    if (std::string name = NameFrom(candidate); !name.empty()) return name;
  return {};
}

std::string LargestStem(const std::vector<FoundPart>& parts) {
  const FoundPart* largest = &parts.front();
  for (const FoundPart& part : parts)
    if (part.bytes.size() > largest->bytes.size()) largest = &part;
  return largest->file.stem().string();
}

std::string UrlOf(const FoundPart& part, const std::string& base_url) {
  if (IsUrl(part.part.path)) return part.part.path;
  if (base_url.empty()) return "file://" + PercentEncoded(part.file.string());
  return base_url + (base_url.ends_with('/') ? "" : "/") + PercentEncoded(part.part.path);
}

Result<NewManifest> Fill(const ForeignManifest& foreign, const std::vector<FoundPart>& parts,
                         const CommandLine& line, const std::string& file,
                         std::optional<Chip> wanted) {
  NewManifest manifest;
  manifest.source = fs::path(file).filename().string();
  manifest.origin = foreign.origin;
  TRY(manifest.chip, ChooseChip(foreign, parts, wanted, file));
  const AppDescriptor app = DescriptorOf(parts);
  manifest.name = FirstName({line.import_name, foreign.name, app.project, LargestStem(parts)});
  manifest.version = FirstName({line.import_version, foreign.version, app.version});
  if (manifest.version.empty()) {
    return Fail(ExitCode::kUsage, fmt::format("'{}' does not say which version it is", file),
                "say it with --firmware-version");
  }
  // A recipe's path counts from the manifest's place, which may be elsewhere.
  manifest.recipe =
      IsPath(line.recipe) ? fs::absolute(line.recipe).lexically_normal().string() : line.recipe;
  manifest.flash_size = foreign.flash_size;
  manifest.flash_mode = foreign.flash_mode;
  manifest.flash_frequency = foreign.flash_frequency;
  for (const FoundPart& part : parts) {
    manifest.parts.push_back(
        {part.part.offset, UrlOf(part, line.base_url), Sha256(part.bytes), part.bytes.size()});
  }
  return manifest;
}

// What is handed out passes `lastgood check`.
Result<void> CheckText(const std::string& text, Toolbox& tools) {
  TRY(Manifest manifest, ParseManifest(text, "the imported manifest"));
  TRY(LocatedRecipe located, LocateRecipe(manifest.recipe, tools));
  TRY([[maybe_unused]] const Plan plan, MakePlan(std::move(manifest), std::move(located.recipe)));
  return {};
}

Result<void> HandOut(const std::string& text, const CommandLine& line, Toolbox& tools) {
  if (line.output.empty()) {
    if (!line.json) Print(tools.out, "{}", text);
    return {};
  }
  std::error_code error;
  if (!line.force && fs::exists(fs::symlink_status(line.output, error))) {
    return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", line.output),
                "--force overwrites it");
  }
  TRY_DO(WriteFileDurably(line.output, AsBytes(text)));
  if (!line.quiet && !line.json) Print(tools.out, "wrote {}\n", line.output);
  return {};
}

Result<std::optional<Chip>> WantedChip(const CommandLine& line) {
  if (line.chip.empty()) return std::optional<Chip>();
  for (const Chip chip : kChips)
    if (line.chip == ChipName(chip) || line.chip == ChipTitle(chip))
      return std::optional<Chip>(chip);
  std::vector<std::string_view> names;
  for (const Chip chip : kChips) names.push_back(ChipName(chip));
  return Fail(ExitCode::kUsage, fmt::format("'{}' is no chip that lastgood knows", line.chip),
              fmt::format("known: {}", fmt::join(names, ", ")));
}

}  // namespace

Result<ExitCode> RunImport(const CommandLine& line, Toolbox& tools) {
  const std::string& file = line.files.front();
  TRY(const std::optional<Chip> wanted, WantedChip(line));
  if (!line.base_url.empty()) {
    if (const Refusal refusal = WhyNotUrl(line.base_url))
      return Fail(ExitCode::kUsage, "--base-url " + *refusal);
  }
  TRY(const std::string source, ReadDescription(file));
  TRY(const ForeignManifest foreign, ParseForeignManifest(source, file, wanted));
  TRY(const std::vector<FoundPart> parts, FindParts(foreign, file));
  TRY_DO(CheckPlaces(parts));
  TRY(const NewManifest manifest, Fill(foreign, parts, line, file, wanted));
  const std::string text = FormatManifest(manifest);
  TRY_DO(CheckText(text, tools));
  TRY_DO(HandOut(text, line, tools));
  if (line.json) {
    JsonObject object;
    object.Set("v", 1).Set("event", "imported").Set("file", file).Set("output", line.output);
    Print(tools.out, "{}\n", object.Set("manifest", text).Dump());
  }
  return ExitCode::kDone;
}

}  // namespace lastgood
