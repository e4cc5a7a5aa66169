// SPDX-License-Identifier: MIT
// Everything that can be found out about a board without writing to it. The board is reset several
// times and runs its firmware again at the end.
#pragma once

#include <optional>
#include <string>

#include "base/board_identity.h"
#include "base/result.h"
#include "health/boot_observation.h"
#include "recipe/recipe.h"
#include "record/record.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

struct ExaminationSeams {
  BoardSeams board;
  const std::optional<Record>& record;  // opened read-only; nullopt when there is none yet
  const ArtifactStore& store;           // opened read-only
};

// How what lies in the flash stands to what the record knows of this board.
enum class FlashStanding {
  kUnknownBoard,   // the record has never seen it
  kNothingProven,  // it has, and no firmware was ever proven on it
  kKnownGood,      // the flash holds what was proven, octet for octet
  kChanged,        // it holds something else
  kNotCompared,    // the loader can not tell, or the store lost the octets: the record's word alone
};

struct BoardExamination {
  std::string device;          // the serial device, as opened
  std::string running_before;  // what answered before anything was reset; "unknown"
  // Reset with the boot line asserted; an error when the lines can not do that.
  Result<BootObservation> download = Fail(ExitCode::kBoard, "not asked");
  Result<BoardIdentity> identity = Fail(ExitCode::kBoard, "not asked");
  std::string loader;  // "stub loader 2"; empty without an identity
  std::uint32_t baud = 0;
  // Reset with the boot line released.
  Result<BootObservation> boot = Fail(ExitCode::kBoard, "not asked");
  std::string running;  // what answers afterwards; "unknown"
  FlashStanding standing = FlashStanding::kUnknownBoard;
  std::string known_good;  // title of the firmware that `standing` speaks of
  std::optional<WallTime> good_since;
  std::string recorded;  // what the record says that the board runs; empty = unproven
};

// Fails only when the serial device or the lines can not be opened, the device vanishes, or on an
// interrupt: everything else is a finding.
Result<BoardExamination> ExamineBoard(ExaminationSeams& seams, const BoardSpec& board,
                                      const RunOptions& options);

}  // namespace lastgood
