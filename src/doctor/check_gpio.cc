// SPDX-License-Identifier: MIT
// Whether the board's reset and boot lines exist, are free, and stay free at the next start.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "device/gpio_chips.h"
#include "doctor/checks.h"
#include "doctor/gpio_tree.h"

namespace lastgood {
namespace {

constexpr const char* kChipsPresent = "gpio-chips";
constexpr const char* kLines = "gpio-lines";
constexpr const char* kHolder = "gpio-holder";
constexpr const char* kOverlays = "gpio-overlays";

// The kernel's word; where it may not be had, the device tree's.
GpioChips ChipsOf(const HostView& view) {
  if (view.list_gpio_chips) {
    GpioChips chips = view.list_gpio_chips();
    if (!chips.chips.empty() || !chips.unreadable.empty()) return chips;
  }
  return ReadGpioTree(view.files);
}

std::vector<std::string> ChipNodes(const HostView& view) {
  std::vector<std::string> nodes;
  for (const std::string& name : view.files.List("/dev"))
    if (name.starts_with("gpiochip")) nodes.push_back("/dev/" + name);
  return nodes;
}

const GpioChip* ChipAt(const GpioChips& chips, const GpioPlace& place) {
  for (const GpioChip& chip : chips.chips)
    if (chip.path == place.path && chip.name == place.chip) return &chip;
  return nullptr;
}

std::vector<GpioLineSpec> SpecsOf(const HostView& view) {
  return {view.board->board.lines.reset, view.board->board.lines.boot};
}

std::optional<std::uint32_t> HeaderPin(const GpioLineSpec& spec) {
  constexpr std::string_view kName = "GPIO";
  if (spec.line.starts_with(kName)) return ParseNumber(spec.line.substr(kName.size()));
  return spec.chip.starts_with("pinctrl-") ? spec.offset : std::nullopt;
}

Finding UsedLine(const HostView& view, const GpioLineSpec& spec, const GpioPlace& place,
                 const std::string& consumer) {
  const auto holder = view.find_gpio_holder ? view.find_gpio_holder(place) : std::nullopt;
  std::string by = consumer.empty() ? "the kernel" : fmt::format("'{}'", consumer);
  std::string remedy =
      "a driver of the kernel has it: take the overlay that claims it out of config.txt, then: "
      "sudo "
      "reboot";
  if (!view.user.IsRoot())
    remedy = fmt::format("end that program; its process is named by: sudo lsof {}", place.path);
  if (holder) {
    by += fmt::format(", process {} ({})", holder->pid, holder->name);
    remedy = fmt::format("end that program: kill {}", holder->pid);
  }
  return {kHolder,
          FindingVerdict::kProblem,
          fmt::format("GPIO line '{}' is in use by {}", DescribeGpioLine(spec), by),
          remedy,
          {}};
}

// The GPIO numbers of a Pi's header among the board's lines.
std::vector<std::uint32_t> PinsOf(const HostView& view) {
  std::vector<std::uint32_t> pins;
  for (const GpioLineSpec& spec : SpecsOf(view))
    if (const auto pin = HeaderPin(spec)) pins.push_back(*pin);
  return pins;
}

// Pins that an overlay takes without being told: raspberrypi/firmware, boot/overlays/README.
struct OverlayRow {
  std::string_view name;
  std::string_view parameter;  // that moves it elsewhere; empty when nothing does
  std::uint32_t first;
  std::uint32_t last;
};

constexpr std::array kTakers = {
    OverlayRow{"w1-gpio", "gpiopin", 4, 4},
    OverlayRow{"w1-gpio-pullup", "gpiopin", 4, 4},
    OverlayRow{"gpio-ir", "gpio_pin", 18, 18},
    OverlayRow{"gpio-ir-tx", "gpio_pin", 18, 18},
    OverlayRow{"dht11", "gpiopin", 4, 4},
    OverlayRow{"gpio-shutdown", "gpio_pin", 3, 3},
    OverlayRow{"gpio-fan", "gpiopin", 12, 12},
    OverlayRow{"gpio-poweroff", "gpiopin", 26, 26},
    OverlayRow{"pps-gpio", "gpiopin", 18, 18},
    OverlayRow{"spi1-1cs", "", 18, 21},
    OverlayRow{"spi1-2cs", "", 17, 21},
    OverlayRow{"spi1-3cs", "", 16, 21},
    OverlayRow{"sdio", "", 22, 27},
    OverlayRow{"dpi24", "", 0, 27},
    OverlayRow{"dpi18", "", 0, 21},
    OverlayRow{"vc4-kms-dpi-generic", "", 0, 27},
};

// The parameter with which an overlay takes `pin`; empty when it does not.
std::string Takes(const BootOverlay& overlay, std::uint32_t pin) {
  std::vector<std::string> given;
  for (const std::string& parameter : overlay.parameters) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string key = parameter.substr(0, equals);
    given.push_back(key);
    const bool names_pin = key.find("pin") != std::string::npos ||
                           key.find("gpio") != std::string::npos ||
                           (key.starts_with("cs") && overlay.name.starts_with("spi"));
    if (names_pin && equals < parameter.size() && ParseNumber(parameter.substr(equals + 1)) == pin)
      return parameter;
  }
  for (const OverlayRow& row : kTakers) {
    const bool moved = !row.parameter.empty() &&
                       std::find(given.begin(), given.end(), row.parameter) != given.end();
    if (row.name == overlay.name && !moved && row.first <= pin && pin <= row.last)
      return fmt::format("by default GPIO{}", pin);
  }
  return {};
}

}  // namespace

Findings CheckGpioChips(const HostView& view) {
  if (view.board && !view.WantsGpio()) return {};
  const GpioChips chips = ChipsOf(view);
  const std::vector<std::string> nodes = ChipNodes(view);
  std::vector<std::string> labels;
  for (const GpioChip& chip : chips.chips) labels.push_back(chip.label);
  if (!nodes.empty()) {
    std::string text = fmt::format("{}", fmt::join(nodes, ", "));
    if (!labels.empty()) text += fmt::format("; chips: {}", fmt::join(labels, ", "));
    return {{kChipsPresent, FindingVerdict::kOk, text, "", {}}};
  }
  if (view.files.List("/dev").empty())
    return {{kChipsPresent,
             FindingVerdict::kUnknown,
             "GPIO chips cannot be seen: there is no /dev",
             "",
             {}}};
  const std::string container = ReadContainer(view.files);
  if (!container.empty())
    return {{kChipsPresent,
             view.Trouble(),
             fmt::format("this container ({}) was not given a GPIO chip", container),
             "start it with --device /dev/gpiochip0 (and --device of the serial device)",
             {}}};
  if (!labels.empty())
    return {{kChipsPresent,
             view.Trouble(),
             fmt::format("the device tree has GPIO chips ({}), but there is no /dev/gpiochip0: the "
                         "kernel lacks its GPIO interface for programs",
                         fmt::join(labels, ", ")),
             "start a kernel that was built with CONFIG_GPIO_CDEV",
             {}}};
  return {{kChipsPresent,
           view.Trouble(),
           "this host has no GPIO chips",
           view.board
               ? "wire the board to a host that has some, or use kind = \"modem\" with a USB "
                 "adapter"
               : "",
           {}}};
}

Findings CheckGpioLines(const HostView& view) {
  if (!view.WantsGpio()) return {};
  const GpioChips chips = ChipsOf(view);
  if (chips.chips.empty() && chips.unreadable.empty()) {
    if (ChipNodes(view).empty()) return {};  // gpio-chips says it
    return {{kLines,
             FindingVerdict::kUnknown,
             "the names of the GPIO lines cannot be seen: no chip may be opened, and there is no "
             "device tree",
             "sudo gpioinfo",
             {}}};
  }
  Findings lines;
  Findings used;
  std::vector<std::string> found;
  for (const GpioLineSpec& spec : SpecsOf(view)) {
    const Result<GpioPlace> place = FindGpioLine(chips, spec);
    if (!place) {
      lines.push_back(
          {kLines, FindingVerdict::kProblem, place.error().message, place.error().hint, {}});
      continue;
    }
    const GpioChip* const chip = ChipAt(chips, *place);
    if (chip == nullptr) continue;
    found.push_back(
        fmt::format("{} is {} of {}", DescribeGpioLine(spec), place->offset, chip->label));
    const GpioLine& line = chip->lines[place->offset];
    if (line.used) used.push_back(UsedLine(view, spec, *place, line.consumer));
  }
  if (lines.empty())
    lines.push_back(
        {kLines, FindingVerdict::kOk, fmt::format("{}", fmt::join(found, ", ")), "", {}});
  lines.insert(lines.end(), used.begin(), used.end());
  return lines;
}

Findings CheckGpioOverlays(const HostView& view) {
  if (!view.WantsGpio() || view.boot.state != HostFiles::State::kFound) return {};
  Findings findings;
  for (const BootOverlay& overlay : view.boot.overlays) {
    for (const std::uint32_t pin : PinsOf(view)) {
      const std::string how = Takes(overlay, pin);
      if (how.empty()) continue;
      findings.push_back(
          {kOverlays,
           FindingVerdict::kProblem,
           fmt::format("{}: the overlay {} takes GPIO{}, which the board needs", overlay.place,
                       overlay.name, pin),
           fmt::format("take that line out, or move it to another pin, then: {}", "sudo reboot"),
           {fmt::format("dtoverlay={} ({})", overlay.name, how)}});
    }
  }
  if (findings.empty())
    findings.push_back({kOverlays,
                        FindingVerdict::kOk,
                        fmt::format("no overlay in {} takes the board's lines", view.boot.path),
                        "",
                        {}});
  return findings;
}

}  // namespace lastgood
