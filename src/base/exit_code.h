// SPDX-License-Identifier: MIT
// The exit codes: one table for the code, the manual page and the README (a test holds them equal).
#pragma once

#include <array>
#include <string_view>

namespace lastgood {

enum class ExitCode : int {
  kDone = 0,
  kInternal = 1,
  kUsage = 2,
  kInvalidManifest = 3,
  kCannotDownload = 4,
  kNotTrusted = 5,
  kSetupFailed = 6,
  kBoard = 7,
  kRolledBack = 8,
  kNeedsHands = 9,
  kRebootNeeded = 10,
  kBusy = 11,
  kRefused = 12,
  kInterrupted = 130,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;
};

inline constexpr std::array kExitCodes = {
    ExitCodeRow{ExitCode::kDone, "done, or nothing to do"},
    ExitCodeRow{ExitCode::kInternal, "internal error"},
    ExitCodeRow{ExitCode::kUsage, "wrong usage"},
    ExitCodeRow{ExitCode::kInvalidManifest, "manifest or recipe invalid"},
    ExitCodeRow{ExitCode::kCannotDownload, "cannot download and nothing cached"},
    ExitCodeRow{ExitCode::kNotTrusted, "artifact not trusted (digest, signature, format)"},
    ExitCodeRow{ExitCode::kSetupFailed, "host set-up failed, undone"},
    ExitCodeRow{ExitCode::kBoard, "board not reachable or not the right one"},
    ExitCodeRow{ExitCode::kRolledBack, "new firmware failed, rolled back, board healthy"},
    ExitCodeRow{ExitCode::kNeedsHands, "rollback failed, board needs hands"},
    ExitCodeRow{ExitCode::kRebootNeeded, "reboot needed to go on"},
    ExitCodeRow{ExitCode::kBusy, "busy: another run holds the board or the state"},
    ExitCodeRow{ExitCode::kRefused, "refused (no fallback, quarantined, unsafe flash settings)"},
    ExitCodeRow{ExitCode::kInterrupted, "interrupted"},
};

}  // namespace lastgood
