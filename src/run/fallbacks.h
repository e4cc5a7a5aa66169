// SPDX-License-Identifier: MIT
// What a board can be brought back to, in the order of the design: its own last known-good
// firmware, then the manifest's fallbacks as they stand, then what was read from its flash before
// the first write. Each one listed here was read, hashed and planned for this very board.
#pragma once

#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "manifest/manifest.h"
#include "plan/flash_plan.h"
#include "record/record.h"
#include "run/firmware_files.h"
#include "verify/artifact_store.h"

namespace lastgood {

struct Fallback {
  FirmwareSpec firmware;
  Sha256Digest flashed_digest;
  std::string
      origin;  // "known good since 2026-11-01", "pinned in the manifest" or "read from it on …"
  // What was proven on this board with just these settings is not refused again by a rule of thumb.
  Caution caution = Caution::kRefuse;
  bool is_backup = false;  // a copy of the board's whole flash
};

struct FallbackList {
  std::vector<Fallback> usable;
  std::vector<std::string> unusable;  // "MicroPython 1.9.3: not in the store": one line each
};

// What was proven on the board and is quarantined there since comes last; one of the manifest that
// is quarantined there is not usable. Only looks at the store: nothing is downloaded. `avoid` is
// the firmware that is about to be tried.
Result<FallbackList> ListFallbacks(const Record& record, const ArtifactStore& store,
                                   const Manifest& manifest, const BoardIdentity& board,
                                   const Sha256Digest& avoid);

// The octets of one, hashed again and planned again. Fails when the store lost it meanwhile.
Result<FlashPlan> PlanFallback(const ArtifactStore& store, const FirmwareSpec& firmware,
                               const BoardIdentity& board, Caution caution);

}  // namespace lastgood
