// SPDX-License-Identifier: MIT
#include "cli/health_output.h"

#include <cstdint>
#include <string_view>

#include "cli/boot_output.h"
#include "json/json_object.h"

namespace lastgood {

std::vector<std::string> DetailsOf(const ToldVerdict& told) {
  std::vector<std::string> details = told.remarks;
  for (const std::string& note : told.verdict.notes) details.push_back(note);
  for (const std::string& line : told.verdict.evidence) details.push_back("heard: " + line);
  return details;
}

std::string JsonOf(const ToldVerdict& told) {
  const HealthVerdict& verdict = told.verdict;
  JsonObject object;
  const auto known = [&object](std::string_view key, const std::string& value) {
    value.empty() ? object.SetNull(key) : object.Set(key, value);
  };
  object.Set("v", 1).Set("event", "verdict").Set("source", told.source).Set("how", told.how);
  object.Set("health", HealthName(verdict.health)).Set("verdict", VerdictName(verdict));
  known("firmware", verdict.firmware);
  known("version", verdict.version);
  known("cause", verdict.cause);
  object.Set("text", verdict.summary).Set("remedy", verdict.remedy);
  object.Set("notes", verdict.notes).Set("evidence", verdict.evidence);
  object.Set("boot", JsonOf(ReadBootLog(verdict.transcript)));
  object.Set("start", static_cast<std::int64_t>(told.start));
  object.Set("starts", static_cast<std::int64_t>(told.starts));
  known("recorded", told.recorded);
  known("trouble", told.trouble);
  object.Set("exit_code", static_cast<std::int64_t>(told.code()));
  return object.Dump();
}

}  // namespace lastgood
