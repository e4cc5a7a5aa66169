// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <array>

#include "manifest/firmware_reader.h"
#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::int64_t kSettleSecondsMax = 600;
constexpr std::size_t kCommandsMax = 32;
constexpr std::size_t kCodeSizeMax = 4096;
constexpr std::size_t kExpectSizeMax = 1024;

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
  reader.Finish();
  return command;
}

// A key that nothing looks at would let a person believe that it is checked.
void RefuseUnused(toml::TableReader& reader, HealthKind kind) {
  for (const std::string_view key : {"version", "run"})
    if (reader.Has(key))
      reader.Complain(key, fmt::format("'{}' has no meaning with kind = \"{}\", which asks the "
                                       "board nothing",
                                       key, HealthKindName(kind)));
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
  const bool asks = health.kind == HealthKind::kMicropython || health.kind == HealthKind::kAt;
  if (kind && !asks && place.origin == FirmwareOrigin::kManifest) RefuseUnused(reader, health.kind);
  reader.Finish();
  return health;
}

}  // namespace lastgood
