// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <variant>

#include "manifest/firmware_reader.h"
#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::int64_t kSettleSecondsMax = 600;
constexpr std::size_t kCommandsMax = 32;
constexpr std::size_t kCodeSizeMax = 4096;
constexpr std::size_t kExpectSizeMax = 1024;
constexpr std::int64_t kLimitSecondsMax = 120;
constexpr std::size_t kFilesMax = 32;
constexpr std::int64_t kMemoryFreeMax = 16 << 20;

constexpr std::array kKinds = {HealthKind::kMicropython, HealthKind::kAt, HealthKind::kBootLog,
                               HealthKind::kNone};

HealthCommand ReadCommand(const toml::Table& table, const std::string& where, HealthKind kind,
                          toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, where, diagnostics);
  HealthCommand command;
  command.code = reader.RequiredString("code");
  if (Accept(reader, "code", WhyNotConsoleText(command.code, kCodeSizeMax)) &&
      kind == HealthKind::kAt && command.code.find('\n') != std::string::npos)
    reader.Complain("code", "an AT command must stand on one line");
  // Empty on purpose: the code only has to run.
  command.expect = reader.Has("expect") ? reader.OptionalString("expect").value_or("")
                                        : reader.RequiredString("expect");
  Accept(reader, "expect", WhyNotConsoleText(command.expect, kExpectSizeMax));
  command.limit = std::chrono::seconds(
      reader.OptionalInteger("limit_s", 1, kLimitSecondsMax).value_or(command.limit.count()));
  reader.Finish();
  return command;
}

// "16 KB" or "16KB": 1024 octets each.
std::optional<std::uint32_t> ParseMemorySize(std::string_view text) {
  std::uint32_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  const bool in_kilobytes = unit == " KB" || unit == "KB";
  if (error != std::errc() || !in_kilobytes || number == 0 || number > kMemoryFreeMax >> 10)
    return std::nullopt;
  return number << 10;
}

std::uint32_t ReadMemoryFree(toml::TableReader& reader) {
  constexpr std::string_view kKey = "memory_free";
  if (!reader.Has(kKey)) return 0;
  const auto* const text = std::get_if<std::string>(&reader.Any(kKey)->data);
  if (text == nullptr)
    return static_cast<std::uint32_t>(reader.OptionalInteger(kKey, 1, kMemoryFreeMax).value_or(0));
  if (const auto size = ParseMemorySize(*text)) return *size;
  reader.Complain(kKey,
                  "'memory_free' must be a number of octets up to 16777216, or a size such as "
                  "\"16 KB\"");
  return 0;
}

std::vector<std::string> ReadFiles(toml::TableReader& reader, toml::Diagnostics& diagnostics) {
  std::vector<std::string> files = reader.OptionalStrings("files");
  if (AcceptEach(reader, "files", diagnostics, WhyNotBoardFile))
    Accept(reader, "files", WhyNotList(files, kFilesMax));
  return files;
}

// A key that nothing looks at would let a person believe that it is checked.
void RefuseUnused(toml::TableReader& reader, HealthKind kind) {
  const auto refuse = [&](std::string_view key, std::string_view why) {
    if (reader.Has(key))
      reader.Complain(key, fmt::format("'{}' has no meaning with kind = \"{}\", which {}", key,
                                       HealthKindName(kind), why));
  };
  const bool asks = kind == HealthKind::kMicropython || kind == HealthKind::kAt;
  for (const std::string_view key : {"version", "run"})
    if (!asks) refuse(key, "asks the board nothing");
  for (const std::string_view key : {"memory_free", "files"})
    if (kind != HealthKind::kMicropython)
      refuse(key, asks ? "has no Python to ask" : "asks the board nothing");
}

std::vector<std::string_view> KindNames() {
  std::vector<std::string_view> names;
  for (const HealthKind kind : kKinds) names.push_back(HealthKindName(kind));
  return names;
}

}  // namespace

std::string_view HealthKindName(HealthKind kind) {
  switch (kind) {
    case HealthKind::kMicropython:
      return "micropython";
    case HealthKind::kAt:
      return "at";
    case HealthKind::kBootLog:
      return "boot-log";
    case HealthKind::kNone:
      return "none";
  }
  return "unknown";
}

HealthSpec ReadHealth(const toml::Table* table, const FirmwarePlace& place,
                      toml::Diagnostics& diagnostics) {
  HealthSpec health;
  if (table == nullptr) return health;
  const std::string where = fmt::format("[{}.health]", place.path);
  toml::TableReader reader(*table, where, diagnostics);
  const auto kind = reader.RequiredChoice("kind", KindNames());
  if (kind) health.kind = kKinds[*kind];
  health.version = reader.OptionalString("version").value_or("");
  if (!health.version.empty()) Accept(reader, "version", WhyNotName(health.version));
  health.settle = std::chrono::seconds(
      reader.OptionalInteger("settle_s", 0, kSettleSecondsMax).value_or(health.settle.count()));
  for (const toml::Table* command :
       AtMost(kCommandsMax, reader.OptionalTables("run"), reader, "run"))
    health.run.push_back(
        ReadCommand(*command, fmt::format("'run' of {}", where), health.kind, diagnostics));
  health.memory_free_bytes = ReadMemoryFree(reader);
  health.files = ReadFiles(reader, diagnostics);
  if (kind && place.origin == FirmwareOrigin::kManifest) RefuseUnused(reader, health.kind);
  reader.Finish();
  return health;
}

}  // namespace lastgood
