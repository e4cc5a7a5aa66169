// SPDX-License-Identifier: MIT
// The kind `command`: three programs that check, apply and undo (docs/recipe.md).
//
//   name      what messages call it
//   check     argv; exit status 0 means that there is nothing to do
//   apply     argv
//   undo      argv, optional
//   root      whether apply and undo need root; false when absent
//   timeout_s seconds that each of them may take, 1 to 3600; 60 when absent
//
// No shell reads them: to have one, a recipe names it (["sh", "-c", "…"]).
#pragma once

#include <memory>

#include "setup/step.h"

namespace lastgood {

std::unique_ptr<Step> MakeCommandStep(const StepSpec& spec, toml::TableReader& fields,
                                      toml::Diagnostics& mistakes, SetupHost& host);

}  // namespace lastgood
