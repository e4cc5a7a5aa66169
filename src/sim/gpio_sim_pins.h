// SPDX-License-Identifier: MIT
// The board's reset and boot pins on a chip of Linux's GPIO simulator (gpio-sim): what the host
// drives there is what the board sees, and the board's pull-ups are what the host sees.
// https://docs.kernel.org/admin-guide/gpio/gpio-sim.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/clock.h"
#include "host/descriptor.h"

namespace lastgood::sim {

struct GpioSimPlace {
  std::filesystem::path chip;  // the directory in sysfs that has sim_gpio0 and so on
  std::uint32_t reset = 17;    // offsets of lines on that chip; both pins are low when asserted
  std::uint32_t boot = 27;
};

// "DIR[,reset=17][,boot=27]"; kUsage with the reason.
Result<GpioSimPlace> ParseGpioSimPlace(std::string_view text);

// Edges come from the kernel's trace of what is driven, so that none is missed however late we
// look. That a host stops driving is in no trace, so levels are looked at as well. But the trace
// runs ahead of the levels: theirs only counts once it has lasted.
class GpioSimPins {
 public:
  // Pulls both pins up. `tracing`: where tracefs is mounted; a trace of our own is made there and
  // removed at the end. kBoard when the chip, a line or the trace is not there or may not be used.
  static Result<GpioSimPins> Open(const GpioSimPlace& place,
                                  const std::filesystem::path& tracing = "/sys/kernel/tracing");
  ~GpioSimPins();
  GpioSimPins(GpioSimPins&& other) noexcept;
  GpioSimPins& operator=(GpioSimPins&&) = delete;

  // Readable when an edge has come.
  int Edges() const { return trace_.Get(); }

  using SetLines = std::function<void(bool reset_asserted, bool boot_asserted)>;
  // Tells every new state since the last call, in order.
  void Follow(TimePoint now, const SetLines& set);
  // When to look again although no edge has come.
  TimePoint NextLook() const { return next_levels_; }

 private:
  struct Pin {
    std::uint32_t number = 0;  // the kernel's number of the line, as the trace has it
    Descriptor value;
    bool asserted = false;
  };
  GpioSimPins() = default;
  static Result<Pin> OpenPin(const GpioSimPlace& place, std::uint32_t line, std::uint32_t base);
  Result<void> StartTrace(const std::filesystem::path& tracing);
  bool FollowTrace(const SetLines& set);
  void TakeEvent(std::string_view event, const SetLines& set);
  void FollowLevels(TimePoint now, const SetLines& set);

  Pin reset_;
  Pin boot_;
  std::filesystem::path instance_;  // of the trace; empty when moved from
  Descriptor trace_;
  TimePoint next_trace_{};
  TimePoint next_levels_{};
  std::optional<TimePoint> differ_since_;  // the levels from what the trace said
  std::string unfinished_;  // the start of a line of the trace whose end was not there yet
};

}  // namespace lastgood::sim
