// SPDX-License-Identifier: MIT
// Every kind of step, one line each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/nearest_word.h"
#include "setup/apt_step.h"
#include "setup/archive_step.h"
#include "setup/boot_config_step.h"
#include "setup/claims.h"
#include "setup/command_step.h"
#include "setup/directory_step.h"
#include "setup/file_step.h"
#include "setup/group_step.h"
#include "setup/kernel_cmdline_step.h"
#include "setup/line_in_file_step.h"
#include "setup/module_step.h"
#include "setup/reboot_step.h"
#include "setup/service_step.h"
#include "setup/step.h"
#include "setup/udev_rule_step.h"

namespace lastgood {
namespace {

struct StepKind {
  std::string_view name;
  StepMaker make;
};

constexpr std::array kStepKinds = {
    StepKind{"apt", &MakeAptStep},
    StepKind{"archive", &MakeArchiveStep},
    StepKind{"boot-config", &MakeBootConfigStep},
    StepKind{"command", &MakeCommandStep},
    StepKind{"directory", &MakeDirectoryStep},
    StepKind{"file", &MakeFileStep},
    StepKind{"group", &MakeGroupStep},
    StepKind{"kernel-cmdline", &MakeKernelCmdlineStep},
    StepKind{"line-in-file", &MakeLineInFileStep},
    StepKind{"module", &MakeModuleStep},
    StepKind{"reboot", &MakeRebootStep},
    StepKind{"service", &MakeServiceStep},
    StepKind{"udev-rule", &MakeUdevRuleStep},
};

std::vector<std::string> KnownKinds() {
  std::vector<std::string> names;
  for (const StepKind& kind : kStepKinds) names.emplace_back(kind.name);
  return names;
}

// Where a person wrote the kind: the key of that name in a dependency, or the head of a [[step]].
toml::Position PositionOf(const StepSpec& spec) {
  const auto key = spec.fields.key_positions.find(spec.kind);
  return key != spec.fields.key_positions.end() ? key->second : spec.fields.position;
}

tl::unexpected<Error> FailUnknown(const StepSpec& spec) {
  const std::vector<std::string> known = KnownKinds();
  std::string message =
      fmt::format("steps of kind '{}' are not known to this version, which knows {}", spec.kind,
                  fmt::join(known, ", "));
  if (const auto nearest = NearestWord(spec.kind, known))
    message = fmt::format("'{}' is not a kind of step; did you mean '{}'?", spec.kind, *nearest);
  return Fail(ExitCode::kInvalidManifest, spec.document.Diagnose(PositionOf(spec), message));
}

}  // namespace

Result<std::unique_ptr<Step>> MakeStep(const StepSpec& spec, SetupHost& host) {
  const auto kind =
      std::find_if(kStepKinds.begin(), kStepKinds.end(),
                   [&spec](const StepKind& known) { return known.name == spec.kind; });
  if (kind == kStepKinds.end()) return FailUnknown(spec);
  toml::Diagnostics mistakes(spec.document);
  toml::TableReader fields(spec.fields, "[[step]]", mistakes);
  std::unique_ptr<Step> step = kind->make(spec, fields, mistakes, host);
  fields.Finish();
  TRY_DO(mistakes.ToResult());
  return step;
}

Result<std::vector<std::unique_ptr<Step>>> MakeSteps(const std::vector<StepSpec>& specs,
                                                     SetupHost& host) {
  std::vector<std::unique_ptr<Step>> steps;
  std::vector<std::string> mistakes;
  std::vector<std::string> earlier;
  for (const StepSpec& spec : specs) {
    auto step = MakeStep(spec, host);
    if (step) {
      (*step)->ComesAfter(earlier);
      earlier.push_back((*step)->Describe());
      steps.push_back(*std::move(step));
    } else {
      mistakes.push_back(std::move(step).error().message);
    }
  }
  if (!mistakes.empty())
    return Fail(ExitCode::kInvalidManifest, fmt::format("{}", fmt::join(mistakes, "\n")));
  TRY_DO(CheckClaims(specs, steps));
  return steps;
}

}  // namespace lastgood
