// SPDX-License-Identifier: MIT
#include "setup/command_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "setup/programs.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kTimeout{60};
constexpr std::int64_t kTimeoutMax_s = 3600;

struct CommandFields {
  std::string name;
  Argv check;
  Argv apply;
  Argv undo;  // empty when there is none
  bool needs_root = false;
  std::chrono::seconds timeout = kTimeout;
};

class CommandStep final : public Step {
 public:
  CommandStep(CommandFields fields, const SetupHost& host)
      : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override { return "command: " + fields_.name; }

  Result<std::vector<Change>> Pending() override {
    // These programs know this host only.
    if (!host_.tree.IsRunningHost())
      return Fail(ExitCode::kSetupFailed,
                  "programs of a recipe can not be run for another root directory",
                  "leave the step out of cards with: when = { offline = false }");
    TRY(const ProcessResult result, RunProgram(host_.runner, fields_.check, fields_.timeout));
    if (result.exit_status == 0) return std::vector<Change>();
    // A program that crashed has not said no.
    if (result.exit_status >= kFirstSignalStatus)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' {}", fields_.check[0], HowItEnded(result)),
                  fmt::format("run it by hand: {}", CommandLineOf(fields_.check)));
    CommandChange change;
    change.apply = {fields_.apply};
    if (!fields_.undo.empty()) change.undo = {fields_.undo};
    change.timeout = fields_.timeout;
    change.needs_root = fields_.needs_root;
    return std::vector{Change{std::move(change), {}}};
  }

 private:
  CommandFields fields_;
  const SetupHost& host_;
};

void CheckArgv(toml::TableReader& reader, std::string_view key, const Argv& argv) {
  if (!argv.empty() && argv[0].empty())
    reader.Complain(key, fmt::format("'{}' must begin with the name of a program", key));
  const auto has_nul = [](const std::string& word) { return word.find('\0') != word.npos; };
  if (std::any_of(argv.begin(), argv.end(), has_nul))
    reader.Complain(key, fmt::format("'{}' must not contain a NUL character", key));
}

}  // namespace

std::unique_ptr<Step> MakeCommandStep(const StepSpec& spec, toml::TableReader& reader,
                                      toml::Diagnostics& mistakes, SetupHost& host) {
  CommandFields fields;
  fields.name = spec.name;
  if (spec.name.empty()) mistakes.Add(spec.fields.position, "the step needs a 'name'");
  fields.check = reader.RequiredStrings("check");
  fields.apply = reader.RequiredStrings("apply");
  fields.undo = reader.OptionalStrings("undo");
  fields.needs_root = reader.OptionalBool("root").value_or(false);
  fields.timeout = std::chrono::seconds(
      reader.OptionalInteger("timeout_s", 1, kTimeoutMax_s).value_or(kTimeout.count()));
  CheckArgv(reader, "check", fields.check);
  CheckArgv(reader, "apply", fields.apply);
  CheckArgv(reader, "undo", fields.undo);
  // An empty undo would look like one that does nothing.
  if (reader.Has("undo") && fields.undo.empty())
    reader.Complain("undo", "'undo' must name a program; leave it out when there is none");
  return std::make_unique<CommandStep>(std::move(fields), host);
}

}  // namespace lastgood
