// SPDX-License-Identifier: MIT
#include "health/boot_fault.h"

#include <array>
#include <cstddef>

namespace lastgood {
namespace {

struct Row {
  BootFault fault;
  FaultKind kind;
  std::string_view name;
  std::string_view remedy;
  std::string_view refusal = {};
};

// In the order of the enumeration.
constexpr std::array kRows = {
    Row{BootFault::kNone, FaultKind::kNone, "none",
        "check the board's supply (300 mA at 3.3 V), then try another version"},
    Row{BootFault::kInitDataMissing, FaultKind::kRestarts, "init data missing",
        "the SDK finds no init data at the end of the flash that the header names: set size = "
        "\"detect\" in [firmware.flash]"},
    Row{BootFault::kInitDataWrong, FaultKind::kRestarts, "init data wrong",
        "the SDK finds something else where its init data should be: set size = \"detect\" in "
        "[firmware.flash], and erase = \"all\" if that is not enough"},
    Row{BootFault::kSystemParams, FaultKind::kRestarts, "system parameters wrong",
        "the parameters of another firmware are in the last sectors of the flash: set erase = "
        "\"all\" in [firmware.flash]"},
    Row{BootFault::kException, FaultKind::kCrashed, "exception",
        "the firmware crashes: try mode = \"dio\" in [firmware.flash], or another version"},
    Row{BootFault::kAbort, FaultKind::kCrashed, "abort",
        "the firmware gives up by itself: read its last words, set erase = \"all\" in "
        "[firmware.flash], or try another version"},
    Row{BootFault::kStackOverflow, FaultKind::kCrashed, "stack overflow",
        "a task of the firmware needs more stack than it has: try another version"},
    Row{BootFault::kBrownout, FaultKind::kCrashed, "brown-out",
        "the supply breaks down under load: use a stronger one (500 mA at 3.3 V), shorter wires, "
        "and a capacitor at the board"},
    Row{BootFault::kChecksum, FaultKind::kRefused, "checksum error",
        "the image reads back wrongly: try mode = \"dio\" in [firmware.flash] and a lower baud "
        "rate",
        "the ROM loader refuses the image: checksum error"},
    Row{BootFault::kNotBootable, FaultKind::kRefused, "not bootable",
        "there is no image where the chip starts: check the offsets of [[firmware.part]]",
        "the ROM loader finds no image to start"},
    Row{BootFault::kHeaderWrong, FaultKind::kRefused, "image header wrong",
        "what lies where the chip starts is no image that it can read: check the offsets of "
        "[[firmware.part]], mode in [firmware.flash], and whether the chip wants encrypted images",
        "the ROM loader finds no valid header where it starts"},
    Row{BootFault::kFlashMode, FaultKind::kRefused, "wrong flash mode",
        "the flash does not understand the mode in the header: set mode = \"dio\" in "
        "[firmware.flash]",
        "the ROM loader reads nothing in the mode that the header names"},
    Row{BootFault::kAppAtBoot, FaultKind::kRefused, "application in place of the bootloader",
        "an application lies where the bootloader belongs: check the offsets of "
        "[[firmware.part]], or use an image that has its bootloader with it",
        "the ROM loader finds an application where the bootloader belongs"},
    Row{BootFault::kNoApp, FaultKind::kRefused, "no bootable application",
        "the bootloader starts but finds no application: check that its part is there and at the "
        "offset that the partition table names",
        "the bootloader finds no application to start"},
    Row{BootFault::kPartitionTable, FaultKind::kRefused, "partition table wrong",
        "the partition table is missing (it belongs to 0x8000 as a rule), or fits neither the "
        "application nor the chip: write the one that comes with this firmware",
        "the bootloader cannot use the partition table"},
    Row{BootFault::kOtherChip, FaultKind::kRefused, "image for another chip",
        "the image was built for another chip, or a newer revision of it: use the one for this "
        "board",
        "the bootloader refuses an image that is for another chip"},
    Row{BootFault::kFlashSize, FaultKind::kRestarts, "flash size wrong",
        "the header names more flash than the board has: set size = \"detect\" in "
        "[firmware.flash]"},
    Row{BootFault::kSignature, FaultKind::kRefused, "signature refused",
        "secure boot is on: only images that are signed with the board's key start",
        "secure boot refuses the image's signature"},
    Row{BootFault::kAppReturned, FaultKind::kRefused, "code returned",
        "the code that was started came to its end: the image is no whole firmware, check the "
        "parts",
        "the code that the ROM loader started has returned"},
    Row{BootFault::kFlashRead, FaultKind::kRefused, "flash read error",
        "the flash cannot be read: check mode in [firmware.flash] and the board's supply",
        "the ROM loader cannot read the flash"},
    Row{BootFault::kWatchdog, FaultKind::kWatchdog, "watchdog reset",
        "the firmware hangs until the watchdog resets it: try another version"},
    Row{BootFault::kSizeRepair, FaultKind::kRestarts, "flash size repair",
        "the firmware tries in vain to mend its flash size: set size = \"detect\" in "
        "[firmware.flash]"},
    Row{BootFault::kUnknown, FaultKind::kUnexplained, "unknown",
        "check the board's supply (300 mA at 3.3 V), then try another version"},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].fault) != i) return false;
  return true;
}
static_assert(InOrder());

const Row& RowOf(BootFault fault) { return kRows[static_cast<std::size_t>(fault)]; }

}  // namespace

std::string_view BootFaultName(BootFault fault) { return RowOf(fault).name; }
FaultKind KindOf(BootFault fault) { return RowOf(fault).kind; }
std::string_view RemedyFor(BootFault fault) { return RowOf(fault).remedy; }
std::string_view RefusalOf(BootFault fault) { return RowOf(fault).refusal; }

}  // namespace lastgood
