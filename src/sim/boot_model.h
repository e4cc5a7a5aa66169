// SPDX-License-Identifier: MIT
// What happens from reset until the application runs, or instead of it: the ROM's log, the SDK's
// init data, the outcome by the rules of section 15 of the protocol reference. All of it follows
// from the flash's content; the result is a script that the chip then plays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/boot_log.h"
#include "sim/console.h"
#include "sim/firmware.h"
#include "sim/flash_chip.h"
#include "sim/flash_work.h"

namespace lastgood::sim {

inline constexpr std::uint32_t kApplicationBaud = 115200;

struct BootStep {
  enum class Then { kNext, kListenForHost, kStartApplication, kRestart };

  std::chrono::milliseconds delay{0};  // after the step before it
  std::vector<FlashOperation> flash;   // first this,
  std::string text;                    // then this is sent,
  std::uint32_t baud = kRomTextBaud;
  Then then = Then::kNext;  // and this follows when it has left
};

// Without a step that goes elsewhere, the chip stops at the end of the script until a reset.
struct BootScript {
  std::vector<BootStep> steps;
  FirmwareFacts facts;  // for kStartApplication
};

class BootModel {
 public:
  // `flash_id` is what the firmware reads from the chip when it compares sizes.
  BootModel(const FlashChip& flash, std::uint32_t flash_id) : flash_(flash), flash_id_(flash_id) {}

  BootScript FromReset(int cause, Straps straps);
  // The ROM loader was left without a reset: no reset line, and the UART keeps its rate.
  BootScript FromLoader(std::uint32_t baud);

 private:
  const Firmware& Examined();
  BootScript LoadAndRun(std::string text, std::uint32_t baud);
  // True when the SDK starts the application.
  bool RunSdk(BootScript& script, const Firmware& firmware, std::uint32_t baud) const;
  bool CheckInitData(BootScript& script, const Firmware& firmware, std::uint32_t baud) const;
  bool CheckParameters(BootScript& script, const Firmware& firmware, std::uint32_t baud) const;
  void MakeInitData(BootScript& script, const Firmware& firmware, std::uint32_t address,
                    const std::string& text, std::uint32_t baud) const;
  void RunApplication(BootScript& script, const Firmware& firmware) const;
  void RunMicropython(BootScript& script, const Firmware& firmware) const;
  bool CorrectHeader(BootScript& script, const Firmware& firmware) const;
  // False when what lies there is no file system: MicroPython says so for ever.
  bool MakeFileSystem(BootScript& script, const Firmware& firmware) const;
  std::uint32_t HeaderSize(const Firmware& firmware) const;
  bool IsFileSystem(std::uint32_t start) const;
  bool AllBlank(std::uint32_t address, std::uint32_t length) const;

  const FlashChip& flash_;
  std::uint32_t flash_id_;
  std::optional<Firmware> examined_;  // of the content as of examined_at_
  std::uint64_t examined_at_ = 0;
};

// Where MicroPython's file system begins when its image ends at `firmware_end`.
std::uint32_t FileSystemStart(std::uint32_t firmware_end);

}  // namespace lastgood::sim
