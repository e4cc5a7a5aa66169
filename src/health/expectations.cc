// SPDX-License-Identifier: MIT
#include "health/expectations.h"

#include <fmt/core.h>

#include "health/readable_text.h"
#include "health/verdict.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuestionMax{10000};
constexpr std::string_view kMemoryQuestion = "import gc;gc.collect();print(gc.mem_free())";

std::string Printed(const std::optional<ConsoleAnswer>& answer) {
  return answer ? answer->output + answer->error : std::string();
}

bool Succeeded(const std::optional<ConsoleAnswer>& answer) {
  return answer && answer->error.empty();
}

Expectation MemoryFree(std::uint32_t expected) {
  const auto judge = [expected](const std::optional<ConsoleAnswer>& answer) {
    const std::string printed = Printed(answer);
    const auto lines = SplitLines(printed);
    const bool told = Succeeded(answer) && lines.size() == 1;
    const auto free = told ? NumberAt(lines[0], 0, 10) : std::nullopt;
    return free && *free >= expected ? std::nullopt
                                     : std::optional(VerdictOfMemoryFree(free, expected, printed));
  };
  return {std::string(kMemoryQuestion), kQuestionMax, judge};
}

// "'mqtt.py' in os.listdir('lib')", asked only where there is such a directory: listdir of none
// raises, and that would be the end of all questions.
std::string IsThere(std::string_view path) {
  std::string directory;
  std::string expression;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    expression += fmt::format("'{}' in os.listdir({})", name,
                              directory.empty() ? "" : fmt::format("'{}'", directory));
    if (slash == std::string_view::npos) return expression;
    expression += " and ";
    directory += (directory.empty() ? "" : "/") + std::string(name);
    path.remove_prefix(slash + 1);
  }
}

Expectation Files(const std::vector<std::string>& files) {
  std::string code = "import os";
  for (const std::string& file : files) code += fmt::format("\nprint({})", IsThere(file));
  const auto judge = [files](const std::optional<ConsoleAnswer>& answer) {
    const std::string printed = Printed(answer);
    const auto lines = SplitLines(printed);
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (i >= lines.size() || lines[i] != "True") missing.push_back(files[i]);
    if (Succeeded(answer) && missing.empty()) return std::optional<HealthVerdict>();
    const bool told = Succeeded(answer) && lines.size() == files.size();
    return std::optional(told ? VerdictOfMissingFiles(missing) : VerdictOfNoFileList(printed));
  };
  return {std::move(code), kQuestionMax, judge};
}

Expectation Command(const HealthCommand& command) {
  const auto judge = [command](const std::optional<ConsoleAnswer>& answer) {
    const bool expected =
        Succeeded(answer) && answer->output.find(command.expect) != std::string::npos;
    return expected ? std::nullopt
                    : std::optional(VerdictOfFailedCommand(command, Printed(answer)));
  };
  return {command.code, command.limit, judge, /*may_be_repeated=*/false};
}

}  // namespace

std::vector<Expectation> ExpectationsOf(const HealthSpec& spec) {
  std::vector<Expectation> expectations;
  if (spec.memory_free_bytes != 0) expectations.push_back(MemoryFree(spec.memory_free_bytes));
  if (!spec.files.empty()) expectations.push_back(Files(spec.files));
  for (const HealthCommand& command : spec.run) expectations.push_back(Command(command));
  return expectations;
}

}  // namespace lastgood
