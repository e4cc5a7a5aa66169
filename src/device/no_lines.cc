// SPDX-License-Identifier: MIT
#include "device/no_lines.h"

namespace lastgood {

Result<void> NoLines::Reset(BoardMode mode, int) {
  constexpr auto kRefused = ExitCode::kRefused;
  if (mode == BoardMode::kRun)
    return Fail(
        kRefused, "cannot reset the board into its firmware: no reset line is wired to this host",
        "press and release the board's reset button, or take its power away and give it back");
  return Fail(
      kRefused,
      "cannot put the board into its loader: no reset and boot lines are wired to this host",
      "hold the board's boot button (GPIO0, FLASH), press and release its reset button, "
      "then let go of the boot button");
}

}  // namespace lastgood
