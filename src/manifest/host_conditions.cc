// SPDX-License-Identifier: MIT
#include "manifest/host_conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest_word.h"
#include "manifest/text_rules.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kPatternsMax = 64;
constexpr std::size_t kPatternSizeMax = 128;

using Words = std::vector<std::string>;

// How a pattern begins, and whether that is all of it.
std::string_view StartOf(std::string_view pattern) {
  return pattern.ends_with('*') ? pattern.substr(0, pattern.size() - 1) : pattern;
}

// Whether there may be a word that fits both.
bool CanBothFit(std::string_view a, std::string_view b) {
  if (!a.ends_with('*')) return FitsPattern(a, b);
  if (!b.ends_with('*')) return FitsPattern(b, a);
  return StartOf(a).starts_with(StartOf(b)) || StartOf(b).starts_with(StartOf(a));
}

bool CanBothFit(const Words& a, const Words& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&b](const std::string& one) {
    return std::any_of(b.begin(), b.end(),
                       [&one](const std::string& other) { return CanBothFit(one, other); });
  });
}

Refusal WhyNotPattern(std::string_view pattern, const Words& known) {
  if (pattern.empty()) return "must not be empty";
  if (auto refusal = WhyNotLine(pattern, kPatternSizeMax)) return refusal;
  if (StartOf(pattern).find('*') != pattern.npos) return "can have a '*' at its end only";
  const auto fits = [pattern](const std::string& word) { return FitsPattern(word, pattern); };
  if (known.empty() || std::any_of(known.begin(), known.end(), fits)) return std::nullopt;
  const std::string shown = toml::Printable(pattern);
  if (const auto nearest = NearestWord(pattern, known))
    return fmt::format("can not be '{}'; did you mean '{}'?", shown, *nearest);
  return fmt::format("can not be '{}'; known: {}", shown, fmt::join(known, ", "));
}

// `known`: all words that there are, since a slip would leave the step out everywhere and nobody
// would be told; empty when they can not be listed.
Words ReadPatterns(toml::TableReader& reader, toml::Diagnostics& diagnostics, std::string_view key,
                   const Words& known) {
  const toml::Value* value = reader.Any(key);
  if (value == nullptr) return {};
  const auto rule = [&known](std::string_view pattern) { return WhyNotPattern(pattern, known); };
  if (const auto* pattern = std::get_if<std::string>(&value->data)) {
    Accept(reader, key, rule(*pattern));
    return {*pattern};
  }
  if (!std::holds_alternative<toml::Array>(value->data)) {
    reader.Complain(key, fmt::format("'{}' must be a string or an array of strings", key));
    return {};
  }
  Words patterns = reader.RequiredStrings(key);
  AcceptEach(reader, key, diagnostics, rule);
  Accept(reader, key, WhyNotList(patterns, kPatternsMax));
  return patterns;
}

}  // namespace

bool FitsPattern(std::string_view word, std::string_view pattern) {
  return pattern.ends_with('*') ? word.starts_with(StartOf(pattern)) : word == pattern;
}

bool CanBothHold(const HostConditions& a, const HostConditions& b) {
  return CanBothFit(a.models, b.models) && CanBothFit(a.releases, b.releases) &&
         CanBothFit(a.architectures, b.architectures) &&
         CanBothFit(a.boot_directories, b.boot_directories) &&
         (!a.offline || !b.offline || a.offline == b.offline);
}

HostConditions ReadConditions(const toml::Table& table, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "'when'", diagnostics);
  HostConditions when;
  when.models = ReadPatterns(reader, diagnostics, "model", {});
  when.releases = ReadPatterns(reader, diagnostics, "release", {});
  when.architectures = ReadPatterns(reader, diagnostics, "architecture",
                                    {"amd64", "arm64", "armel", "armhf", "i386", "riscv64"});
  when.boot_directories = ReadPatterns(reader, diagnostics, "boot", {"/boot", "/boot/firmware"});
  when.offline = reader.OptionalBool("offline");
  reader.Finish();
  return when;
}

}  // namespace lastgood
