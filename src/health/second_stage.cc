// SPDX-License-Identifier: MIT
#include "health/second_stage.h"

#include <algorithm>
#include <array>

#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kPartitionsMax = 32;
constexpr std::size_t kErrorsMax = 8;

// Which of ESP-IDF's tags speak before the application does.
constexpr std::array<std::string_view, 8> kTags = {"boot",     "esp_image",   "flash_parts",
                                                   "qio_mode", "secure_boot", "flash_encrypt",
                                                   "efuse",    "octal"};

// What follows `label` and an optional colon; nullopt when the line has it not.
std::optional<std::string> Labelled(std::string_view line, std::string_view label) {
  const auto match = FindLoose(line, label);
  if (!match) return std::nullopt;
  std::string_view rest = line.substr(match->end);
  const std::size_t begin = std::min(rest.find_first_not_of(" \t:"), rest.size());
  return CleanLine(rest.substr(begin));
}

bool ReadSettings(std::string_view line, SecondStage& stage) {
  if (auto value = Labelled(line, "spispeed")) {
    stage.spi_speed = *std::move(value);
  } else if (auto mode = Labelled(line, "spimode:")) {
    stage.spi_mode = *std::move(mode);
  } else if (auto map = Labelled(line, "spiflashsize&map")) {
    stage.flash_size = *std::move(map);
  } else if (auto size = Labelled(line, "spiflashsize:")) {
    stage.flash_size = *std::move(size);
  } else {
    return false;
  }
  return true;
}

bool ReadAtLoader(std::string_view line, SecondStage& stage) {
  if (auto version = Labelled(line, "2ndbootversion")) {
    stage.version = *std::move(version);
    return true;
  }
  if (auto target = Labelled(line, "jumptorun")) {
    stage.jumps_to = *std::move(target);
    return true;
  }
  return ReadSettings(line, stage);
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// "2 factory          factory app      00 00 00010000 001e0000"
std::optional<BootPartition> ReadPartition(std::string_view text) {
  const std::vector<std::string_view> words = Words(text);
  constexpr std::size_t kNumbers = 4;
  if (words.size() < 2 + kNumbers || !NumberAt(words[0], 0, 10)) return std::nullopt;
  std::array<std::uint32_t, kNumbers> numbers{};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto number = NumberAt(words[words.size() - kNumbers + i], 0, 16);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  if (numbers[0] > 0xff || numbers[1] > 0xff) return std::nullopt;
  return BootPartition{std::string(words[1]), static_cast<std::uint8_t>(numbers[0]),
                       static_cast<std::uint8_t>(numbers[1]), numbers[2], numbers[3]};
}

void ReadIdfText(std::string_view text, SecondStage& stage) {
  if (const auto match = FindLoose(text, "esp-idf")) {
    const std::vector<std::string_view> words = Words(text.substr(match->end));
    if (!words.empty()) stage.version = std::string(words[0]);
  } else if (const auto offset = FindLoose(text, "loadedappfrompartitionatoffset0x")) {
    stage.app_offset = NumberAt(text, offset->end, 16);
  } else if (!ReadSettings(text, stage)) {
    const auto partition = ReadPartition(text);
    if (partition && stage.partitions.size() < kPartitionsMax)
      stage.partitions.push_back(*partition);
  }
}

struct IdfLine {
  char level = 'I';
  std::string_view tagged;  // "boot: ESP-IDF v4.4 2nd stage bootloader"
  std::string_view text;    // behind the tag
};

// "I (29) boot: …"; the number is the time since the start in ms.
std::optional<IdfLine> SplitIdf(std::string_view line) {
  for (const char level : {'I', 'W', 'E', 'D'}) {
    const std::size_t begin = line.find(std::string{level, ' ', '('});
    if (begin == std::string_view::npos) continue;
    const std::size_t close = line.find(") ", begin);
    if (close == std::string_view::npos || !NumberAt(line, begin + 3, 10)) continue;
    const std::string_view tagged = line.substr(close + 2);
    const std::size_t colon = tagged.find(':');
    if (colon == std::string_view::npos) continue;
    return IdfLine{level, tagged, tagged.substr(colon + 1)};
  }
  return std::nullopt;
}

}  // namespace

bool ReadSecondStage(std::string_view line, SecondStage& stage) {
  if (const auto idf = SplitIdf(line)) {
    const bool ours = std::any_of(kTags.begin(), kTags.end(), [&](std::string_view tag) {
      return idf->tagged.starts_with(tag);
    });
    if (!ours) return false;
    stage.seen = true;
    if (idf->level == 'E' && stage.errors.size() < kErrorsMax)
      stage.errors.push_back(CleanLine(idf->tagged));
    else
      ReadIdfText(idf->text, stage);
    return true;
  }
  if (!ReadAtLoader(line, stage)) return false;
  stage.seen = true;
  return true;
}

}  // namespace lastgood
