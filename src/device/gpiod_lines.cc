// SPDX-License-Identifier: MIT
// Lines of one chip are one request, so that no moment lies between them.
#include "device/gpiod_lines.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "device/gpio_chips.h"
#include "device/gpio_holder.h"
#include "device/libgpiod.h"
#include "device/reset_sequence.h"
#include "host/descriptor.h"
#include "host/processes.h"

namespace lastgood {
namespace {

// A line that was found, and how it is wired.
struct Pin {
  GpioLineSpec spec;
  GpioPlace place;

  bool Level(bool asserted) const { return asserted == (spec.active == ActiveLevel::kHigh); }
  std::string Name() const { return DescribeGpioLine(spec); }
};

libgpiod::Output OutputFor(const Pin& pin) {
  const GpioBias to_released =
      pin.spec.active == ActiveLevel::kLow ? GpioBias::kPullUp : GpioBias::kPullDown;
  // A chip that is let go of drops to its own pull: on a Pi that is down for many pins, which
  // resets a board whose pull-up is weak. An open drain is let go of all the time.
  const bool floats = pin.spec.drive == GpioDrive::kOpenDrain;
  return {pin.place.offset, pin.Level(false), pin.spec.drive,
          pin.spec.bias.value_or(floats ? to_released : GpioBias::kAsIs),
          pin.spec.bias.value_or(to_released)};
}

const GpioLine* LineAt(const GpioChips& chips, const GpioPlace& place) {
  for (const GpioChip& chip : chips.chips)
    if (chip.path == place.path && place.offset < chip.lines.size())
      return &chip.lines[place.offset];
  return nullptr;
}

std::string HintForBusy(const std::optional<GpioHolder>& holder, const std::string& consumer,
                        const std::string& path) {
  if (holder && holder->is_certain) return "end that program first";
  if (holder)
    return fmt::format("end that program first; {} uses GPIO lines", DescribeProcess(holder->pid));
  if (consumer == libgpiod::kConsumer) return "each board needs lines of its own";
  if (geteuid() != 0) return fmt::format("end that program first; sudo lsof {} may name it", path);
  return "a driver of the kernel holds it: remove the overlay that claims the line from config.txt";
}

tl::unexpected<Error> FailBusy(const Pin& pin, const std::string& consumer) {
  const auto holder = FindGpioHolder(pin.place);
  std::string by = consumer.empty() ? "the kernel" : fmt::format("'{}'", consumer);
  if (holder && holder->is_certain) by += fmt::format(", {}", DescribeProcess(holder->pid));
  return Fail(ExitCode::kBusy, fmt::format("GPIO line '{}' is in use by {}", pin.Name(), by),
              HintForBusy(holder, consumer, pin.place.path));
}

tl::unexpected<Error> FailRequest(const std::vector<Pin>& pins, int error) {
  if (error == EBUSY) {
    const GpioChips chips = ListGpioChips();
    for (const Pin& pin : pins) {
      const GpioLine* const line = LineAt(chips, pin.place);
      if (line != nullptr && line->used) return FailBusy(pin, line->consumer);
    }
  }
  std::string hint;
  if (error == EBUSY) hint = "end the program that has it, or remove the overlay that claims it";
  if (error == EINVAL) hint = "an overlay in config.txt may give the pin to something else";
  if (error == ENODEV) hint = "the GPIO chip is gone: is it plugged in?";
  return Fail(error == EBUSY ? ExitCode::kBusy : ExitCode::kBoard,
              fmt::format("cannot drive GPIO line '{}': {}", pins[0].Name(), ErrnoText(error)),
              hint);
}

// Pins of one chip.
struct Group {
  std::vector<Pin> pins;
  std::unique_ptr<libgpiod::Outputs> outputs;
};

Result<Group> Hold(std::vector<Pin> pins) {
  std::vector<libgpiod::Output> outputs;
  for (const Pin& pin : pins) outputs.push_back(OutputFor(pin));
  auto held = libgpiod::RequestOutputs(pins[0].place.path, outputs);
  if (!held) return FailRequest(pins, held.error());
  return Group{std::move(pins), *std::move(held)};
}

class GpiodLines final : public BoardLines {
 public:
  GpiodLines(std::vector<Group> groups, std::string name, Clock& clock, SequenceName sequence)
      : groups_(std::move(groups)), name_(std::move(name)), clock_(clock), sequence_(sequence) {}

  Result<void> Reset(BoardMode mode, int patience) override {
    return PlaySequence(SequenceFor(mode, patience, sequence_), clock_,
                        [this](bool reset, bool boot) -> Result<void> {
                          TRY_DO(Set({reset, boot}));
                          TellWatcher(reset, boot);
                          return {};
                        });
  }
  std::string Name() const override { return name_; }

 private:
  // `asserted`: of all pins, in the order of the groups.
  Result<void> Set(std::array<bool, 2> asserted) {
    auto next = asserted.begin();
    for (Group& group : groups_) {
      std::vector<bool> levels;
      for (const Pin& pin : group.pins) levels.push_back(pin.Level(*next++));
      const auto set = group.outputs->Set(levels);
      if (!set) return FailRequest(group.pins, set.error());
    }
    return {};
  }

  std::vector<Group> groups_;  // reset before boot
  std::string name_;
  Clock& clock_;
  SequenceName sequence_;
};

}  // namespace

Result<std::unique_ptr<BoardLines>> OpenGpiodLines(const GpioLineSpec& reset,
                                                   const GpioLineSpec& boot, Clock& clock,
                                                   SequenceName sequence) {
  const GpioChips chips = ListGpioChips();
  TRY(const GpioPlace reset_place, FindGpioLine(chips, reset));
  TRY(const GpioPlace boot_place, FindGpioLine(chips, boot));
  const Pin reset_pin{reset, reset_place};
  const Pin boot_pin{boot, boot_place};
  const std::string name = fmt::format("{}/{}", reset_pin.Name(), boot_pin.Name());
  const bool are_on_one_chip = reset_place.path == boot_place.path;
  if (are_on_one_chip && reset_place.offset == boot_place.offset)
    return Fail(ExitCode::kBoard, fmt::format("reset and boot are the same GPIO line: {}", name),
                "give each a line of its own in [board.lines]");
  std::vector<std::vector<Pin>> wanted = {{reset_pin}, {boot_pin}};
  if (are_on_one_chip) wanted = {{reset_pin, boot_pin}};
  std::vector<Group> groups;
  for (std::vector<Pin>& pins : wanted) {
    TRY(Group group, Hold(std::move(pins)));
    groups.push_back(std::move(group));
  }
  return std::make_unique<GpiodLines>(std::move(groups), name, clock, sequence);
}

}  // namespace lastgood
