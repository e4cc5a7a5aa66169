// SPDX-License-Identifier: MIT
// A board's flash as it was, kept as firmware that can be written again: one part at 0x0, the whole
// flash, packed as a .gz in the store.
#pragma once

#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "flash/flash_dump.h"
#include "manifest/manifest.h"
#include "plan/flash_plan.h"
#include "record/record.h"
#include "verify/artifact_store.h"

namespace lastgood {

// The octets that may lie in this board's flash because the store has them: its known-good firmware
// and backups, and `others` (the manifest's). What can not be planned for the board is left out.
Result<std::vector<FlashPlan>> PlansThatMayBeThere(const Record& record, const ArtifactStore& store,
                                                   const std::vector<FirmwareSpec>& others,
                                                   const BoardIdentity& board);
std::vector<KnownContent> KnownContents(const std::vector<FlashPlan>& plans);

// Puts bytes of our own into the store, under their digest; durable when it returns.
Result<Sha256Digest> StoreBytes(const ArtifactStore& store, Bytes bytes, const std::string& name);

struct StoredBackup {
  FirmwareSpec firmware;
  Sha256Digest flashed_digest;
  std::uint64_t stored_bytes = 0;
  bool bootable = false;  // an image is where the chip boots from: it can be a fallback
};

// `running` is what answered on its console before ("MicroPython 1.8.3", "unknown"): what a
// restored board must answer again. Durable when it returns.
Result<StoredBackup> StoreBackup(const ArtifactStore& store, ByteSpan flash,
                                 const BoardIdentity& board, const std::string& running);

}  // namespace lastgood
