// SPDX-License-Identifier: MIT
// A backup by hand, and the way back from one.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

// Reads the flash of the board that the recipe describes into the store and the record, and into
// `output` unless that is empty: packed when it ends in .gz, as it lies in flash otherwise. The
// board runs again afterwards. kRefused when its loader can not read flash; an `output` that is
// there already is refused before the board is touched.
Result<RunOutcome> BackUpBoard(Seams& seams, const Recipe& recipe, const RunOptions& options,
                               const std::filesystem::path& output);

// A copy of a whole flash, and where it may be written to.
struct FlashCopy {
  FirmwareSpec firmware;
  std::string board;                   // MAC address: to no other one; empty = to any
  std::uint32_t flash_size_bytes = 0;  // to no other size; 0 = what the board's own flash has
};

// The newest backup of the board that `mac` names, or of the only one with backups when it is
// empty. kRefused when there is none, kUsage when several boards match.
Result<FlashCopy> NewestBackup(const Record& record, const std::string& mac);

// A copy of a whole flash that somebody has in a file, packed or not, put into the store.
// kNotTrusted when it is not the size of a flash chip.
Result<FlashCopy> BackupInFile(const ArtifactStore& store, const std::filesystem::path& file,
                               Chip chip);

}  // namespace lastgood
