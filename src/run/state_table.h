// SPDX-License-Identifier: MIT
// The states of a run and what follows from each: one table. A state is on disk before its action
// starts.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood {

enum class RunState {
  kPlanned,
  kFetched,
  kSetup,
  kReboot,
  kIdentified,
  kFallbackSecured,
  kFlashingNew,
  kHealth,
  kCommitted,
  kFlashingFallback,
  kRolledBack,
  kNeedsHands,
};

// What an error in a state leads to.
enum class OnError {
  kStop,          // nothing on the board was changed: say why and end
  kRollBack,      // the board is unproven: put a fallback on it
  kNextFallback,  // this fallback failed: the next one, or a person
  kNever,         // a state without an action that can fail
};

// What the next start does when the run was cut in a state.
enum class OnResume {
  kDrop,        // nothing had begun
  kStartOver,   // every stage up to here checks before it acts: walk them again
  kFlashAgain,  // the board is unproven: walk again and write whatever is there
  kCheckAgain,  // the write was complete: ask the board
  kFinish,      // only the record is behind: end the run, never touch the board
  kRollBack,    // go on putting a fallback on the board
  kStay,        // a person has to act; no loop at boot
};

struct StateRow {
  RunState state;
  std::string_view
      name;  // as it is stored; "setup" and the flashing states carry a count in their detail
  OnError on_error;
  OnResume on_resume;
};

inline constexpr std::array kStateTable = {
    StateRow{RunState::kPlanned, "planned", OnError::kStop, OnResume::kDrop},
    StateRow{RunState::kFetched, "fetched", OnError::kStop, OnResume::kStartOver},
    StateRow{RunState::kSetup, "setup", OnError::kStop, OnResume::kStartOver},
    StateRow{RunState::kReboot, "reboot", OnError::kStop, OnResume::kStartOver},
    StateRow{RunState::kIdentified, "identified", OnError::kStop, OnResume::kStartOver},
    StateRow{RunState::kFallbackSecured, "fallback-secured", OnError::kStop, OnResume::kStartOver},
    StateRow{RunState::kFlashingNew, "flashing-new", OnError::kRollBack, OnResume::kFlashAgain},
    StateRow{RunState::kHealth, "health", OnError::kRollBack, OnResume::kCheckAgain},
    StateRow{RunState::kCommitted, "committed", OnError::kNever, OnResume::kFinish},
    StateRow{RunState::kFlashingFallback, "flashing-fallback", OnError::kNextFallback,
             OnResume::kRollBack},
    StateRow{RunState::kRolledBack, "rolled-back", OnError::kNever, OnResume::kFinish},
    StateRow{RunState::kNeedsHands, "needs-hands", OnError::kNever, OnResume::kStay},
};

// More transitions than this in one run end it in needs-hands: no loop survives a reboot. Those of
// the host's set-up do not count: they are bounded by its steps, and by the reboots.
inline constexpr int kTransitionsMax = 32;
constexpr bool CountsAsTransition(RunState state) {
  return state != RunState::kSetup && state != RunState::kReboot;
}

// A host that asks for more reboots than this in one run does not become what its steps want.
inline constexpr int kRebootsMax = 2;

std::string_view StateName(RunState state);
// An unknown name (a record from another version) reads as flashing-fallback: the safe thing to do.
RunState StateOfName(std::string_view name);
const StateRow& RowOf(RunState state);

}  // namespace lastgood
