// SPDX-License-Identifier: MIT
// The commands that look at files: check and image.
#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "digest/digest.h"
#include "host/files.h"
#include "image/esp_image.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "setup/step.h"
#include "toml/document.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kImageBytesMax = 16U << 20;

Result<std::string> CheckManifest(const std::string& path, const CommandLine& line,
                                  Toolbox& tools) {
  CommandLine with_file = line;
  with_file.manifest = path;
  TRY(const LocatedPlan located, LocatePlan(with_file, tools.surroundings));
  TRY(const auto steps, MakeSteps(located.plan.steps, tools.process_runner));
  return fmt::format("manifest '{}': {}, {} fallbacks, recipe '{}', {} steps",
                     located.plan.manifest.name, located.plan.manifest.firmware.Title(),
                     located.plan.manifest.fallbacks.size(), located.plan.recipe.name,
                     steps.size());
}

// A recipe has a [board], a manifest has a [firmware].
Result<std::string> CheckFile(const std::string& file, const CommandLine& line, Toolbox& tools) {
  TRY(std::string text, ReadDescription(file));
  TRY(const toml::Document document, toml::Document::Parse(text, file));
  if (!document.root().entries.contains("board")) {
    const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
    return CheckManifest(path, line, tools);
  }
  TRY(const Recipe recipe, ParseRecipe(std::move(text), file));
  TRY(const auto steps, MakeSteps(recipe.steps, tools.process_runner));
  return fmt::format("recipe '{}': {}, {} steps", recipe.name, recipe.title, steps.size());
}

std::string_view FamilyName(FirmwareFamily family) {
  switch (family) {
    case FirmwareFamily::kMicropython:
      return "MicroPython";
    case FirmwareFamily::kAt:
      return "AT firmware";
    case FirmwareFamily::kUnknown:
      break;
  }
  return "unknown firmware";
}

std::string SizeText(const EspImage& image) {
  const auto size = image.HeaderFlashSize();
  return size ? FormatFlashSize(*size) : fmt::format("unknown (nibble {})", image.size_nibble);
}

void PrintImage(const std::string& file, const Bytes& bytes, const EspImage& image,
                std::FILE* out) {
  fmt::print(out, "{}: {}{}{}\n", file, FamilyName(image.family), image.version.empty() ? "" : " ",
             image.version);
  fmt::print(out, "  header    flash size {}, mode {}, entry 0x{:08x}, checksum 0x{:02x} right\n",
             SizeText(image), image.mode, image.entry, image.checksum);
  for (const ImageSegment& segment : image.segments) {
    fmt::print(out, "  segment   0x{:08x}, {} bytes at 0x{:x}\n", segment.load_address,
               segment.size_bytes, segment.file_offset);
  }
  if (image.has_micropython_trailer) fmt::print(out, "  trailer   MicroPython's MD5 is right\n");
  if (image.writes_init_data) {
    fmt::print(out,
               "  note      boots only with the chip's real flash size in its header (size = "
               "\"detect\" sees to it)\n");
  }
  fmt::print(out, "  manifest  sha256 = \"{}\"\n            size   = {}\n", Sha256(bytes).ToHex(),
             bytes.size());
}

JsonObject JsonOf(const std::string& file, const Bytes& bytes, const EspImage& image) {
  JsonObject object;
  object.Set("v", 1).Set("event", "image").Set("file", file).Set("sha256", Sha256(bytes).ToHex());
  object.Set("size", static_cast<std::int64_t>(bytes.size()))
      .Set("family", FamilyName(image.family));
  object.Set("version", image.version).Set("flash_size_bytes", image.HeaderFlashSize().value_or(0));
  object.Set("entry", image.entry).SetBool("micropython_trailer", image.has_micropython_trailer);
  return object.SetBool("writes_init_data", image.writes_init_data);
}

Result<void> ShowImage(const std::string& file, const CommandLine& line, Toolbox& tools) {
  Result<Bytes> read = ReadFile(file, kImageBytesMax);
  if (!read) return Fail(ExitCode::kUsage, read.error().message, read.error().hint);
  const Bytes bytes = *std::move(read);
  // Looking at a file of one's own is no statement of trust: it is verified against itself.
  TRY(const Verified<Bytes> verified,
      ArtifactVerifier::Verify(bytes, Sha256(bytes), bytes.size(), file));
  Result<EspImage> image = ParseEspImage(verified, Chip::kEsp8266);
  if (!image)
    return Fail(image.error().code, fmt::format("'{}': {}", file, image.error().message),
                image.error().hint);
  if (line.json) {
    fmt::print(tools.out, "{}\n", JsonOf(file, bytes, *image).Dump());
  } else {
    PrintImage(file, bytes, *image, tools.out);
  }
  return {};
}

}  // namespace

Result<ExitCode> RunCheck(const CommandLine& line, Toolbox& tools) {
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : line.files) {
    const Result<std::string> checked = CheckFile(file, line, tools);
    if (!checked) {
      PrintError(checked.error(), line.json, tools.out, tools.err);
      worst = checked.error().code;
    } else if (line.json) {
      fmt::print(tools.out, "{}\n",
                 JsonObject()
                     .Set("v", 1)
                     .Set("event", "checked")
                     .Set("file", file)
                     .Set("text", *checked)
                     .Dump());
    } else if (!line.quiet) {
      fmt::print(tools.out, "{}: ok, {}\n", file, *checked);
    }
  }
  return worst;
}

Result<ExitCode> RunImage(const CommandLine& line, Toolbox& tools) {
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : line.files) {
    if (const Result<void> shown = ShowImage(file, line, tools); !shown) {
      PrintError(shown.error(), line.json, tools.out, tools.err);
      worst = shown.error().code;
    }
  }
  return worst;
}

}  // namespace lastgood
