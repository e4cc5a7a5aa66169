// SPDX-License-Identifier: MIT
#include "support/fake_board_lines.h"

namespace lastgood::test {

Result<void> FakeBoardLines::Reset(BoardMode mode, int patience) {
  requests.push_back({mode, patience});
  if (failure) return Fail(*failure);
  clock_.SleepFor(reset_time);
  if (on_reset) on_reset(mode, patience);
  return {};
}

}  // namespace lastgood::test
