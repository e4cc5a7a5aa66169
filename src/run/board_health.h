// SPDX-License-Identifier: MIT
// Does the firmware that is on the board work? It is reset and asked; nothing is written.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "health/health_verdict.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "run/seams.h"

namespace lastgood {

struct BoardHealth {
  std::string device;  // the serial device, as opened
  HealthVerdict verdict;
};

// Without `health`, any version on any console will do: MicroPython's, else that of AT firmware,
// else a boot log that ends well. Fails when the device or the lines can not be opened, and as
// CheckHealth does.
Result<BoardHealth> CheckBoardHealth(const BoardSeams& seams, const BoardSpec& board,
                                     const std::string& serial_device,
                                     const std::optional<HealthSpec>& health);

}  // namespace lastgood
