// SPDX-License-Identifier: MIT
#include "setup/programs.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

constexpr std::size_t kLastWordsMax = 200;
constexpr std::size_t kOutputMax = 4U << 20;  // the names of all packages are more than a megabyte
constexpr std::chrono::seconds kPause{2};
constexpr std::chrono::seconds kPauseLimit{30};  // of the program that makes the pause

// One line of a program, fit for a message.
std::string Words(std::string_view line) {
  const auto start = line.find_first_not_of(" \t\r");
  if (start == line.npos) return {};
  std::string words(line.substr(start, kLastWordsMax));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(words.begin(), words.end(), is_control, ' ');
  words.erase(words.find_last_not_of(' ') + 1);
  return words;
}

// The last line that says something: where programs put their reason.
std::string LastWords(const ProcessResult& result) {
  std::string_view text =
      result.standard_error.empty() ? result.standard_output : result.standard_error;
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  if (const auto start = text.rfind('\n'); start != std::string_view::npos)
    text.remove_prefix(start + 1);
  return Words(text);
}

// The first line of what it wrote that says `text`; empty when none does.
std::string LineThatSays(std::string_view text, const ProcessResult& result) {
  for (const std::string_view output :
       {std::string_view(result.standard_error), std::string_view(result.standard_output)}) {
    const auto at = output.find(text);
    if (at == output.npos) continue;
    const auto start = output.rfind('\n', at);
    const std::string_view line = output.substr(start == output.npos ? 0 : start + 1);
    return Words(line.substr(0, line.find('\n')));
  }
  return {};
}

Error FailureOf(const Argv& argv, const ProcessResult& result,
                const std::vector<Verdict>& verdicts) {
  for (const Verdict& verdict : verdicts)
    if (const std::string line = LineThatSays(verdict.text, result); !line.empty())
      return {verdict.code, fmt::format("{}: {}", verdict.message, line), verdict.hint};
  return {ExitCode::kSetupFailed, fmt::format("'{}' {}", ProgramOf(argv), HowItEnded(result)),
          fmt::format("run it by hand: {}", CommandLineOf(argv))};
}

Result<void> RunOnce(ProcessRunner& runner, const Argv& argv, std::chrono::milliseconds timeout,
                     const std::vector<Verdict>& verdicts) {
  TRY(const ProcessResult result, RunProgram(runner, argv, timeout));
  if (result.exit_status == 0) return {};
  return Fail(FailureOf(argv, result, verdicts));
}

}  // namespace

std::string HowItEnded(const ProcessResult& result) {
  const std::string words = LastWords(result);
  const std::string how =
      result.exit_status >= kFirstSignalStatus
          ? fmt::format("was ended by signal {}", result.exit_status - kFirstSignalStatus + 1)
          : fmt::format("failed with exit status {}", result.exit_status);
  return words.empty() ? how : fmt::format("{}: {}", how, words);
}

const std::string& ProgramOf(const Argv& argv) {
  if (argv[0] != "env") return argv[0];
  const auto program = std::find_if(argv.begin() + 1, argv.end(), [](const std::string& word) {
    return word.find('=') == word.npos;
  });
  return program == argv.end() ? argv[0] : *program;
}

Argv WithEnvironment(const std::vector<std::string>& settings, const Argv& argv) {
  Argv whole = {"env", "LC_ALL=C"};
  whole.insert(whole.end(), settings.begin(), settings.end());
  whole.insert(whole.end(), argv.begin(), argv.end());
  return whole;
}

Result<ProcessResult> RunProgram(ProcessRunner& runner, const Argv& argv,
                                 std::chrono::milliseconds timeout) {
  ProcessRequest request;
  request.argv = argv;
  request.timeout = timeout;
  request.output_bytes_max = kOutputMax;
  TRY(ProcessResult result, runner.Run(request));
  // Half of an answer is none.
  if (result.standard_output.size() >= kOutputMax)
    return Fail(ExitCode::kSetupFailed,
                fmt::format("'{}' says more than {} MiB", ProgramOf(argv), kOutputMax >> 20),
                fmt::format("run it by hand: {}", CommandLineOf(argv)));
  return result;
}

Result<void> RunToSuccess(ProcessRunner& runner, const Argv& argv,
                          std::chrono::milliseconds timeout) {
  return RunOnce(runner, argv, timeout, {});
}

Result<void> RunPatiently(ProcessRunner& runner, const Argv& argv, const CommandChange& change) {
  for (std::chrono::seconds waited{0};; waited += kPause) {
    auto done = RunOnce(runner, argv, change.timeout, change.verdicts);
    if (done || done.error().code != ExitCode::kBusy || waited >= change.busy_wait) return done;
    TRY_DO(RunToSuccess(runner, {"sleep", std::to_string(kPause.count())}, kPauseLimit));
  }
}

}  // namespace lastgood
