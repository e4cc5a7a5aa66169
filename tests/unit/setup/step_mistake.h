// SPDX-License-Identifier: MIT
// What a recipe's author is told.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"

namespace lastgood::test {

// The mistakes in a step, one line each, without the lines that show the place: "4:8: 'path' …".
inline std::string MistakesIn(const std::string& text, SetupHost& host) {
  const auto step = MakeStep(SpecOf(text), host);
  if (step) return "none";
  EXPECT_EQ(step.error().code, ExitCode::kInvalidManifest);
  const std::string name = "recipe.toml:";
  const std::string kind = "error: ";
  std::string mistakes;
  std::size_t at = 0;
  while (at < step.error().message.size()) {
    const std::size_t end =
        std::min(step.error().message.find('\n', at), step.error().message.size());
    std::string line = step.error().message.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(name)) continue;
    line.erase(0, name.size());
    line.erase(line.find(kind), kind.size());
    mistakes += (mistakes.empty() ? "" : "\n") + line;
  }
  return mistakes;
}

// Each of `cases` is a step's fields and a part of what its author is told.
inline void ExpectMistakes(const std::string& kind, SetupHost& host,
                           const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [fields, part] : cases) {
    const auto step = MakeStep(SpecOf("[[step]]\nkind = \"" + kind + "\"\n" + fields + "\n"), host);
    ASSERT_FALSE(step) << fields;
    EXPECT_NE(step.error().message.find(part), std::string::npos) << fields << "\n"
                                                                  << step.error().message;
  }
}

// How a step's pending changes look in the plan; a failure with its hint.
inline std::string PendingText(Step& step, const SetupHost& host) {
  const auto pending = step.Pending();
  if (!pending)
    return "failure: " + pending.error().message +
           (pending.error().hint.empty() ? "" : "; " + pending.error().hint);
  std::string text;
  for (const Change& change : *pending)
    for (const std::string& line : Preview(change, host)) text += line + "\n";
  return text;
}

}  // namespace lastgood::test
