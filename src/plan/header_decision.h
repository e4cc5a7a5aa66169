// SPDX-License-Identifier: MIT
// What the header of the image that the boot ROM starts shall say about the flash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/result.h"
#include "image/esp_image.h"
#include "manifest/manifest.h"
#include "plan/flash_plan.h"

namespace lastgood {

// The flash size in an ESP8266's header with which firmware of SDK 2.0 and later finds the init
// data that it wrote itself: the chip's, but for chips that are larger than its ROM takes any for.
std::uint32_t HeaderSizeThatStarts(std::uint32_t chip_size_bytes);

struct HeaderDecision {
  HeaderPatch patch;
  std::uint32_t header_size = 0;  // 0: unknown
  std::vector<std::string> notes;
};

// The rules B1 and B3 of the protocol reference, section 15, for the ESP8266. The header of the
// ESP32 family says the chip's real size.
Result<HeaderDecision> DecideHeader(const FirmwareSpec& firmware, const EspImage& image,
                                    const BoardIdentity& board, Caution caution);

// kRefused, or with kForce a note.
Result<void> RefuseOrNote(Caution caution, std::vector<std::string>& notes, std::string reason,
                          std::string hint);

}  // namespace lastgood
