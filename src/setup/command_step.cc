// SPDX-License-Identifier: MIT
#include "setup/command_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "toml/document.h"

namespace lastgood {
namespace {

using Argv = std::vector<std::string>;

constexpr std::chrono::seconds kTimeout{60};
constexpr std::int64_t kTimeoutMax_s = 3600;
constexpr int kFirstSignalStatus = 129;  // 128 + signal number
constexpr std::size_t kLastWordsMax = 200;

struct CommandFields {
  std::string name;
  Argv check;
  Argv apply;
  Argv undo;  // empty when there is none
  std::chrono::seconds timeout = kTimeout;
};

bool IsPlainWord(std::string_view word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%^";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

// As a person would type it into a shell.
std::string CommandLine(const Argv& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    if (IsPlainWord(word)) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
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
  std::string words(text.substr(0, kLastWordsMax));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(words.begin(), words.end(), is_control, ' ');
  return words;
}

std::string HowItEnded(const ProcessResult& result) {
  const std::string words = LastWords(result);
  const std::string how =
      result.exit_status >= kFirstSignalStatus
          ? fmt::format("was ended by signal {}", result.exit_status - kFirstSignalStatus + 1)
          : fmt::format("failed with exit status {}", result.exit_status);
  return words.empty() ? how : fmt::format("{}: {}", how, words);
}

class CommandStep final : public Step {
 public:
  CommandStep(CommandFields fields, ProcessRunner& runner)
      : fields_(std::move(fields)), runner_(runner) {}

  std::string Describe() const override { return "command: " + fields_.name; }

  Result<bool> IsDone() override {
    TRY(const ProcessResult result, Run("check", fields_.check));
    // A program that crashed has not said no.
    if (result.exit_status >= kFirstSignalStatus) return FailedTo("check", fields_.check, result);
    return result.exit_status == 0;
  }

  Result<void> Apply() override { return RunToSuccess("apply", fields_.apply); }

  Result<void> Undo() override {
    if (!CanUndo())
      return Fail(ExitCode::kSetupFailed, fmt::format("'{}' has no undo", Describe()));
    return RunToSuccess("undo", fields_.undo);
  }

  bool CanUndo() const override { return !fields_.undo.empty(); }

  std::vector<std::string> Preview() const override {
    std::vector<std::string> lines = {"check: " + CommandLine(fields_.check),
                                      "apply: " + CommandLine(fields_.apply)};
    if (CanUndo()) lines.push_back("undo:  " + CommandLine(fields_.undo));
    return lines;
  }

 private:
  Result<ProcessResult> Run(std::string_view action, const Argv& argv) {
    ProcessRequest request;
    request.argv = argv;
    request.timeout = fields_.timeout;
    auto result = runner_.Run(request);
    if (result) return result;
    Error error = std::move(result).error();
    error.message = fmt::format("'{}' cannot {}: {}", Describe(), action, error.message);
    return Fail(std::move(error));
  }

  Result<void> RunToSuccess(std::string_view action, const Argv& argv) {
    TRY(const ProcessResult result, Run(action, argv));
    if (result.exit_status != 0) return FailedTo(action, argv, result);
    return {};
  }

  tl::unexpected<Error> FailedTo(std::string_view action, const Argv& argv,
                                 const ProcessResult& result) const {
    return Fail(
        ExitCode::kSetupFailed,
        fmt::format("'{}' cannot {}: '{}' {}", Describe(), action, argv[0], HowItEnded(result)),
        fmt::format("run it by hand: {}", CommandLine(argv)));
  }

  CommandFields fields_;
  ProcessRunner& runner_;
};

void CheckArgv(toml::TableReader& reader, std::string_view key, const Argv& argv) {
  if (!argv.empty() && argv[0].empty())
    reader.Complain(key, fmt::format("'{}' must begin with the name of a program", key));
  const auto has_nul = [](const std::string& word) { return word.find('\0') != word.npos; };
  if (std::any_of(argv.begin(), argv.end(), has_nul))
    reader.Complain(key, fmt::format("'{}' must not contain a NUL character", key));
}

CommandFields ReadFields(toml::TableReader& reader) {
  CommandFields fields;
  fields.name = reader.RequiredString("name");
  fields.check = reader.RequiredStrings("check");
  fields.apply = reader.RequiredStrings("apply");
  fields.undo = reader.OptionalStrings("undo");
  fields.timeout = std::chrono::seconds(
      reader.OptionalInteger("timeout_s", 1, kTimeoutMax_s).value_or(kTimeout.count()));
  CheckArgv(reader, "check", fields.check);
  CheckArgv(reader, "apply", fields.apply);
  CheckArgv(reader, "undo", fields.undo);
  // An empty undo would look like one that does nothing.
  if (reader.Has("undo") && fields.undo.empty())
    reader.Complain("undo", "'undo' must name a program; leave it out when there is none");
  return fields;
}

}  // namespace

Result<std::unique_ptr<Step>> MakeCommandStep(const StepSpec& spec, ProcessRunner& runner) {
  toml::Diagnostics diagnostics(spec.document);
  toml::TableReader reader(spec.fields, "[[step]]", diagnostics);
  CommandFields fields = ReadFields(reader);
  reader.Finish();
  TRY_DO(diagnostics.ToResult());
  return std::make_unique<CommandStep>(std::move(fields), runner);
}

}  // namespace lastgood
