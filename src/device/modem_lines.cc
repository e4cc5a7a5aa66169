// SPDX-License-Identifier: MIT
#include "device/modem_lines.h"

#include "device/reset_sequence.h"

namespace lastgood {

Result<void> ModemLines::Reset(BoardMode mode, int patience) {
  return PlaySequence(SequenceFor(mode, patience, sequence_), clock_,
                      [this](bool reset_asserted, bool boot_asserted) -> Result<void> {
                        TRY_DO(modem_.SetModemLines(/*dtr=*/boot_asserted, /*rts=*/reset_asserted));
                        TellWatcher(reset_asserted, boot_asserted);
                        return {};
                      });
}

}  // namespace lastgood
