// SPDX-License-Identifier: MIT
#include "setup/conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace lastgood {
namespace {

// One question to a host.
struct Question {
  std::string fact;                          // "release"
  const std::vector<std::string>& patterns;  // none: it is not asked
  std::string answer;                        // empty: it is not known
  std::string why_unknown;
  std::string hint;
};

std::vector<Question> QuestionsOf(const HostConditions& when, const HostFacts& facts) {
  // That a host has no config.txt is an answer as well.
  const std::string boot = facts.boot_directory.empty() ? "none" : facts.boot_directory;
  return {
      {"model", when.models, facts.model.text, "nothing on it says which model it is",
       "name it: --model NAME, such as \"Raspberry Pi 4 Model B\""},
      {"release", when.releases, facts.release.codename, "its os-release has no VERSION_CODENAME",
       "see whether its /etc/os-release is whole"},
      {"architecture", when.architectures, facts.architecture,
       "its /bin/sh is of none that is known", "see whether its root file system is whole"},
      {"boot", when.boot_directories, boot, {}, {}},
  };
}

bool IsNo(const Question& question) {
  return !question.patterns.empty() && !question.answer.empty() &&
         std::none_of(question.patterns.begin(), question.patterns.end(),
                      [&question](const std::string& pattern) {
                        return FitsPattern(question.answer, pattern);
                      });
}

bool IsUnknown(const Question& question) {
  return !question.patterns.empty() && question.answer.empty();
}

}  // namespace

Result<std::optional<std::string>> WhyNotForHost(const HostConditions& when, const SetupHost& host,
                                                 const std::string& what) {
  const bool is_offline = !host.tree.IsRunningHost();
  if (when.offline && *when.offline != is_offline)
    return is_offline ? "it is for a host that runs, this is another root directory"
                      : "it is for another root directory, this is the host that runs";
  const std::vector<Question> questions = QuestionsOf(when, host.facts);
  // One no settles it, whatever is not known.
  if (const auto no = std::find_if(questions.begin(), questions.end(), &IsNo);
      no != questions.end())
    return fmt::format("it is for {} '{}', this host has '{}'", no->fact,
                       fmt::join(no->patterns, "' or '"), no->answer);
  if (const auto unknown = std::find_if(questions.begin(), questions.end(), &IsUnknown);
      unknown != questions.end())
    return Fail(ExitCode::kSetupFailed,
                fmt::format("whether step '{}' is for this host can not be known: {}", what,
                            unknown->why_unknown),
                unknown->hint);
  return std::nullopt;
}

}  // namespace lastgood
