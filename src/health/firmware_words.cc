// SPDX-License-Identifier: MIT
#include "health/firmware_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "health/readable_text.h"

namespace lastgood {
namespace {

enum class Place { kAnywhere, kLineStart };

struct GreetingRow {
  std::string_view words;
  std::string_view product;
  Place place = Place::kAnywhere;  // noise may stand before words that nobody else uses
};

// The version, where there is one, follows the words.
constexpr std::array kGreetings = {
    GreetingRow{"Adafruit CircuitPython ", "CircuitPython"},
    GreetingRow{"Press any key to enter the REPL. Use CTRL-D", "CircuitPython"},
    GreetingRow{"Falling back to built-in command interpreter", kRomBasic},
    GreetingRow{"ESP32 ROM Basic", kRomBasic},
    GreetingRow{"A very Basic ROM console", kRomBasic},
    GreetingRow{"NodeMCU ", "NodeMCU", Place::kLineStart},
    GreetingRow{"Tasmota Version ", "Tasmota"},
    GreetingRow{"ESPHome version ", "ESPHome"},
    GreetingRow{"INIT : Booting version: ", "ESP Easy"},
    GreetingRow{"espruino.com", "Espruino"},
};

// Up to a blank or punctuation; "custom build" is no version, and nor is "ESP32 build".
std::string VersionAtStart(std::string_view text) {
  constexpr std::size_t kVersionMax = 64;
  const std::string_view word = text.substr(0, std::min(text.find_first_of(" \t,;("), kVersionMax));
  const bool has_digit = word.find_first_of("0123456789") != std::string_view::npos;
  const bool has_parts = word.find_first_of(".-") != std::string_view::npos;
  return has_digit && has_parts ? CleanLine(word) : std::string();
}

bool HasLine(std::string_view heard, std::string_view wanted) {
  const auto lines = SplitLines(heard);
  return std::any_of(lines.begin(), lines.end(),
                     [&](std::string_view line) { return CleanLine(line) == wanted; });
}

}  // namespace

ProductName NameInGreetings(std::string_view heard) {
  ProductName name;
  for (const std::string_view line : SplitLines(heard)) {
    for (const GreetingRow& row : kGreetings) {
      const std::size_t at = line.find(row.words);
      if (at == std::string_view::npos || (at > 0 && row.place == Place::kLineStart)) continue;
      if (name.product != row.product) name = {std::string(row.product), {}};
      if (!row.words.ends_with(' ')) continue;
      if (std::string version = VersionAtStart(line.substr(at + row.words.size()));
          !version.empty())
        name.version = std::move(version);
    }
  }
  return name;
}

bool SaysFileSystemIsCorrupt(std::string_view heard) {
  return ContainsLoose(heard, "filesystemstartingatsector") ||
         ContainsLoose(heard, "filesystemappearstobecorrupted");
}

bool IsMakingFileSystem(std::string_view heard) {
  const auto said = FindLoose(heard, "performinginitialsetup");
  if (!said) return false;
  return !HasWords(heard.substr(said->end));
}

bool SaysSoftReset(std::string_view heard) {
  for (const std::string_view words : {"soft reboot", "soft reset", "raw REPL; CTRL-B to exit"})
    if (heard.find(words) != std::string_view::npos) return true;
  return false;
}

bool AsksForPassword(std::string_view heard) {
  const auto lines = SplitLines(heard);
  return !lines.empty() && CleanLine(lines.back()) == "Password:";
}

bool SaysParametersAreInvalid(std::string_view heard) { return HasLine(heard, "invalid"); }

}  // namespace lastgood
