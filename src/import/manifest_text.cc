// SPDX-License-Identifier: MIT
#include "import/manifest_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "toml/document.h"

namespace lastgood {
namespace {

using toml::Quote;

constexpr std::size_t kNameSizeMax = 64;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsNameCharacter(char c) {
  return IsAlphanumeric(c) || c == '.' || c == '_' || c == '+' || c == '-';
}

std::string OneLine(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string FormatFlash(const NewManifest& manifest) {
  std::string text;
  const auto add = [&text](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{} = {}\n", key, Quote(value));
  };
  add("size", manifest.flash_size);
  add("mode", manifest.flash_mode);
  add("freq", manifest.flash_frequency);
  return text.empty() ? text : "\n[firmware.flash]\n" + text;
}

}  // namespace

std::string FormatManifest(const NewManifest& manifest) {
  std::string text = fmt::format(
      "# Made by lastgood import from {} ({}).\nschema = 1\nname = {}\nrecipe = {}\n\n[firmware]\n"
      "name = {}\nversion = {}\nchip = \"{}\"\n",
      OneLine(manifest.source), manifest.origin, Quote(manifest.name), Quote(manifest.recipe),
      Quote(manifest.name), Quote(manifest.version), ChipName(manifest.chip));
  for (const LocatedPart& part : manifest.parts) {
    text += fmt::format(
        "\n[[firmware.part]]\noffset = {:#x}\nurls = [{}]\nsha256 = \"{}\"\nsize = {}\n",
        part.offset, Quote(part.url), part.sha256.ToHex(), part.size_bytes);
  }
  return text + FormatFlash(manifest);
}

std::string NameFrom(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const char next = IsNameCharacter(c) ? c : '-';
    if (name.empty() ? !IsAlphanumeric(next) : next == '-' && name.back() == '-') continue;
    name += next;
  }
  name.resize(std::min(name.size(), kNameSizeMax));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

std::string PercentEncoded(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const bool is_plain =
        IsAlphanumeric(c) || std::string_view("/._~-").find(c) != std::string::npos;
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace lastgood
