// SPDX-License-Identifier: MIT
#include "setup/claims.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <string>

#include "toml/source_text.h"

namespace lastgood {
namespace {

struct Claimant {
  const StepSpec* spec;
  std::string value;
};

std::string Conflict(const std::string& thing, const Claimant& first, const Claimant& second) {
  return second.spec->document.Diagnose(
      second.spec->fields.position,
      fmt::format("'{}' is to be '{}' here and '{}' at {}:{}", toml::Printable(thing),
                  toml::Printable(second.value), toml::Printable(first.value),
                  first.spec->document.name(), first.spec->fields.position.line));
}

}  // namespace

Result<void> CheckClaims(const std::vector<StepSpec>& specs,
                         const std::vector<std::unique_ptr<Step>>& steps) {
  std::map<std::string, std::vector<Claimant>> claimants;
  std::vector<std::string> conflicts;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (Claim& claim : steps[i]->Claims()) {
      const Claimant second{&specs[i], std::move(claim.value)};
      for (const Claimant& first : claimants[claim.thing])
        if (first.value != second.value && CanBothHold(first.spec->when, second.spec->when))
          conflicts.push_back(Conflict(claim.thing, first, second));
      claimants[claim.thing].push_back(second);
    }
  }
  if (conflicts.empty()) return {};
  return Fail(ExitCode::kInvalidManifest, fmt::format("{}", fmt::join(conflicts, "\n")));
}

}  // namespace lastgood
