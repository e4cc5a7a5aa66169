// SPDX-License-Identifier: MIT
#include "image/content_kind.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "image/memory_map.h"

namespace lastgood {
namespace {

struct Signature {
  std::string_view start;
  std::string_view description;
};

using namespace std::string_view_literals;  // signatures hold NUL octets

constexpr std::array kSignatures = {
    Signature{"\x1f\x8b"sv, "a gzip file"},
    Signature{"PK\x03\x04"sv, "a zip archive"},
    Signature{"\x7f"
              "ELF"sv,
              "an ELF file"},
    Signature{"BZh"sv, "a bzip2 file"},
    Signature{"\xfd"
              "7zXZ"sv,
              "an xz file"},
    Signature{"\x28\xb5\x2f\xfd"sv, "a zstd file"},
    Signature{"UF2\n"sv, "a UF2 file"},
    Signature{"%PDF"sv, "a PDF file"},
    Signature{"\xaa\x50\x01"sv, "an ESP partition table"},
    Signature{"\xea\x04"sv, "an ESP8266 user image, which a boot loader at 0x0 starts"},
    Signature{"\x05\x00\x04\x02\x05\x05"sv, "an ESP8266 init data block"},
    Signature{"\x05\x08\x04\x02\x05\x05"sv, "an ESP8266 init data block"},
};

constexpr std::size_t kLookedAt = 512;

bool IsTextOctet(std::uint8_t octet) {
  return octet == '\t' || octet == '\n' || octet == '\r' || octet == 0x1B || octet >= 0x20;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string DescribeText(std::string_view text) {
  const std::string lower = LowerCase(text);
  if (lower.find("<html") != std::string::npos || lower.find("<!doctype html") != std::string::npos)
    return "an HTML page";
  const std::size_t first = lower.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string::npos) return "blank text";
  if (lower.compare(first, 5, "<?xml") == 0) return "an XML document";
  if (lower[first] == '{' || lower[first] == '[') return "a JSON document";
  if (lower.compare(first, 9, ":10000000") == 0) return "an Intel HEX file";
  return "text";
}

bool AllAre(ByteSpan bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [value](std::uint8_t b) { return b == value; });
}

struct FamilyMember {
  std::uint16_t chip_id;
  std::string_view name;
};

constexpr std::array kFamily = {
    FamilyMember{0, "ESP32"},     FamilyMember{2, "ESP32-S2"},   FamilyMember{5, "ESP32-C3"},
    FamilyMember{9, "ESP32-S3"},  FamilyMember{12, "ESP32-C2"},  FamilyMember{13, "ESP32-C6"},
    FamilyMember{16, "ESP32-H2"}, FamilyMember{18, "ESP32-P4"},  FamilyMember{20, "ESP32-C61"},
    FamilyMember{23, "ESP32-C5"}, FamilyMember{25, "ESP32-H21"}, FamilyMember{28, "ESP32-H4"},
};

}  // namespace

std::string DescribeContent(ByteSpan content) {
  const ByteSpan head = content.first(std::min(content.size(), kLookedAt));
  if (head.empty()) return "an empty file";
  if (AllAre(head, 0xFF)) return "blank flash (all FF)";
  if (AllAre(head, 0x00)) return "zeros";
  for (const Signature& signature : kSignatures)
    if (AsText(head).substr(0, signature.start.size()) == signature.start)
      return std::string(signature.description);
  if (std::all_of(head.begin(), head.end(), IsTextOctet)) return DescribeText(AsText(head));
  return "unknown data";
}

std::string Esp32FamilyChip(ByteSpan content) {
  constexpr std::size_t kExtendedHeader = 8;
  constexpr std::size_t kFirstSegment = 24;
  if (content.size() < kFirstSegment + 8 || content[0] != 0xE9) return {};
  // An ESP8266 image has a load address here; the pins and drive strengths of the extended header
  // never look like one.
  if (HasMemory(Chip::kEsp8266, LoadLe32(content, kExtendedHeader), 0)) return {};
  const bool reserved_is_zero = AllAre(content.subspan(kExtendedHeader + 11, 4), 0);
  const bool plausible_flag = content[kExtendedHeader + 15] <= 1;
  if (!reserved_is_zero || !plausible_flag) return {};
  const std::uint16_t chip_id = LoadLe16(content, kExtendedHeader + 4);
  for (const FamilyMember& member : kFamily)
    if (member.chip_id == chip_id) return std::string(member.name);
  return {};
}

std::optional<Chip> ChipOfImage(ByteSpan content) {
  const std::string family_chip = Esp32FamilyChip(content);
  if (family_chip.empty()) return Chip::kEsp8266;
  for (const Chip chip : kChips)
    if (ChipTitle(chip) == family_chip) return chip;
  return std::nullopt;
}

}  // namespace lastgood
