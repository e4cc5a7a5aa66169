// SPDX-License-Identifier: MIT
#include "health/firmware_version.h"

#include <algorithm>
#include <optional>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kVersionMax = 64;  // longer is not a version, whatever printed it
constexpr std::size_t kImplementationMax = 256;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view WithoutV(std::string_view version) {
  if (version.size() > 1 && version[0] == 'v' && IsDigit(version[1])) version.remove_prefix(1);
  return version;
}

std::string_view UpTo(std::string_view text, std::string_view ends) {
  return text.substr(0, std::min(text.find_first_of(ends), kVersionMax));
}

std::string VersionInBannerLine(std::string_view line) {
  const std::size_t name = line.find("MicroPython ");
  if (name == std::string_view::npos || line.find(" on ", name) == std::string_view::npos)
    return {};
  line.remove_prefix(name + 12);
  if (line.starts_with('(')) {
    const std::size_t remark = line.find(") ");
    if (remark == std::string_view::npos) return {};
    line.remove_prefix(remark + 2);
  }
  return std::string(WithoutV(UpTo(line, " ;")));
}

bool StartsWithDigits(std::string_view text, std::size_t count) {
  return text.size() >= count &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), IsDigit);
}

// What stands behind `label` in a line of its own; nullopt when no line has it.
std::optional<std::string> Labelled(std::string_view text, std::string_view label) {
  for (const std::string_view line : SplitLines(text))
    if (line.starts_with(label))
      return std::string(WithoutV(UpTo(line.substr(label.size()), "( \t")));
  return std::nullopt;
}

}  // namespace

std::string VersionOfBanner(std::string_view text) {
  std::string version;
  for (const std::string_view line : SplitLines(text))
    if (std::string found = VersionInBannerLine(line); !found.empty()) version = std::move(found);
  return version;
}

ProductName NameOfImplementation(std::string_view text) {
  ProductName name;
  const std::string lower = Squash(text.substr(0, kImplementationMax));
  if (lower.find("'circuitpython'") != std::string::npos) name.product = "CircuitPython";
  if (lower.find("'micropython'") != std::string::npos) name.product = "MicroPython";
  const std::size_t begin = text.find("version=(");
  if (begin == std::string_view::npos) return name;
  text = text.substr(begin + 9, kVersionMax);
  text = text.substr(0, text.find(')'));
  while (!text.empty() && IsDigit(text.front())) {
    if (!name.version.empty()) name.version += '.';
    const std::string_view number = UpTo(text, ", ");
    name.version += number;
    text.remove_prefix(number.size());
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
  }
  return name;
}

std::string VersionOfAt(std::string_view text) {
  if (auto version = Labelled(text, "AT version:")) return *std::move(version);
  for (const std::string_view line : SplitLines(text))
    if (StartsWithDigits(line, 8)) return std::string(UpTo(line, " \t"));
  return Labelled(text, "SDK version:").value_or("");
}

bool VersionMatches(std::string_view expected, std::string_view told) {
  expected = WithoutV(expected);
  told = WithoutV(told);
  if (!told.starts_with(expected)) return false;
  if (expected.empty() || told.size() == expected.size()) return true;
  const auto within_component = [](char c) { return IsDigit(c) || IsLetter(c); };
  return !(within_component(expected.back()) && within_component(told[expected.size()]));
}

}  // namespace lastgood
