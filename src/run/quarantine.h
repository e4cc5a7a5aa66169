// SPDX-License-Identifier: MIT
// What must not be tried again until a person says so: a firmware on the board on which it failed,
// and on every board once it failed on two and is known good on none.
#pragma once

#include <optional>
#include <string>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "manifest/manifest.h"
#include "record/record.h"

namespace lastgood {

// The same files at the same places with the same flash settings, as the manifest has them. The
// digest of what lies in flash does not carry over from board to board: "detect" makes another
// header for another chip.
bool IsSameFirmware(const FirmwareSpec& a, const FirmwareSpec& b);

// Why `firmware`, which would lie in the flash of `board` as `flashed`, is not to be tried there:
// "MicroPython 2.0.0 failed on board … in run 2 and is quarantined there". nullopt: nothing speaks
// against it.
Result<std::optional<std::string>> FindQuarantine(const Record& record,
                                                  const FirmwareSpec& firmware,
                                                  const Sha256Digest& flashed,
                                                  const MacAddress& board);

// The refusal: kRefused with that reason and with what the board runs, if that is known good.
Result<void> RefuseQuarantined(const Record& record, const std::string& why,
                               const MacAddress& board);

}  // namespace lastgood
