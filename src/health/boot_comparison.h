// SPDX-License-Identifier: MIT
// What the ROM says that it loads, against what was written: the first image of the flash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "health/boot_log.h"

namespace lastgood {

// The image at the chip's boot offset: what its header makes the ROM load, in that order, and the
// XOR of all that with the seed 0xEF.
struct ExpectedBoot {
  std::vector<BootSegment> segments;
  std::uint8_t checksum = 0;
};

enum class BootMatch {
  kUnknown,       // the log tells too little
  kSame,          // the ESP32 family's ROM tells no checksum: its segments are the same
  kOtherImage,    // what starts is not the image that was written
  kReadsWrongly,  // it is, and what is read of it is not what was written
};

struct BootComparison {
  BootMatch match = BootMatch::kUnknown;
  std::string text;  // one line for people when it is kOtherImage or kReadsWrongly
};

// Of the last start in the log whose loading was seen to its end, or was seen to differ.
BootComparison CompareBoot(const BootLog& log, const ExpectedBoot& expected);

}  // namespace lastgood
