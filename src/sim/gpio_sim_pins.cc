// SPDX-License-Identifier: MIT
#include "sim/gpio_sim_pins.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<void> SetLine(std::string_view setting, GpioSimPlace& place) {
  const std::size_t equals = std::min(setting.find('='), setting.size());
  const std::string_view key = setting.substr(0, equals);
  if (key != "reset" && key != "boot")
    return Fail(ExitCode::kUsage, fmt::format("a simulated GPIO chip has no option '{}'", key),
                "options are reset and boot, as in 'DIR,reset=17,boot=27'");
  const auto number = ParseNumber(setting.substr(std::min(equals + 1, setting.size())));
  if (!number)
    return Fail(ExitCode::kUsage, fmt::format("'{}' names no line by its number", setting),
                "lines are counted from 0 on their chip, as in 'DIR,reset=17,boot=27'");
  (key == "reset" ? place.reset : place.boot) = *number;
  return {};
}

tl::unexpected<Error> FailToUse(const fs::path& path, int error, std::string hint) {
  return Fail(ExitCode::kBoard, fmt::format("cannot use '{}': {}", path.string(), ErrnoText(error)),
              std::move(hint));
}

Result<void> Put(const fs::path& path, std::string_view text, const std::string& hint) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.Get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return FailToUse(path, errno, hint);
  return {};
}

// Following is asked for at every octet or so, and costs more than an octet.
constexpr std::chrono::milliseconds kTraceLook{1};
constexpr std::chrono::milliseconds kLevelsLook{10};
// A driver sets a level at once after its trace, but on a busy machine it may have to wait first.
constexpr std::chrono::milliseconds kLasting{30};

constexpr const char* kChipHint =
    "the directory of a gpio-sim chip is /sys/devices/platform/DEV_NAME/CHIP_NAME, with the names "
    "that its configuration has; only root may use it";
constexpr const char* kTraceHint =
    "tracefs must be mounted on /sys/kernel/tracing, and only root may use it";

// The number of the chip's first line among all lines of the system.
Result<std::uint32_t> FindBase(const fs::path& chip) {
  constexpr std::string_view kPrefix = "gpiochip";
  const fs::path directory = chip / ".." / "gpio";
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    if (const auto base = ParseNumber(std::string_view(name).substr(kPrefix.size()))) return *base;
  }
  return FailToUse(directory, error ? error.value() : ENOENT, kChipHint);
}

}  // namespace

Result<GpioSimPlace> ParseGpioSimPlace(std::string_view text) {
  GpioSimPlace place;
  std::size_t end = std::min(text.find(','), text.size());
  place.chip = text.substr(0, end);
  while (end < text.size()) {
    text.remove_prefix(end + 1);
    end = std::min(text.find(','), text.size());
    TRY_DO(SetLine(text.substr(0, end), place));
  }
  if (place.chip.empty())
    return Fail(ExitCode::kUsage, "a simulated GPIO chip needs its directory", kChipHint);
  if (place.reset == place.boot)
    return Fail(ExitCode::kUsage,
                fmt::format("reset and boot are the same simulated line: {}", place.reset),
                "give each a line of its own");
  return place;
}

Result<GpioSimPins> GpioSimPins::Open(const GpioSimPlace& place, const fs::path& tracing) {
  GpioSimPins pins;
  TRY(const std::uint32_t base, FindBase(place.chip));
  TRY(pins.reset_, OpenPin(place, place.reset, base));
  TRY(pins.boot_, OpenPin(place, place.boot, base));
  TRY_DO(pins.StartTrace(tracing));
  return pins;
}

Result<GpioSimPins::Pin> GpioSimPins::OpenPin(const GpioSimPlace& place, std::uint32_t line,
                                              std::uint32_t base) {
  const fs::path directory = place.chip / fmt::format("sim_gpio{}", line);
  TRY_DO(Put(directory / "pull", "pull-up", kChipHint));
  Pin pin;
  pin.number = base + line;
  pin.value = Descriptor(::open((directory / "value").c_str(), O_RDONLY | O_CLOEXEC));
  if (!pin.value) return FailToUse(directory / "value", errno, kChipHint);
  return pin;
}

Result<void> GpioSimPins::StartTrace(const fs::path& tracing) {
  const fs::path instance = tracing / "instances" / fmt::format("lastgood-{}", ::getpid());
  std::error_code error;
  fs::create_directory(instance, error);
  if (error) return FailToUse(instance, error.value(), kTraceHint);
  instance_ = instance;
  const fs::path event = instance / "events" / "gpio" / "gpio_value";
  // Without it, a wait would last until half of the buffer is full.
  TRY_DO(Put(instance / "buffer_percent", "0", kTraceHint));
  TRY_DO(Put(event / "filter", fmt::format("gpio=={} || gpio=={}", reset_.number, boot_.number),
             kTraceHint));
  TRY_DO(Put(event / "enable", "1", kTraceHint));
  const fs::path pipe = instance / "trace_pipe";
  trace_ = Descriptor(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!trace_) return FailToUse(pipe, errno, kTraceHint);
  return {};
}

GpioSimPins::GpioSimPins(GpioSimPins&& other) noexcept
    : reset_(std::move(other.reset_)),
      boot_(std::move(other.boot_)),
      instance_(std::exchange(other.instance_, {})),
      trace_(std::move(other.trace_)),
      next_trace_(other.next_trace_),
      next_levels_(other.next_levels_),
      differ_since_(other.differ_since_),
      unfinished_(std::move(other.unfinished_)) {}

GpioSimPins::~GpioSimPins() {
  trace_.Reset();
  std::error_code ignored;
  if (!instance_.empty()) fs::remove(instance_, ignored);
}

void GpioSimPins::Follow(TimePoint now, const SetLines& set) {
  if (now < next_trace_) return;
  next_trace_ = now + kTraceLook;
  if (FollowTrace(set)) differ_since_.reset();
  if (now < next_levels_) return;
  next_levels_ = now + kLevelsLook;
  FollowLevels(now, set);
}

// Whether there was anything.
bool GpioSimPins::FollowTrace(const SetLines& set) {
  std::array<char, 4096> buffer;
  for (bool any = false;; any = true) {
    const ssize_t count =
        RetryOnInterrupt([&] { return ::read(trace_.Get(), buffer.data(), buffer.size()); });
    if (count <= 0) return any;
    unfinished_.append(buffer.data(), static_cast<std::size_t>(count));
    for (std::size_t end; (end = unfinished_.find('\n')) != std::string::npos;) {
      TakeEvent(std::string_view(unfinished_).substr(0, end), set);
      unfinished_.erase(0, end + 1);
    }
  }
}

void GpioSimPins::FollowLevels(TimePoint now, const SetLines& set) {
  const auto is_low = [](const Pin& pin) {
    char level = '1';
    return ::pread(pin.value.Get(), &level, 1, 0) == 1 && level == '0';
  };
  const bool reset = is_low(reset_);
  const bool boot = is_low(boot_);
  if (reset == reset_.asserted && boot == boot_.asserted) {
    differ_since_.reset();
  } else if (!differ_since_) {
    differ_since_ = now;
  } else if (now - *differ_since_ >= kLasting) {
    differ_since_.reset();
    reset_.asserted = reset;
    boot_.asserted = boot;
    set(reset, boot);
  }
}

// "  lastgood-195  [000] .....  5.616765: gpio_value: 997 set 0"
void GpioSimPins::TakeEvent(std::string_view event, const SetLines& set) {
  constexpr std::string_view kName = "gpio_value: ";
  constexpr std::string_view kSet = " set ";
  const std::size_t at = event.find(kName);
  const std::size_t verb = event.find(kSet, at);
  if (at == std::string_view::npos || verb == std::string_view::npos) return;
  const auto number = ParseNumber(event.substr(at + kName.size(), verb - at - kName.size()));
  const bool asserted = event.substr(verb + kSet.size()) == "0";
  if (number == reset_.number)
    reset_.asserted = asserted;
  else if (number == boot_.number)
    boot_.asserted = asserted;
  else
    return;
  set(reset_.asserted, boot_.asserted);
}

}  // namespace lastgood::sim
