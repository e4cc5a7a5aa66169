// SPDX-License-Identifier: MIT
// Listening to a board from its reset until it can be asked something. The ROM and the SDK speak at
// 74880, the application at 115200 (protocol reference, section 12.1): whoever listens at one rate
// hears the other as noise, and takes that as the sign to change over. An ESP8266 with a crystal of
// 40 MHz, and the ESP32 family, speak at 115200 from the start: whatever chip the board was said to
// have, the rate at which a reset line was readable is its ROM's.
#pragma once

#include <chrono>

#include "base/board_identity.h"
#include "health/boot_log.h"
#include "health/line_listener.h"

namespace lastgood {

inline constexpr std::uint32_t kRomBaud = 74880;
inline constexpr std::uint32_t kConsoleBaud = 115200;

// At which rate the ROM of a chip speaks: the ESP32 family's at the console's.
constexpr std::uint32_t RomTextBaud(Chip chip) {
  return chip == Chip::kEsp8266 ? kRomBaud : kConsoleBaud;
}

// The board will not come up: it loops, crashed, refuses its image or waits in the loader.
bool BootHasFailed(const BootLog& log);

class BootWatch {
 public:
  // `line` must outlive the watch. `rom_baud`: of RomTextBaud, where listening begins.
  explicit BootWatch(LineListener& line, std::uint32_t rom_baud = kRomBaud)
      : line_(line), rom_baud_(rom_baud) {}

  // To be called before the reset, so that nothing of the ROM's text is lost, and nothing older is
  // taken for it. `baud`: kRomBaud for where listening begins, or kConsoleBaud where what comes
  // first is over before anybody listens. A device that refuses the ROM's rate is listened to at
  // the console's alone.
  Result<void> Prepare(std::uint32_t baud = kRomBaud);
  void ResetIsDone();  // the time starts to run

  // Listens until the boot has failed, until a console says that it is ready, until nothing was
  // heard for `quiet`, or until a program has talked without a pause for 3 s; at most 12 s, or 60 s
  // while a first start makes its file system. The line is at the console's rate then, unless the
  // boot has failed.
  Result<BootLog> UntilUp(std::chrono::milliseconds quiet);

  // Listens at the ROM's rate alone until the board stayed up for `settle` after its last reset, or
  // until its boot has failed; 12 s and three times `settle` at most.
  Result<BootLog> UntilSettled(std::chrono::milliseconds settle);

  // Listens to the ROM for up to 3 s more to count resets; returns at the fourth.
  Result<BootLog> CountResets();

  std::chrono::milliseconds Watched() const;  // since the reset

 private:
  Result<void> ListenAt(std::uint32_t baud);
  Result<void> HearAndRead();
  Result<void> LeaveNoise();
  bool RomHasFinished() const;
  bool IsUp(std::chrono::milliseconds quiet) const;
  void Read();
  bool RomMaySpeakAt(std::uint32_t baud) const;
  std::chrono::nanoseconds QuietFor() const;
  std::chrono::nanoseconds AtThisRateFor() const;

  LineListener& line_;
  std::uint32_t rom_baud_;
  TimePoint started_;
  TimePoint rate_since_{};
  TimePoint last_heard_{};
  TimePoint last_read_{};
  int rom_visits_ = 0;
  std::uint32_t readable_at_ = 0;  // where a reset line was read; 0: nowhere yet
  BootLog log_;
};

}  // namespace lastgood
