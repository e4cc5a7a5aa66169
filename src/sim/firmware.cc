// SPDX-License-Identifier: MIT
#include "sim/firmware.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "digest/digest.h"

namespace lastgood::sim {
namespace {

using Family = FirmwareFacts::Family;

constexpr std::uint32_t kSectorBytes = 0x1000;
constexpr std::uint32_t kSecondImage = 0x1000;
constexpr std::uint8_t kSecondImageMagic = 0xEA;
constexpr std::uint8_t kSecondImageSegments = 4;
constexpr std::uint32_t kTrailerOffsetWord = 0x8FFC;
constexpr std::uint32_t kIromStart = 0x9000;
constexpr std::uint32_t kMd5Bytes = 16;

bool Contains(std::string_view text, std::string_view wanted) {
  const std::boyer_moore_horspool_searcher searcher(wanted.begin(), wanted.end());
  return std::search(text.begin(), text.end(), searcher) != text.end();
}

// The printable text behind `prefix`, up to a character that ends a banner's version part.
std::optional<std::string> TextBehind(std::string_view text, std::string_view prefix) {
  const std::size_t at = text.find(prefix);
  if (at == std::string_view::npos) return std::nullopt;
  constexpr std::size_t kVersionMax = 80;
  std::string_view rest = text.substr(at + prefix.size(), kVersionMax);
  const auto ends = [](char c) { return c == ';' || c < ' ' || c > '~'; };
  rest = rest.substr(
      0, static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), ends) - rest.begin()));
  return std::string(rest);
}

std::uint32_t Crc32(ByteSpan data) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : data) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

// --- The AT firmware's layout: second-stage loader at 0, the application at 0x1000. ---

std::string SecondStageSpeed(std::uint8_t nibble) {
  switch (nibble) {
    case 0x0:
      return "40MHz";
    case 0x1:
      return "26.7MHz";
    case 0x2:
      return "20MHz";
    default:
      return "80MHz";
  }
}

std::string SecondStageMap(std::uint8_t nibble) {
  constexpr std::array<std::string_view, 7> kMaps = {
      "4Mbit(256KB+256KB)",   "2Mbit",
      "8Mbit(512KB+512KB)",   "16Mbit(512KB+512KB)",
      "32Mbit(512KB+512KB)",  "16Mbit(1024KB+1024KB)",
      "32Mbit(1024KB+1024KB)"};
  return std::string(nibble < kMaps.size() ? kMaps[nibble] : kMaps[0]);
}

std::string SecondStageHeader(ByteSpan flash) {
  constexpr std::array<std::string_view, 4> kModes = {"QIO", "QOUT", "DIO", "DOUT"};
  return fmt::format(
      "\n2nd boot version : 1.5\n  SPI Speed      : {}\n  SPI Mode       : {}\n"
      "  SPI Flash Size & Map: {}\n",
      SecondStageSpeed(flash[3] & 0x0F), kModes[flash[2] % kModes.size()],
      SecondStageMap(flash[3] >> 4));
}

// What stands behind the CRC of a v2 image (13.2).
bool SecondImageIntact(ByteSpan flash, std::uint32_t crc_at) {
  if (crc_at + 4 > flash.size()) return false;
  const std::uint32_t crc = Crc32(flash.subspan(kSecondImage, crc_at - kSecondImage));
  return LoadLe32(flash, crc_at) == ((crc >> 31) != 0 ? ~crc : crc + 1);
}

void ExamineSecondImage(ByteSpan flash, Firmware& firmware) {
  constexpr std::uint32_t kHeaders = 16;
  firmware.second_stage = SecondStageHeader(flash);
  firmware.second_stage_fails = true;
  if (flash.size() < kSecondImage + kHeaders || flash[kSecondImage] != kSecondImageMagic ||
      flash[kSecondImage + 1] != kSecondImageSegments) {
    firmware.second_stage += "error magic!\n";
    return;
  }
  const std::uint32_t irom_bytes = LoadLe32(flash, kSecondImage + 12);
  if (irom_bytes > kFirmwareAreaBytes) return;
  const RomLoad load = LoadImage(flash, kSecondImage + kHeaders + irom_bytes);
  firmware.second_stage += "jump to run user1 @ 1000\n\n";
  firmware.second_stage_fails = false;
  firmware.intact = load.loaded && SecondImageIntact(flash, load.end);
  firmware.end = load.loaded ? load.end + 4 : kSecondImage + kHeaders + irom_bytes;
}

// --- One image, with or without MicroPython's trailer. ---

std::optional<std::uint32_t> TrailerOffset(ByteSpan flash) {
  if (flash.size() < kTrailerOffsetWord + 4) return std::nullopt;
  const std::uint32_t offset = LoadLe32(flash, kTrailerOffsetWord);
  if (offset < kIromStart || offset > kFirmwareAreaBytes || offset + kMd5Bytes > flash.size())
    return std::nullopt;
  return offset;
}

bool TrailerMatches(ByteSpan flash, std::uint32_t trailer) {
  constexpr std::uint32_t kNotCovered = 4;  // the header may be patched
  const Md5Digest md5 = Md5(flash.subspan(kNotCovered, trailer - kNotCovered));
  return std::equal(md5.octets.begin(), md5.octets.end(), flash.begin() + trailer);
}

bool BlankSector(ByteSpan flash, std::uint32_t offset) {
  const ByteSpan sector = flash.subspan(offset, kSectorBytes);
  return std::all_of(sector.begin(), sector.end(),
                     [](std::uint8_t octet) { return octet == 0xFF; });
}

// Without a trailer nothing says how long the code is: up to the first blank sector.
std::uint32_t EndByContent(ByteSpan flash, std::uint32_t from) {
  std::uint32_t end = (from + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  if (end < kIromStart && end + kSectorBytes <= flash.size() && BlankSector(flash, end))
    end = kIromStart;
  while (end + kSectorBytes <= flash.size() && end < kFirmwareAreaBytes && !BlankSector(flash, end))
    end += kSectorBytes;
  return end;
}

Behaviour AskedFor(std::string_view text) {
  if (Contains(text, "lastgood-sim:crashing-late")) return Behaviour::kCrashesLate;
  if (Contains(text, "lastgood-sim:crashing")) return Behaviour::kCrashes;
  if (Contains(text, "lastgood-sim:silent")) return Behaviour::kSilent;
  return Behaviour::kNormal;
}

SdkGeneration GenerationOf(std::string_view text) {
  if (!Contains(text, "Writing init data")) return SdkGeneration::kSdk1;
  return Contains(text, "2.0.0(") ? SdkGeneration::kSdk2_0 : SdkGeneration::kSdk2_1;
}

void Recognise(std::string_view text, Firmware& firmware) {
  firmware.behaviour = AskedFor(text);
  firmware.sdk = GenerationOf(text);
  if (const auto version = TextBehind(text, "MicroPython v")) {
    firmware.family = Family::kMicropython;
    firmware.version = "v" + *version;
  } else if (auto other = TextBehind(text, "Adafruit CircuitPython ")) {
    firmware.family = Family::kCircuitpython;
    firmware.version = *std::move(other);
  } else if (const auto at_version = TextBehind(text, "AT version:")) {
    firmware.family = Family::kAt;
    const bool format_string = !at_version->empty() && at_version->front() == '%';
    if (!format_string) firmware.version = *at_version;
  }
  firmware.corrects_header =
      firmware.family == Family::kMicropython &&
      (firmware.sdk == SdkGeneration::kSdk1 || Contains(text, "Bootloader Flash size appear"));
}

}  // namespace

Firmware ExamineFirmware(ByteSpan flash) {
  Firmware firmware;
  firmware.rom_load = LoadImage(flash, 0);
  if (!firmware.rom_load.loaded) return firmware;
  const ByteSpan area = flash.first(std::min<std::size_t>(flash.size(), kFirmwareAreaBytes));
  const ByteSpan rom_image = area.first(std::min<std::size_t>(area.size(), firmware.rom_load.end));
  if (Contains(AsText(rom_image), "2nd boot version")) {
    ExamineSecondImage(flash, firmware);
  } else if (const auto trailer = TrailerOffset(flash)) {
    firmware.end = *trailer + kMd5Bytes;
    firmware.intact = TrailerMatches(flash, *trailer);
  } else {
    firmware.end = EndByContent(flash, firmware.rom_load.end);
    // Builds with an SDK 2 have a trailer; the code behind it is not there.
    firmware.intact = GenerationOf(AsText(rom_image)) == SdkGeneration::kSdk1;
  }
  Recognise(AsText(area.first(std::min<std::size_t>(area.size(), firmware.end))), firmware);
  return firmware;
}

std::uint32_t HeaderFlashSize(std::uint8_t size_and_frequency, SdkGeneration sdk) {
  constexpr std::array<std::uint32_t, 7> kKibibytes = {512, 256, 1024, 2048, 4096, 2048, 4096};
  const unsigned nibble = size_and_frequency >> 4;
  if (nibble < kKibibytes.size()) return kKibibytes[nibble] << 10;
  if (sdk == SdkGeneration::kSdk2_1 && nibble == 8) return 8U << 20;
  if (sdk == SdkGeneration::kSdk2_1 && nibble == 9) return 16U << 20;
  return 512U << 10;
}

}  // namespace lastgood::sim
