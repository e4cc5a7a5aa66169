// SPDX-License-Identifier: MIT
// One firmware for one board, decided: the exact octets, and why their header says what it says.
// The rules B1–B3 of the protocol reference, section 15, live here: they are what keeps a board out
// of the boot loop that MicroPython 1.8.6/1.8.7 fell into when their header said 1 MB on a 4 MB
// chip.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "base/verified.h"
#include "image/esp_image.h"
#include "manifest/manifest.h"

namespace lastgood {

struct FlashPlan {
  Chip chip = Chip::kEsp8266;
  std::vector<FlashableImage> images;   // in order of offset
  Sha256Digest flashed_digest;          // of offsets, lengths and octets as they will lie in flash
  std::uint32_t header_size_bytes = 0;  // what the first image's header says; 0 when there is none
  FirmwareFamily family = FirmwareFamily::kUnknown;  // of the image that the chip starts
  // Of that image: what its header makes the boot ROM load, and its checksum; empty when there is
  // none.
  std::vector<ImageSegment> boot_segments;
  std::uint8_t boot_checksum = 0;
  std::vector<std::string>
      notes;  // decisions worth a line: "header flash size 512 KB -> 4 MB (detected)"
};

enum class Caution {
  kRefuse,  // a rule that is broken refuses the plan
  kForce,   // it becomes a note: the person insisted
};

// `parts` in the order of firmware.parts. kRefused, with the rule's reason, when a header size
// would make the firmware loop, or the flash chip's size is unknown; kBoard when the firmware
// does not fit, its partition table included, or is for another chip; kNotTrusted when the part at
// the boot offset is no image, or any part is an image for another chip; kRefused when the chip's
// fuses let no plain firmware run. Fitting, chip and fuses can not be forced.
Result<FlashPlan> PlanFlash(const FirmwareSpec& firmware, std::span<const Verified<Bytes>> parts,
                            const BoardIdentity& board, Caution caution);

}  // namespace lastgood
