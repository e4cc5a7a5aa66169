// SPDX-License-Identifier: MIT
#include "setup/apt_simulation.h"

#include <algorithm>
#include <array>

#include "facts/host_facts.h"

namespace lastgood {

PackageStates ParsePackageStates(std::string_view text) {
  PackageStates states;
  for (const std::string& line : SplitText(text, '\n')) {
    const std::vector<std::string> fields = SplitText(line, '\t');
    if (fields.size() != 3 || fields[2] == "not-installed") continue;
    PackageState& state = states[fields[0]];
    if (state.status != "installed") state = {fields[1], fields[2]};
  }
  return states;
}

std::vector<std::string> InterruptedPackages(const PackageStates& states) {
  constexpr std::array<std::string_view, 5> kInBetween = {
      "half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"};
  std::vector<std::string> names;
  for (const auto& [name, state] : states)
    if (std::find(kInBetween.begin(), kInBetween.end(), state.status) != kInBetween.end())
      names.push_back(name);
  return names;
}

Simulation ParseSimulation(std::string_view text) {
  Simulation simulation;
  for (const std::string& line : SplitText(text, '\n')) {
    const std::vector<std::string> words = WordsOf(line);
    if (words.size() < 3) continue;
    // "Inst NAME (NEW origin [arch])", "Inst NAME [OLD] (NEW origin [arch])", "Remv NAME [OLD]"
    const bool has_old = words[2].starts_with('[') && words[2].ends_with(']');
    if (words[0] == "Remv") {
      simulation.removed.push_back(words[1]);
    } else if (words[0] == "Inst" && has_old && words.size() > 3) {
      simulation.upgraded.push_back(
          {words[1], words[2].substr(1, words[2].size() - 2), words[3].substr(1)});
    } else if (words[0] == "Inst") {
      simulation.installed.push_back(words[1]);
    }
  }
  return simulation;
}

}  // namespace lastgood
