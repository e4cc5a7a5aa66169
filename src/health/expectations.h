// SPDX-License-Identifier: MIT
// What [firmware.health] asks of a firmware that has proven itself, as questions for its console:
// each is one piece of code and the judgement on what it prints.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "health/firmware_console.h"
#include "health/health_verdict.h"
#include "manifest/manifest.h"

namespace lastgood {

struct Expectation {
  std::string code;
  std::chrono::milliseconds limit{0};
  // nullopt: it is as expected. No answer within the limit is an answer that says nothing.
  std::function<std::optional<HealthVerdict>(const std::optional<ConsoleAnswer>&)> judge;
  // Asking again changes nothing on the board. A person's commands may, and are sent once.
  bool may_be_repeated = true;
};

// Free memory first, then all files in one question, then the commands in their order.
std::vector<Expectation> ExpectationsOf(const HealthSpec& spec);

}  // namespace lastgood
