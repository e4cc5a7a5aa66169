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

std::string FormatPart(const PartSpec& part) {
  std::string urls;
  for (const std::string& url : part.urls) urls += (urls.empty() ? "" : ", ") + Quote(url);
  const std::string member =
      part.member.empty() ? "" : fmt::format("member = {}\n", Quote(part.member));
  return fmt::format(
      "[[firmware.part]]\noffset = {:#x}\nurls = [{}]\nsha256 = \"{}\"\nsize = {}\n{}", part.offset,
      urls, part.sha256.ToHex(), part.size_bytes, member);
}

std::string FormatFlash(const FlashSpec& flash) {
  return fmt::format("[firmware.flash]\nsize = \"{}\"\nmode = {}\nfreq = {}\nerase = \"{}\"\n",
                     FormatSize(flash), Quote(flash.mode), Quote(flash.frequency),
                     flash.erase_all ? "all" : "auto");
}

}  // namespace

std::string FormatHealth(const HealthSpec& health, std::string_view path) {
  // A firmware that is asked nothing must not have the key at all.
  const std::string version =
      health.version.empty() ? "" : fmt::format("version = {}\n", Quote(health.version));
  std::string text = fmt::format("[{}.health]\nkind = \"{}\"\n{}settle_s = {}\n", path,
                                 HealthKindName(health.kind), version, health.settle.count());
  for (const HealthCommand& command : health.run)
    text += fmt::format("[[{}.health.run]]\ncode = {}\nexpect = {}\n", path, Quote(command.code),
                        Quote(command.expect));
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
