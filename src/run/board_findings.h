// SPDX-License-Identifier: MIT
// What an examination of a board means for its owner, as the doctor tells it: wires first, then the
// chip, then the firmware.
#pragma once

#include "base/result.h"
#include "device/board_lines.h"
#include "doctor/finding.h"
#include "recipe/recipe.h"
#include "run/board_examination.h"

namespace lastgood {

Findings FindingsOf(const Result<BoardExamination>& found, const BoardSpec& board);

}  // namespace lastgood
