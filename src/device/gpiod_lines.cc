// SPDX-License-Identifier: MIT
// Lines of one chip and one polarity are one request, so that they change at the same moment; a
// request has one pull for all its lines, so others are two.
#include "device/gpiod_lines.h"

#include <fmt/format.h>
#include <gpiod.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "device/reset_sequence.h"
#include "host/descriptor.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

struct CloseChip {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
using ChipHandle = std::unique_ptr<gpiod_chip, CloseChip>;

struct Chips {
  std::vector<ChipHandle> open;
  bool some_forbidden = false;
};

Chips OpenChips() {
  Chips chips;
  std::vector<std::string> paths;
  std::error_code error;
  fs::directory_iterator entry("/dev", error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (entry->path().filename().string().starts_with("gpiochip"))
      paths.push_back(entry->path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    ChipHandle chip(gpiod_chip_open(path.c_str()));
    if (!chip && (errno == EACCES || errno == EPERM)) chips.some_forbidden = true;
    if (chip) chips.open.push_back(std::move(chip));
  }
  return chips;
}

std::string Describe(const GpioLineSpec& spec) {
  return spec.line.empty() ? fmt::format("{}:{}", spec.chip, spec.offset.value_or(0)) : spec.line;
}

std::string HintForMissing(const Chips& chips) {
  if (chips.some_forbidden)
    return "some GPIO chips may not be used: sudo usermod -aG gpio $USER, then log in again";
  if (chips.open.empty()) return "this host has no GPIO chips: is it a Raspberry Pi?";
  std::string names;
  for (const ChipHandle& chip : chips.open)
    names +=
        fmt::format("{}{} ({}, {} lines)", names.empty() ? "" : ", ", gpiod_chip_name(chip.get()),
                    gpiod_chip_label(chip.get()), gpiod_chip_num_lines(chip.get()));
  return fmt::format("this host has {}; gpioinfo lists their lines", names);
}

bool Matches(gpiod_chip* chip, const GpioLineSpec& spec) {
  return spec.chip.empty() || spec.chip == gpiod_chip_label(chip) ||
         spec.chip == gpiod_chip_name(chip);
}

gpiod_line* LineOn(gpiod_chip* chip, const GpioLineSpec& spec) {
  if (!Matches(chip, spec)) return nullptr;
  if (!spec.line.empty()) return gpiod_chip_find_line(chip, spec.line.c_str());
  if (!spec.offset || *spec.offset >= gpiod_chip_num_lines(chip)) return nullptr;
  return gpiod_chip_get_line(chip, *spec.offset);
}

Result<gpiod_line*> FindLine(const Chips& chips, const GpioLineSpec& spec) {
  gpiod_line* found = nullptr;
  for (const ChipHandle& chip : chips.open) {
    gpiod_line* line = LineOn(chip.get(), spec);
    // Names need not be unique, and the wrong pin may be wired to anything.
    if (line != nullptr && found != nullptr)
      return Fail(
          ExitCode::kBoard,
          fmt::format("GPIO line '{}' exists on {} and on {}", Describe(spec),
                      gpiod_chip_name(gpiod_line_get_chip(found)), gpiod_chip_name(chip.get())),
          "name the chip as well: chip = \"…\" beside line in [board.lines]");
    if (line != nullptr) found = line;
  }
  if (found == nullptr)
    return Fail(ExitCode::kBoard, fmt::format("there is no GPIO line '{}'", Describe(spec)),
                HintForMissing(chips));
  return found;
}

// A line, and how its level says "asserted".
struct Pin {
  gpiod_line* line = nullptr;
  ActiveLevel active = ActiveLevel::kLow;
  std::string name;

  int Level(bool asserted) const { return asserted == (active == ActiveLevel::kHigh) ? 1 : 0; }
};

tl::unexpected<Error> FailRequest(std::span<const Pin> pins, int error) {
  for (const Pin& pin : pins) {
    if (error != EBUSY || gpiod_line_update(pin.line) != 0 || !gpiod_line_is_used(pin.line))
      continue;
    const char* consumer = gpiod_line_consumer(pin.line);
    return Fail(ExitCode::kBusy,
                fmt::format("GPIO line '{}' is in use by '{}'", pin.name,
                            consumer != nullptr ? consumer : "the kernel"),
                "end that program, or remove the overlay that claims the line from config.txt");
  }
  std::string hint;
  if (error == EPERM || error == EACCES) hint = "sudo usermod -aG gpio $USER, then log in again";
  if (error == EINVAL)
    hint = "a kernel without the first GPIO interface needs a build with libgpiod 2";
  return Fail(ExitCode::kBoard,
              fmt::format("cannot drive GPIO line '{}': {}", pins[0].name, ErrnoText(error)), hint);
}

// Pins of one chip that are requested, set and released together.
class OutputRequest {
 public:
  // All released from the first moment on.
  static Result<OutputRequest> Make(std::vector<Pin> pins) {
    OutputRequest request(std::move(pins));
    std::vector<int> levels;
    for (const Pin& pin : request.pins_) {
      gpiod_line_bulk_add(&request.lines_, pin.line);
      levels.push_back(pin.Level(false));
    }
    const gpiod_line_request_config config{"lastgood", GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, 0};
    if (gpiod_line_request_bulk(&request.lines_, &config, levels.data()) != 0)
      return FailRequest(request.pins_, errno);
    request.held_ = true;
    return request;
  }

  OutputRequest(OutputRequest&& other) noexcept
      : pins_(std::move(other.pins_)),
        lines_(other.lines_),
        held_(std::exchange(other.held_, false)) {}
  OutputRequest& operator=(OutputRequest&&) = delete;

  ~OutputRequest() {
    if (!held_) return;
    // The chip would go on driving its last level, or drop to its own pull: on a Pi that is down
    // for these pins, which resets a board whose pull-up is weak.
    if (gpiod_line_set_config_bulk(&lines_, GPIOD_LINE_REQUEST_DIRECTION_INPUT, ReleasedPull(),
                                   nullptr) != 0)
      gpiod_line_set_direction_input_bulk(&lines_);
    gpiod_line_release_bulk(&lines_);
  }

  // `asserted`: one for each pin.
  Result<void> Set(const std::vector<bool>& asserted) {
    std::vector<int> levels;
    for (std::size_t i = 0; i < pins_.size(); ++i) levels.push_back(pins_[i].Level(asserted[i]));
    if (gpiod_line_set_value_bulk(&lines_, levels.data()) != 0) return FailRequest(pins_, errno);
    return {};
  }

 private:
  // `pins` are of one polarity.
  explicit OutputRequest(std::vector<Pin> pins) : pins_(std::move(pins)) {
    gpiod_line_bulk_init(&lines_);
  }

  int ReleasedPull() const {
    return pins_[0].active == ActiveLevel::kLow ? GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP
                                                : GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
  }

  std::vector<Pin> pins_;
  gpiod_line_bulk lines_;
  bool held_ = false;
};

class GpiodLines final : public BoardLines {
 public:
  GpiodLines(Chips chips, std::vector<OutputRequest> requests, std::string name, Clock& clock)
      : chips_(std::move(chips)),
        requests_(std::move(requests)),
        name_(std::move(name)),
        clock_(clock) {}

  Result<void> Reset(BoardMode mode, int patience) override {
    return PlaySequence(SequenceFor(mode, patience), clock_,
                        [this](bool reset, bool boot) { return Set(reset, boot); });
  }
  std::string Name() const override { return name_; }

 private:
  Result<void> Set(bool reset, bool boot) {
    if (requests_.size() == 1) return requests_[0].Set({reset, boot});
    TRY_DO(requests_[0].Set({reset}));
    return requests_[1].Set({boot});
  }

  Chips chips_;  // outlives the requests
  std::vector<OutputRequest> requests_;
  std::string name_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<BoardLines>> OpenGpiodLines(const GpioLineSpec& reset,
                                                   const GpioLineSpec& boot, Clock& clock) {
  Chips chips = OpenChips();
  TRY(gpiod_line* const reset_line, FindLine(chips, reset));
  TRY(gpiod_line* const boot_line, FindLine(chips, boot));
  const std::string name = fmt::format("{}/{}", Describe(reset), Describe(boot));
  if (reset_line == boot_line)
    return Fail(ExitCode::kBoard, fmt::format("reset and boot are the same GPIO line: {}", name),
                "give each a line of its own in [board.lines]");
  const Pin reset_pin{reset_line, reset.active, Describe(reset)};
  const Pin boot_pin{boot_line, boot.active, Describe(boot)};
  const bool together = gpiod_line_get_chip(reset_line) == gpiod_line_get_chip(boot_line) &&
                        reset.active == boot.active;
  std::vector<std::vector<Pin>> groups;
  if (together)
    groups = {{reset_pin, boot_pin}};
  else
    groups = {{reset_pin}, {boot_pin}};
  std::vector<OutputRequest> requests;
  for (std::vector<Pin>& group : groups) {
    TRY(OutputRequest request, OutputRequest::Make(std::move(group)));
    requests.push_back(std::move(request));
  }
  return std::make_unique<GpiodLines>(std::move(chips), std::move(requests), name, clock);
}

}  // namespace lastgood
