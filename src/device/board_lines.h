// SPDX-License-Identifier: MIT
// The board's reset and boot pins as logical signals: `asserted` resets the chip or selects
// download mode, however the pins are wired. Reset sequences are data (device/reset_sequence.h).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lastgood {

enum class BoardMode { kDownload, kRun };

// Who moves the lines. A person is asked no more often than needed; where there is nobody, nothing
// may be begun that only a reset can end.
enum class LinesMover { kHost, kPerson, kNobody };

class BoardLines {
 public:
  virtual ~BoardLines() = default;

  // Resets the chip so that it starts in `mode`, and leaves both lines released. `patience`
  // stretches the holds (0 = normal, 1 = for reset lines with a large capacitor). kBoard when a
  // line cannot be driven; kRefused when only a person can do it (kind "none").
  virtual Result<void> Reset(BoardMode mode, int patience) = 0;

  // kNobody once a person did not answer.
  virtual LinesMover MovedBy() const { return LinesMover::kHost; }

  virtual std::string Name() const = 0;  // for messages: "GPIO17/GPIO27"

  // Called from within Reset() with the levels, each time they have been set; never by lines that
  // something else moves. Empty: nobody watches.
  using Watcher = std::function<void(bool reset_asserted, bool boot_asserted)>;
  virtual void Watch(Watcher watcher) { watcher_ = std::move(watcher); }

 protected:
  void TellWatcher(bool reset_asserted, bool boot_asserted) const {
    if (watcher_) watcher_(reset_asserted, boot_asserted);
  }

 private:
  Watcher watcher_;
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

// How a board is reset, by what lies between this host's two lines and the chip's two pins; recipes
// call it by name (device/reset_sequence.h has the steps).
enum class SequenceName {
  kDirect,         // "direct": each line drives its pin, through an inverter or without one
  kTwoTransistor,  // "two-transistor": a pin is low only while its line alone is asserted
  kUsbJtag,        // "usb-jtag": the USB-Serial-JTAG unit of ESP32-S3, -C3 and -C6 reads both lines
};
// In the order of the enumeration.
inline constexpr std::array<std::string_view, 3> kSequenceNames = {"direct", "two-transistor",
                                                                   "usb-jtag"};

// How a board's lines are wired, as a recipe says it ([board.lines]).
struct LinesSpec {
  LinesKind kind = LinesKind::kNone;
  GpioLineSpec reset;                        // kGpio
  GpioLineSpec boot;                         // kGpio
  std::optional<SequenceName> sequence;      // kGpio, kModem: else the kind's own
  std::vector<std::string> enter_download;   // kCommand: argv that leaves the board in its loader
  std::vector<std::string> run_firmware;     // kCommand: argv that leaves the board running
  std::chrono::seconds command_timeout{15};  // kCommand: for each of the two
};

}  // namespace lastgood
