// SPDX-License-Identifier: MIT
#include "host/clock_synchronisation.h"

#include <sys/timex.h>

#include <system_error>

namespace lastgood {

bool ClockIsSynchronised(const std::filesystem::path& root) {
  timex state{};  // modes = 0: only look
  const int clock = ::adjtimex(&state);
  if (clock != -1 && clock != TIME_ERROR && (state.status & STA_UNSYNC) == 0) return true;
  std::error_code ignored;
  return std::filesystem::exists(root / "run/systemd/timesync/synchronized", ignored);
}

}  // namespace lastgood
