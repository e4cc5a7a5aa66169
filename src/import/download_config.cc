// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "import/foreign_values.h"
#include "import/formats.h"

namespace lastgood {
namespace {

// What says how to talk to the board, not what to write: lastgood's recipes do.
constexpr std::array<std::string_view, 8> kIgnoredWithValue = {
    "p", "port", "b", "baud", "before", "after", "spi_connection", "connect_attempts"};
constexpr std::array<std::string_view, 8> kIgnored = {
    "z", "compress", "u", "no_compress", "no_stub", "verify", "flash_begin", "no_progress"};

std::vector<std::string_view> Words(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kSpace, end);
  }
  return words;
}

bool IsCommand(std::string_view word) { return WithUnderscores(word) == "write_flash"; }

template <class Names>
bool IsOneOf(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class ConfigReader {
 public:
  explicit ConfigReader(const ForeignSource& source)
      : source_(source), words_(Words(source.text)) {}

  Result<ForeignManifest> Read() {
    while (at_ < words_.size()) {
      const std::string_view word = words_[at_++];
      if (word.starts_with('-')) {
        TRY_DO(ReadOption(word.substr(word.find_first_not_of('-') == std::string_view::npos
                                          ? word.size()
                                          : word.find_first_not_of('-'))));
      } else if (!IsCommand(word)) {
        TRY_DO(ReadPart(word));
      }
    }
    return std::move(manifest_);
  }

 private:
  Result<std::string_view> Next(std::string_view after) {
    if (at_ < words_.size()) return words_[at_++];
    return ForeignMistake(source_, fmt::format("ends behind '{}'", after));
  }

  Result<void> ReadOption(std::string_view option) {
    const std::size_t equals = option.find('=');
    const std::string name = WithUnderscores(option.substr(0, equals));
    if (equals == std::string_view::npos && IsOneOf(name, kIgnored)) return {};
    if (name == "encrypt" || name == "encrypt_files") {
      return ForeignMistake(source_, "wants encrypted files, which lastgood does not do",
                            "chips with flash encryption are left alone");
    }
    const bool is_known = IsOneOf(name, kIgnoredWithValue) || name == "chip" ||
                          name == "flash_size" || name == "flash_mode" || name == "flash_freq";
    if (!is_known)
      return ForeignMistake(source_, fmt::format("has an option that is not known: '{}'", option));
    std::string_view value = option.substr(equals == std::string_view::npos ? 0 : equals + 1);
    if (equals == std::string_view::npos) {
      TRY(value, Next(option));
    }
    TRY([[maybe_unused]] const bool set, SetForeignSetting(manifest_, name, value, source_));
    return {};
  }

  Result<void> ReadPart(std::string_view word) {
    const std::optional<std::uint64_t> offset = ParseNumber(word);
    if (!offset)
      return ForeignMistake(source_, fmt::format("has '{}' where an offset should be", word));
    TRY(const std::string_view path, Next(word));
    ForeignPart part;
    TRY(part.offset, CheckForeignOffset(*offset, path, source_));
    TRY(part.path, CheckForeignPath(path, source_));
    manifest_.parts.push_back(std::move(part));
    return {};
  }

  const ForeignSource& source_;
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  ForeignManifest manifest_;
};

}  // namespace

bool IsDownloadConfig(const ForeignSource& source) {
  if (source.json) return false;
  const std::vector<std::string_view> words = Words(source.text);
  if (words.size() < 2) return false;
  // Text that is anything else neither starts with an option nor holds an offset with a file.
  const bool starts_like_one =
      words[0].starts_with("--") || IsCommand(words[0]) || ParseNumber(words[0]);
  return starts_like_one && std::any_of(words.begin(), words.end(), [](std::string_view word) {
           return word.starts_with("0x") && ParseNumber(word);
         });
}

Result<ForeignManifest> ParseDownloadConfig(const ForeignSource& source, std::optional<Chip>) {
  return ConfigReader(source).Read();
}

}  // namespace lastgood
