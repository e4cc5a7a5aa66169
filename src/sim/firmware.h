// SPDX-License-Identifier: MIT
// What is flashed, found out from the bytes alone (protocol reference, 13.1, 13.2, 13.6 and 15).
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "sim/boot_log.h"
#include "sim/console.h"

namespace lastgood::sim {

// The vendor SDK decides what happens between the ROM and the application.
enum class SdkGeneration {
  kSdk1,    // up to 1.5.4: makes its init data itself
  kSdk2_0,  // 2.0.0: needs init data at the header's end of flash, knows sizes up to 4 MB
  kSdk2_1,  // later: the same, knows 8 and 16 MB too
};

// What images made by the simulator's image factory ask for.
enum class Behaviour { kNormal, kCrashes, kCrashesLate, kSilent };

struct Firmware {
  FirmwareFacts::Family family = FirmwareFacts::Family::kOther;
  SdkGeneration sdk = SdkGeneration::kSdk1;
  Behaviour behaviour = Behaviour::kNormal;
  std::string version;              // as FirmwareFacts::version
  bool intact = true;               // the code behind the ROM's checksum is what was built
  bool corrects_header = false;     // compares the header's size with the chip's and mends it
  std::uint32_t end = 0;            // offset behind the last byte of the image
  RomLoad rom_load;                 // of the image at 0
  std::string second_stage;         // lines of the SDK's second-stage loader, empty without one
  bool second_stage_fails = false;  // it found nothing to run
};

// Bytes from the start of the flash that ExamineFirmware looks at.
inline constexpr std::uint32_t kFirmwareAreaBytes = 0x100000;

Firmware ExamineFirmware(ByteSpan flash);

// Byte 3's high nibble as an SDK of this generation understands it; a value that it does not know
// counts as 512 KiB (section 15, fact 5).
std::uint32_t HeaderFlashSize(std::uint8_t size_and_frequency, SdkGeneration sdk);

}  // namespace lastgood::sim
