// SPDX-License-Identifier: MIT
// The board's reset and boot pins as logical signals: `asserted` resets the chip or selects
// download mode, however the pins are wired. Reset sequences are data (device/reset_sequence.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lastgood {

enum class BoardMode { kDownload, kRun };

class BoardLines {
 public:
  virtual ~BoardLines() = default;

  // Resets the chip so that it starts in `mode`, and leaves both lines released. `patience`
  // stretches the holds (0 = normal, 1 = for reset lines with a large capacitor). kBoard when a
  // line cannot be driven; kRefused when only a person can do it (kind "none").
  virtual Result<void> Reset(BoardMode mode, int patience) = 0;

  virtual std::string Name() const = 0;  // for messages: "GPIO17/GPIO27"
};

enum class ActiveLevel { kLow, kHigh };
enum class GpioBias { kAsIs, kDisabled, kPullUp, kPullDown };
enum class GpioDrive { kPushPull, kOpenDrain };

// A GPIO line by its name ("GPIO17"), on any chip or on that of a label or name; or by chip and
// offset.
struct GpioLineSpec {
  std::string line;
  std::string chip;
  std::optional<std::uint32_t> offset;
  ActiveLevel active = ActiveLevel::kLow;
  std::optional<GpioBias> bias = {};  // none: pulled to the released level when let go of
  GpioDrive drive = GpioDrive::kPushPull;
};

enum class LinesKind { kGpio, kModem, kCommand, kNone };

// How a board's lines are wired, as a recipe says it ([board.lines]).
struct LinesSpec {
  LinesKind kind = LinesKind::kNone;
  GpioLineSpec reset;                       // kGpio
  GpioLineSpec boot;                        // kGpio
  std::vector<std::string> enter_download;  // kCommand: argv that leaves the board in its loader
  std::vector<std::string> run_firmware;    // kCommand: argv that leaves the board running
};

}  // namespace lastgood
