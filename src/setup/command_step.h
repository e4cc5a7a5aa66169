// SPDX-License-Identifier: MIT
// The kind `command`: three programs that check, apply and undo (docs/recipe.md).
//
//   name      what messages call it
//   check     argv; exit status 0 means that there is nothing to do
//   apply     argv
//   undo      argv, optional
//   timeout_s seconds that each of them may take, 1 to 3600; 60 when absent
//
// No shell reads them: to have one, a recipe names it (["sh", "-c", "…"]).
#pragma once

#include <memory>

#include "base/result.h"
#include "host/process_runner.h"
#include "recipe/recipe.h"
#include "setup/step.h"

namespace lastgood {

Result<std::unique_ptr<Step>> MakeCommandStep(const StepSpec& spec, ProcessRunner& runner);

}  // namespace lastgood
