// SPDX-License-Identifier: MIT
#include "manifest/firmware_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.h"
#include "manifest/artifact_reader.h"
#include "manifest/chip_reader.h"
#include "manifest/text_rules.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::int64_t kSectorSize = 4096;
constexpr std::int64_t kFlashSizeMax = 16 << 20;
constexpr std::size_t kPartsMax = 16;

struct PlacedPart {
  PartSpec part;
  toml::Position position;  // of its offset
};

std::string Bracketed(const FirmwarePlace& place) {
  return place.is_array ? fmt::format("[[{}]]", place.path) : fmt::format("[{}]", place.path);
}

std::uint32_t ReadOffset(toml::TableReader& reader) {
  const std::int64_t offset = reader.RequiredInteger("offset", 0, kFlashSizeMax - kSectorSize);
  const std::int64_t below = offset / kSectorSize * kSectorSize;
  if (offset != below)
    reader.Complain("offset", fmt::format("'offset' must be a multiple of 4096 (a flash sector), "
                                          "such as {:#x} or {:#x}",
                                          below, below + kSectorSize));
  return static_cast<std::uint32_t>(offset);
}

std::string ReadMember(toml::TableReader& reader) {
  const std::optional<std::string> member = reader.OptionalString("member");
  if (member) Accept(reader, "member", WhyNotMember(*member));
  return member.value_or("");
}

// What size and sha256 are about: the whole archive when there is a member, whose own size is known
// only when it was taken out.
void ReadArtifact(toml::TableReader& reader, PartSpec& part) {
  part.sha256 = ReadSha256(reader);
  const std::int64_t size_max = reader.Has("member") ? kArchiveSizeMax : kFlashSizeMax;
  part.size_bytes = static_cast<std::uint64_t>(reader.RequiredInteger("size", 1, size_max));
  part.member = ReadMember(reader);
  if (!part.member.empty()) return;
  if (part.offset + part.size_bytes > static_cast<std::uint64_t>(kFlashSizeMax))
    reader.Complain("size", "the part ends behind 16 MiB of flash");
}

std::optional<PlacedPart> ReadPart(const toml::Table& table, const FirmwarePlace& place,
                                   toml::Diagnostics& diagnostics) {
  const std::size_t mistakes = diagnostics.count();
  toml::TableReader reader(table, fmt::format("[[{}.part]]", place.path), diagnostics);
  PartSpec part;
  part.offset = ReadOffset(reader);
  part.urls = ReadUrls(reader, place.origin == FirmwareOrigin::kRecord, diagnostics);
  ReadArtifact(reader, part);
  reader.Finish();
  if (diagnostics.count() != mistakes) return std::nullopt;
  return PlacedPart{std::move(part), reader.PositionOf("offset")};
}

// As far as it is known: a member has at least one octet.
std::uint64_t EndOf(const PartSpec& part) {
  return part.offset + (part.member.empty() ? part.size_bytes : 1);
}

// Offsets are multiples of a sector, so parts that do not overlap do not share a sector either.
void CheckOverlaps(const std::vector<PlacedPart>& parts, toml::Diagnostics& diagnostics) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const PartSpec& before = parts[i - 1].part;
    if (EndOf(before) <= parts[i].part.offset) continue;
    if (!before.member.empty()) {
      diagnostics.Add(parts[i].position,
                      fmt::format("another part starts at {:#x}, too", before.offset));
      continue;
    }
    diagnostics.Add(parts[i].position,
                    fmt::format("this part overlaps the one at {:#x}, which ends at {:#x}",
                                before.offset, EndOf(before)));
  }
}

std::vector<PartSpec> ReadParts(toml::TableReader& firmware, const FirmwarePlace& place,
                                toml::Diagnostics& diagnostics) {
  const auto tables = AtMost(kPartsMax, firmware.RequiredTables("part"), firmware, "part");
  std::vector<PlacedPart> placed;
  for (const toml::Table* table : tables)
    if (auto part = ReadPart(*table, place, diagnostics)) placed.push_back(*std::move(part));
  std::stable_sort(placed.begin(), placed.end(), [](const PlacedPart& a, const PlacedPart& b) {
    return a.part.offset < b.part.offset;
  });
  CheckOverlaps(placed, diagnostics);
  std::vector<PartSpec> parts;
  for (PlacedPart& part : placed) parts.push_back(std::move(part.part));
  return parts;
}

// esptool once took the flash size in megabits, and old guides still say "8m" for one megabyte.
Refusal WhyOldFlashSize(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOldNames = {
      {{"2m", "256KB"},
       {"4m", "512KB"},
       {"8m", "1MB"},
       {"16m", "2MB"},
       {"32m", "4MB"},
       {"32m-c1", "4MB"}}};
  for (const auto& [old_name, name] : kOldNames)
    if (text == old_name)
      return fmt::format("'{}' counts megabits; write '{}', or 'detect'", old_name, name);
  return std::nullopt;
}

// What the chip's image header can say (protocol reference, 13.4).
std::vector<std::string_view> FlashSizesOf(Chip chip) {
  if (IsEsp32Family(chip))
    return {"detect", "keep", "1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB"};
  return {"detect", "keep", "256KB", "512KB", "1MB", "2MB", "4MB", "8MB", "16MB"};
}

void ReadFlashSize(toml::TableReader& reader, Chip chip, FlashSpec& flash) {
  const std::vector<std::string_view> sizes = FlashSizesOf(chip);
  if (const toml::Value* value = reader.Any("size")) {
    const auto* text = std::get_if<std::string>(&value->data);
    if (const Refusal refusal = WhyOldFlashSize(text == nullptr ? "" : *text)) {
      reader.Complain("size", *refusal);
      return;
    }
  }
  const auto choice = reader.OptionalChoice("size", sizes);
  if (!choice || *choice == 0) return;
  flash.size = *choice == 1 ? SizePolicy::kKeep : SizePolicy::kFixed;
  if (*choice > 1) flash.fixed_size_bytes = ParseFlashSize(sizes[*choice]).value_or(0);
}

FlashSpec ReadFlash(const toml::Table* table, const FirmwarePlace& place, Chip chip,
                    toml::Diagnostics& diagnostics) {
  static const std::vector<std::string_view> kModes = {"keep", "qio", "qout", "dio", "dout"};
  static const std::vector<std::string_view> kFrequencies = {"keep", "40m", "26m", "20m", "80m"};
  FlashSpec flash;
  if (table == nullptr) return flash;
  toml::TableReader reader(*table, fmt::format("[{}.flash]", place.path), diagnostics);
  ReadFlashSize(reader, chip, flash);
  if (const auto mode = reader.OptionalChoice("mode", kModes)) flash.mode = kModes[*mode];
  if (const auto freq = reader.OptionalChoice("freq", kFrequencies))
    flash.frequency = kFrequencies[*freq];
  flash.erase_all = reader.OptionalChoice("erase", {"auto", "all"}) == std::size_t{1};
  reader.Finish();
  return flash;
}

Chip ReadChip(toml::TableReader& reader, const FirmwarePlace& place) {
  if (!place.required_chip.empty() && reader.Has("chip")) {
    const auto* text = std::get_if<std::string>(&reader.Any("chip")->data);
    if (text != nullptr && *text != place.required_chip) {
      reader.Complain("chip", fmt::format("a fallback must be for the firmware's chip '{}'",
                                          toml::Printable(place.required_chip)));
      return Chip::kEsp8266;
    }
  }
  return ReadChipName(reader);
}

void CheckFits(const FirmwareSpec& firmware, const toml::Table& flash,
               toml::Diagnostics& diagnostics) {
  if (firmware.flash.size != SizePolicy::kFixed || firmware.parts.empty()) return;
  const std::uint64_t end = EndOf(firmware.parts.back());
  if (end <= firmware.flash.fixed_size_bytes) return;
  diagnostics.Add(flash.entries.at("size").position,
                  fmt::format("the firmware ends at {:#x}, behind the end of {} of flash", end,
                              FormatFlashSize(firmware.flash.fixed_size_bytes)));
}

std::string ReadVersion(toml::TableReader& reader, FirmwareOrigin origin) {
  std::string version = origin == FirmwareOrigin::kRecord
                            ? reader.OptionalString("version").value_or("")
                            : reader.RequiredString("version");
  if (!version.empty()) Accept(reader, "version", WhyNotName(version));
  return version;
}

}  // namespace

std::optional<FirmwareSpec> ReadFirmware(const toml::Table& table, const FirmwarePlace& place,
                                         toml::Diagnostics& diagnostics) {
  const std::size_t mistakes = diagnostics.count();
  toml::TableReader reader(table, Bracketed(place), diagnostics);
  FirmwareSpec firmware;
  firmware.name = reader.RequiredString("name");
  if (!firmware.name.empty()) Accept(reader, "name", WhyNotName(firmware.name));
  firmware.version = ReadVersion(reader, place.origin);
  firmware.chip = ReadChip(reader, place);
  firmware.parts = ReadParts(reader, place, diagnostics);
  const toml::Table* flash = reader.OptionalTable("flash");
  firmware.flash = ReadFlash(flash, place, firmware.chip, diagnostics);
  if (flash != nullptr) CheckFits(firmware, *flash, diagnostics);
  firmware.health = ReadHealth(reader.OptionalTable("health"), place, diagnostics);
  reader.Finish();
  if (diagnostics.count() != mistakes) return std::nullopt;
  return firmware;
}

}  // namespace lastgood
