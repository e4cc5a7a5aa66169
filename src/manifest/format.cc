// SPDX-License-Identifier: MIT
// Firmware as the record keeps it: the manifest's own notation.
#include <fmt/format.h>

#include <utility>

#include "manifest/firmware_reader.h"
#include "manifest/manifest.h"

namespace lastgood {
namespace {

using toml::Quote;

std::string FormatSize(const FlashSpec& flash) {
  switch (flash.size) {
    case SizePolicy::kDetect:
      return "detect";
    case SizePolicy::kKeep:
      return "keep";
    case SizePolicy::kFixed:
      break;
  }
  const std::uint32_t size = flash.fixed_size_bytes;
  return size >= 1U << 20 ? fmt::format("{}MB", size >> 20) : fmt::format("{}KB", size >> 10);
}

std::string FormatList(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + Quote(text);
  return fmt::format("[{}]", list);
}

std::string FormatPart(const PartSpec& part) {
  const std::string member =
      part.member.empty() ? "" : fmt::format("member = {}\n", Quote(part.member));
  return fmt::format("[[firmware.part]]\noffset = {:#x}\nurls = {}\nsha256 = \"{}\"\nsize = {}\n{}",
                     part.offset, FormatList(part.urls), part.sha256.ToHex(), part.size_bytes,
                     member);
}

std::string FormatFlash(const FlashSpec& flash) {
  return fmt::format("[firmware.flash]\nsize = \"{}\"\nmode = {}\nfreq = {}\nerase = \"{}\"\n",
                     FormatSize(flash), Quote(flash.mode), Quote(flash.frequency),
                     flash.erase_all ? "all" : "auto");
}

std::string FormatCommand(const HealthCommand& command, std::string_view path) {
  const std::string limit = command.limit == HealthCommand().limit
                                ? ""
                                : fmt::format("limit_s = {}\n", command.limit.count());
  return fmt::format("[[{}.health.run]]\ncode = {}\nexpect = {}\n{}", path, Quote(command.code),
                     Quote(command.expect), limit);
}

}  // namespace

// A firmware that is asked nothing must not have the keys of questions at all.
std::string FormatHealth(const HealthSpec& health, std::string_view path) {
  std::string text = fmt::format("[{}.health]\nkind = \"{}\"\nsettle_s = {}\n", path,
                                 HealthKindName(health.kind), health.settle.count());
  if (!health.version.empty()) text += fmt::format("version = {}\n", Quote(health.version));
  if (health.memory_free_bytes != 0)
    text += fmt::format("memory_free = {}\n", health.memory_free_bytes);
  if (!health.files.empty()) text += fmt::format("files = {}\n", FormatList(health.files));
  for (const HealthCommand& command : health.run) text += FormatCommand(command, path);
  return text;
}

std::string FormatFirmware(const FirmwareSpec& firmware) {
  std::string text =
      fmt::format("[firmware]\nname = {}\nversion = {}\nchip = \"{}\"\n", Quote(firmware.name),
                  Quote(firmware.version), ChipName(firmware.chip));
  for (const PartSpec& part : firmware.parts) text += FormatPart(part);
  return text + FormatFlash(firmware.flash) + FormatHealth(firmware.health, "firmware");
}

Result<FirmwareSpec> ParseFirmware(std::string text) {
  TRY(toml::Document document, toml::Document::Parse(std::move(text), "recorded firmware"));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the record", diagnostics);
  std::optional<FirmwareSpec> firmware;
  if (const toml::Table* table = root.RequiredTable("firmware"))
    firmware = ReadFirmware(*table, {"firmware", false, FirmwareOrigin::kRecord, {}}, diagnostics);
  root.Finish();
  TRY_DO(diagnostics.ToResult());
  return *std::move(firmware);
}

}  // namespace lastgood
