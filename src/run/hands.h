// SPDX-License-Identifier: MIT
// What a person is told to do at a board that lastgood could not bring back: its own wires, what to
// measure there, and commands with their arguments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "health/health_verdict.h"
#include "recipe/recipe.h"
#include "record/record.h"
#include "run/fallbacks.h"

namespace lastgood {

// The command that brings back what is at hand: known-good firmware and the manifest's fallbacks by
// one, a copy of the board's own flash by another.
enum class WayBack { kNone, kRollback, kRestore };

struct HandsFacts {
  BoardSpec wiring;
  std::string recipe;         // as commands take it: a name, or a path
  std::string serial_device;  // empty: which one is not known
  std::string board;          // MAC address; empty: it was never identified
  RunId run = 0;
  std::string state_directory;  // as a person gave it; empty: the default
  WayBack way_back = WayBack::kRollback;
  std::optional<Health> last;  // of the last firmware that was asked; nullopt: none could be
};

WayBack WayBackOf(const std::vector<Fallback>& fallbacks);

// `named` is what the manifest calls its recipe, `file` the recipe that was read.
HandsFacts HandsFactsOf(const BoardSpec& wiring, const std::string& named, const std::string& file,
                        RunId run);

// Those of a board that the record knows to be as a run left it that ended in needs-hands; nullopt
// for any other board. Errors as of RecipeOf().
Result<std::optional<HandsFacts>> HandsFactsOf(const Record& record, const BoardRecord& board);

// One line each, first what to look at, then what to type.
std::vector<std::string> WhatHandsCanDo(const HandsFacts& facts);
// Where there is a way back.
std::string CommandBack(const HandsFacts& facts);
// " --state DIR" as a shell takes it, empty for the default: every command that is to be typed
// needs it.
std::string StateArgument(const std::string& state_directory);

}  // namespace lastgood
