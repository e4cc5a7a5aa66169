// SPDX-License-Identifier: MIT
#include "setup/programs.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

constexpr std::size_t kLastWordsMax = 200;

// The last line that says something: where programs put their reason.
std::string LastWords(const ProcessResult& result) {
  std::string_view text =
      result.standard_error.empty() ? result.standard_output : result.standard_error;
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  if (const auto start = text.rfind('\n'); start != std::string_view::npos)
    text.remove_prefix(start + 1);
  std::string words(text.substr(0, kLastWordsMax));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(words.begin(), words.end(), is_control, ' ');
  return words;
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

Result<ProcessResult> RunProgram(ProcessRunner& runner, const Argv& argv,
                                 std::chrono::milliseconds timeout) {
  ProcessRequest request;
  request.argv = argv;
  request.timeout = timeout;
  return runner.Run(request);
}

Result<void> RunToSuccess(ProcessRunner& runner, const Argv& argv,
                          std::chrono::milliseconds timeout) {
  TRY(const ProcessResult result, RunProgram(runner, argv, timeout));
  if (result.exit_status == 0) return {};
  return Fail(ExitCode::kSetupFailed, fmt::format("'{}' {}", argv[0], HowItEnded(result)),
              fmt::format("run it by hand: {}", CommandLineOf(argv)));
}

}  // namespace lastgood
