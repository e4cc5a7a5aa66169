// SPDX-License-Identifier: MIT
// What a start can suffer from, each with a name and a remedy of its own (protocol reference,
// sections 12.1 to 12.3 and 15).
#pragma once

#include <string_view>

namespace lastgood {

enum class BootFault {
  kNone,
  kInitDataMissing,  // rf_cal[0] !=0x05,is 0xFF: no init data where the SDK looks
  kInitDataWrong,    // rf_cal[0] !=0x05,is 0x..: something else is there
  kSystemParams,     // system param error
  kException,        // Fatal exception, Guru Meditation Error
  kAbort,            // abort() was called, assert failed
  kStackOverflow,
  kBrownout,        // the brown-out detector, or a reset by it
  kChecksum,        // csum err, or the second stage's own checks
  kNotBootable,     // blank flash: ets_main.c alone, invalid header: 0xffffffff
  kHeaderWrong,     // invalid header: anything else
  kFlashMode,       // load:0xffffffff,len:-1
  kAppAtBoot,       // the ROM is told to load what belongs into flash-mapped space
  kNoApp,           // No bootable app partitions
  kPartitionTable,  // Failed to verify partition table
  kOtherChip,       // mismatch chip ID
  kFlashSize,       // Detected size smaller than the size in the binary image header
  kSignature,       // secure boot refuses
  kAppReturned,     // user code done
  kFlashRead,       // flash read err
  kWatchdog,        // wdt reset, or a reset by a watchdog
  kSizeRepair,      // "Bootloader Flash size appear to have been set incorrectly, trying to fix"
  kUnknown,
};

// What follows from a fault when nobody does anything.
enum class FaultKind {
  kNone,
  kRefused,   // loader or second stage will not start the image
  kCrashed,   // running code died
  kRestarts,  // the firmware restarts by itself and comes here again
  kWatchdog,  // told by the next start only, and no more than that
  kUnexplained,
};

std::string_view BootFaultName(BootFault fault);  // "init data missing", …
FaultKind KindOf(BootFault fault);
std::string_view RemedyFor(BootFault fault);  // one line, never empty
std::string_view RefusalOf(BootFault fault);  // of kRefused: "the ROM loader cannot read the flash"

}  // namespace lastgood
