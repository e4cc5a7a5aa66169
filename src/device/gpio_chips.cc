// SPDX-License-Identifier: MIT
// Every text about a line that cannot be found is made here, from values alone, so that it is the
// same whether the values come from this host's kernel or from a device tree.
#include "device/gpio_chips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "base/nearest_word.h"

namespace lastgood {
namespace {

constexpr std::string_view kNoChips =
    "kind = \"gpio\" in [board.lines] needs a host with GPIO pins, such as a Raspberry Pi; a board "
    "with a USB adapter has kind = \"modem\"";
constexpr std::string_view kOtherInterface =
    "kernels from Linux 5.10 on speak to a build with libgpiod 2, and with libgpiod 1 only where "
    "they are configured for it";

bool Matches(const GpioChip& chip, const GpioLineSpec& spec) {
  return spec.chip.empty() || spec.chip == chip.label || spec.chip == chip.name;
}

std::string Count(std::size_t lines) {
  return fmt::format("{} line{}", lines, lines == 1 ? "" : "s");
}

std::string DescribeChip(const GpioChip& chip) {
  return fmt::format("{} ({}, {})", chip.name, chip.label, Count(chip.lines.size()));
}

std::string ListChips(const std::vector<const GpioChip*>& chips) {
  std::string text;
  for (const GpioChip* chip : chips)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", DescribeChip(*chip));
  return text;
}

std::vector<const GpioChip*> ChipsFor(const GpioChips& chips, const GpioLineSpec& spec) {
  std::vector<const GpioChip*> matching;
  for (const GpioChip& chip : chips.chips)
    if (Matches(chip, spec)) matching.push_back(&chip);
  return matching;
}

// "17" and "BCM17" mean GPIO17 to whoever writes them.
std::string WithUsualPrefix(std::string_view name) {
  std::size_t digits = name.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1])) != 0) --digits;
  return fmt::format("GPIO{}", name.substr(digits));
}

std::optional<std::string> NearestName(const std::vector<const GpioChip*>& chips,
                                       const std::string& name) {
  std::vector<std::string> names;
  for (const GpioChip* chip : chips)
    for (const GpioLine& line : chip->lines)
      if (line.name.size() > 1) names.push_back(line.name);  // "-" stands for none
  const std::string usual = WithUsualPrefix(name);
  if (usual.size() > 4 && std::find(names.begin(), names.end(), usual) != names.end()) return usual;
  return NearestWord(name, names);
}

bool HasNames(const std::vector<const GpioChip*>& chips) {
  return std::any_of(chips.begin(), chips.end(), [](const GpioChip* chip) {
    return std::any_of(chip->lines.begin(), chip->lines.end(),
                       [](const GpioLine& line) { return !line.name.empty(); });
  });
}

// What keeps us from seeing all lines of this host, and so from saying that there is none.
std::optional<Error> FindObstacle(const GpioChips& chips, const GpioLineSpec& spec) {
  const std::string line = DescribeGpioLine(spec);
  if (!chips.forbidden.empty())
    return Error{ExitCode::kBoard,
                 fmt::format("cannot use GPIO line '{}': no permission to open {}", line,
                             fmt::join(chips.forbidden, ", ")),
                 HintForForbiddenChips(chips)};
  if (!chips.unreadable.empty())
    return Error{ExitCode::kBoard,
                 fmt::format("cannot use GPIO line '{}': this kernel does not offer {} to the "
                             "libgpiod of this build",
                             line, fmt::join(chips.unreadable, ", ")),
                 std::string(kOtherInterface)};
  if (chips.chips.empty())
    return Error{ExitCode::kBoard,
                 fmt::format("there is no GPIO line '{}': this host has no GPIO chip", line),
                 std::string(kNoChips)};
  return std::nullopt;
}

tl::unexpected<Error> FailForChip(const GpioChips& chips, const GpioLineSpec& spec) {
  if (auto obstacle = FindObstacle(chips, spec)) return Fail(*std::move(obstacle));
  std::string hint = fmt::format("this host has {}", ListChips(ChipsFor(chips, {})));
  if (spec.line.empty())
    hint += "; a line that is given by its name is found on any chip";
  else
    hint += "; without chip the line is looked for on all of them";
  return Fail(
      ExitCode::kBoard,
      fmt::format("there is no GPIO chip '{}' for line '{}'", spec.chip, DescribeGpioLine(spec)),
      hint);
}

tl::unexpected<Error> FailForName(const GpioChips& all, const std::vector<const GpioChip*>& chips,
                                  const GpioLineSpec& spec) {
  if (auto obstacle = FindObstacle(all, spec)) return Fail(*std::move(obstacle));
  const std::string message =
      fmt::format("there is no GPIO line '{}' among those of {}", spec.line, ListChips(chips));
  if (!HasNames(chips))
    return Fail(ExitCode::kBoard, message,
                fmt::format("this kernel gives them no names; write chip = \"{}\", offset = … in "
                            "place of line",
                            chips.front()->label));
  if (const auto nearest = NearestName(chips, spec.line))
    return Fail(ExitCode::kBoard, message,
                fmt::format("did you mean '{}'? gpioinfo lists all names", *nearest));
  return Fail(ExitCode::kBoard, message, "gpioinfo lists their names");
}

struct Found {
  const GpioChip* chip;
  std::size_t offset;
};

// Names need not be unique, and the wrong pin may be wired to anything.
tl::unexpected<Error> FailForSeveral(const GpioLineSpec& spec, const Found& a, const Found& b) {
  if (a.chip == b.chip)
    return Fail(ExitCode::kBoard,
                fmt::format("GPIO lines {} and {} of {} are both called '{}'", a.offset, b.offset,
                            DescribeChip(*a.chip), spec.line),
                fmt::format("write chip = \"{}\", offset = … in place of line", a.chip->label));
  const bool labels_differ = a.chip->label != b.chip->label;
  return Fail(
      ExitCode::kBoard,
      fmt::format("GPIO line '{}' exists on {} ({}) and on {} ({})", DescribeGpioLine(spec),
                  a.chip->name, a.chip->label, b.chip->name, b.chip->label),
      fmt::format("say which one: chip = \"{}\"", labels_differ ? a.chip->label : a.chip->name));
}

Result<Found> FindByOffset(const std::vector<const GpioChip*>& chips, const GpioLineSpec& spec) {
  const std::size_t offset = spec.offset.value_or(0);
  if (chips.size() > 1) return FailForSeveral(spec, {chips[0], offset}, {chips[1], offset});
  if (offset >= chips[0]->lines.size())
    return Fail(ExitCode::kBoard, fmt::format("there is no GPIO line '{}'", DescribeGpioLine(spec)),
                fmt::format("{} has offsets from 0 to {}", DescribeChip(*chips[0]),
                            std::max<std::size_t>(chips[0]->lines.size(), 1) - 1));
  return Found{chips[0], offset};
}

Result<Found> FindByName(const GpioChips& all, const std::vector<const GpioChip*>& chips,
                         const GpioLineSpec& spec) {
  std::optional<Found> found;
  for (const GpioChip* chip : chips) {
    for (std::size_t offset = 0; offset < chip->lines.size(); ++offset) {
      if (chip->lines[offset].name != spec.line) continue;
      if (found) return FailForSeveral(spec, *found, {chip, offset});
      found = Found{chip, offset};
    }
  }
  if (!found) return FailForName(all, chips, spec);
  return *found;
}

Result<Found> Find(const GpioChips& chips, const GpioLineSpec& spec) {
  const std::vector<const GpioChip*> matching = ChipsFor(chips, spec);
  if (matching.empty()) return FailForChip(chips, spec);
  return spec.line.empty() ? FindByOffset(matching, spec) : FindByName(chips, matching, spec);
}

}  // namespace

std::string DescribeGpioLine(const GpioLineSpec& spec) {
  if (spec.chip.empty()) return spec.line;
  if (spec.line.empty()) return fmt::format("{}:{}", spec.chip, spec.offset.value_or(0));
  return fmt::format("{}:{}", spec.chip, spec.line);
}

std::string HintForForbiddenChips(const GpioChips& chips) {
  if (chips.forbidden_group.empty()) return "run it with sudo: only root may open it";
  return fmt::format("add the user to group '{}': sudo usermod -aG {} $USER, then log in again",
                     chips.forbidden_group, chips.forbidden_group);
}

Result<GpioPlace> FindGpioLine(const GpioChips& chips, const GpioLineSpec& spec) {
  TRY(const Found found, Find(chips, spec));
  return GpioPlace{found.chip->path, found.chip->name, static_cast<std::uint32_t>(found.offset)};
}

}  // namespace lastgood
