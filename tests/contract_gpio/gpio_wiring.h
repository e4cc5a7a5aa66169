// SPDX-License-Identifier: MIT
// Two lines of a simulated chip, as a board's reset and boot pins are wired to them.
#pragma once

#include <gtest/gtest.h>
#include <linux/gpio.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "contract_gpio/simulated_chip.h"
#include "device/gpiod_lines.h"
#include "host/clock.h"

namespace lastgood::test {

constexpr unsigned kReset = 3;
constexpr unsigned kBoot = 5;

inline LineNames ContractNames() { return {{kReset, "CONTRACT_RESET"}, {kBoot, "CONTRACT_BOOT"}}; }
inline GpioLineSpec ResetLine(ActiveLevel active = ActiveLevel::kLow) {
  return {"CONTRACT_RESET", {}, std::nullopt, active};
}
inline GpioLineSpec BootLine(ActiveLevel active = ActiveLevel::kLow) {
  return {"CONTRACT_BOOT", {}, std::nullopt, active};
}
inline GpioLineSpec OpenDrain(GpioLineSpec spec) {
  spec.drive = GpioDrive::kOpenDrain;
  return spec;
}
inline GpioLineSpec Biased(GpioLineSpec spec, std::optional<GpioBias> bias) {
  spec.bias = bias;
  return spec;
}

inline bool ReleasedLevel(const GpioLineSpec& spec) { return spec.active == ActiveLevel::kLow; }

inline std::unique_ptr<BoardLines> Open(const GpioLineSpec& reset, const GpioLineSpec& boot,
                                        Clock& clock) {
  auto lines = OpenGpiodLines(reset, boot, clock);
  EXPECT_TRUE(lines) << lines.error().message << "; " << lines.error().hint;
  return lines ? *std::move(lines) : nullptr;
}

// A board with resistors that hold both lines at their released level.
inline void PullToReleased(SimulatedChip& chip, const GpioLineSpec& reset,
                           const GpioLineSpec& boot) {
  chip.Pull(kReset, ReleasedLevel(reset));
  chip.Pull(kBoot, ReleasedLevel(boot));
}

struct PinBoard {
  const char* name;
  GpioLineSpec reset;
  GpioLineSpec boot;
};

// The levels on both pins as they change, by what the kernel tells its chip to do. A pin that is
// not driven is at its released level.
class PinRecorder {
 public:
  PinRecorder(const SimulatedChip& chip, const GpioLineSpec& reset, const GpioLineSpec& boot)
      : base_(chip.base()), released_{ReleasedLevel(reset), ReleasedLevel(boot)} {}

  std::string Edges() const;  // "boot 0, reset 0, reset 1, boot 1"
  bool Released() const;      // both, at last

 private:
  struct Edge {
    std::size_t pin;
    bool level;
  };
  std::vector<Edge> Walk() const;

  unsigned base_;
  std::array<bool, 2> released_;
  GpioTrace trace_;
};

// What a request is called in /proc/self/fd; one for each that this process holds.
std::vector<std::string> HeldRequests();

// True when this build drives lines through the first interface of the kernel (libgpiod 1).
bool UsesFirstInterface();

}  // namespace lastgood::test
