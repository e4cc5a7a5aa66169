// SPDX-License-Identifier: MIT
#include "import/foreign_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/units.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kSectorSize = 4096;
constexpr std::uint64_t kFlashSizeMax = 16U << 20;
constexpr std::size_t kPathSizeMax = 512;
constexpr std::array<std::string_view, 5> kModes = {"keep", "qio", "qout", "dio", "dout"};
constexpr std::array<std::string_view, 5> kFrequencies = {"keep", "20m", "26m", "40m", "80m"};

bool HasDotDot(std::string_view path) {
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (path.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return false;
}

bool IsAbsolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') || (path.size() > 1 && path[1] == ':');
}

bool IsFlashSize(std::string_view value) {
  return value == "keep" || value == "detect" || ParseFlashSize(value);
}

template <class Words>
bool IsOneOf(std::string_view value, const Words& words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

}  // namespace

tl::unexpected<Error> ForeignMistake(const ForeignSource& source, std::string what,
                                     std::string hint) {
  return Fail(ExitCode::kInvalidManifest, fmt::format("'{}' {}", source.name, what),
              std::move(hint));
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint32_t> CheckForeignOffset(std::uint64_t offset, std::string_view what,
                                         const ForeignSource& source) {
  if (offset >= kFlashSizeMax) {
    return ForeignMistake(source,
                          fmt::format("puts '{}' at {:#x}, behind 16 MiB of flash", what, offset));
  }
  if (offset % kSectorSize != 0) {
    return ForeignMistake(
        source, fmt::format("puts '{}' at {:#x}, which is not a multiple of 4096 (a flash sector)",
                            what, offset));
  }
  return static_cast<std::uint32_t>(offset);
}

Result<std::uint32_t> ReadForeignOffset(const json::Value& value, std::string_view what,
                                        const ForeignSource& source) {
  if (const auto text = value.AsText()) {
    const std::optional<std::uint64_t> number = ParseNumber(*text);
    if (number) return CheckForeignOffset(*number, what, source);
    return ForeignMistake(source,
                          fmt::format("puts '{}' at '{}', which is no number", what, *text));
  }
  const std::optional<double> number = value.AsNumber();
  if (!number) {
    return ForeignMistake(
        source, fmt::format("needs a number as offset of '{}', not {}", what, value.KindName()));
  }
  if (*number < 0 || *number != std::floor(*number)) {
    // 32.768 is 32768 as it is written where a point parts the thousands.
    const double thousands = *number * 1000;
    const bool is_slip = *number > 0 && std::abs(thousands - std::round(thousands)) < 1e-6 &&
                         std::fmod(std::round(thousands), kSectorSize) == 0;
    return ForeignMistake(
        source, fmt::format("puts '{}' at {}, which is no whole number of bytes", what, *number),
        is_slip ? fmt::format("{0:.0f} ({1:#x}) was probably meant; correct the file", thousands,
                              static_cast<std::uint64_t>(std::round(thousands)))
                : "correct the file");
  }
  if (*number >= static_cast<double>(kFlashSizeMax)) {
    return ForeignMistake(source,
                          fmt::format("puts '{}' at {}, behind 16 MiB of flash", what, *number));
  }
  return CheckForeignOffset(static_cast<std::uint64_t>(*number), what, source);
}

Result<std::string> CheckForeignPath(std::string_view path, const ForeignSource& source) {
  if (path.empty()) return ForeignMistake(source, "names a file to flash with an empty path");
  if (path.size() > kPathSizeMax)
    return ForeignMistake(source, fmt::format("names a path of {} octets", path.size()));
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return ForeignMistake(source, "names a path with control characters");
  if (IsAbsolute(path)) {
    return ForeignMistake(source, fmt::format("names '{}', an absolute path", path),
                          "put the file beside it and write its path from there");
  }
  if (HasDotDot(path) || path.find('\\') != std::string_view::npos) {
    return ForeignMistake(source, fmt::format("names '{}', a path that leaves its directory", path),
                          "put the file beside it and write its path from there");
  }
  while (path.starts_with("./")) path.remove_prefix(2);
  return std::string(path);
}

std::string WithUnderscores(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

const json::Value* FindKey(const json::Value& object, std::string_view key) {
  const json::Object* members = object.AsObject();
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members)
    if (WithUnderscores(name) == key) return &value;
  return nullptr;
}

std::optional<Chip> ParseForeignChip(std::string_view text) {
  for (const Chip chip : kChips)
    if (text == ChipTitle(chip) || text == ChipName(chip)) return chip;
  return std::nullopt;
}

std::string ChipChoices() {
  std::string names;
  for (const Chip chip : kChips) names += (names.empty() ? "" : ", ") + std::string(ChipName(chip));
  return names;
}

Result<bool> SetForeignSetting(ForeignManifest& manifest, std::string_view key,
                               std::string_view value, const ForeignSource& source) {
  const std::string name = WithUnderscores(key);
  const auto set = [&](std::string& field, bool is_known) -> Result<bool> {
    if (!is_known) {
      return ForeignMistake(
          source, fmt::format("sets {} to '{}', which lastgood does not know", name, value));
    }
    field = value;
    return true;
  };
  if (name == "flash_size") return set(manifest.flash_size, IsFlashSize(value));
  if (name == "flash_mode") return set(manifest.flash_mode, IsOneOf(value, kModes));
  if (name == "flash_freq") return set(manifest.flash_frequency, IsOneOf(value, kFrequencies));
  if (name != "chip") return false;
  if (value == "auto") return true;
  manifest.chip = ParseForeignChip(value);
  if (manifest.chip) return true;
  return ForeignMistake(source,
                        fmt::format("is for the chip '{}', which lastgood does not know", value),
                        "known: " + ChipChoices());
}

}  // namespace lastgood
