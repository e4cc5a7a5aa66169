// SPDX-License-Identifier: MIT
// The lines of the Raspberry Pi's config.txt in the order in which its firmware reads them, those
// of included files in the place where they are named, each with the sections that it stands in
// (raspberrypi/documentation, config_txt/conditional.adoc, what_is_config_txt.adoc).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/host_facts.h"
#include "facts/host_files.h"

namespace lastgood {

constexpr std::size_t kBootLineMax = 98;  // columns; the firmware ignores what stands beyond

// Names of sections that are in force together: "pi4", "gpio4=1". None: [all].
using BootFilters = std::vector<std::string>;

struct BootLine {
  std::string path;
  std::size_t number = 0;  // from 1
  std::string key;         // "enable_uart"; empty for a comment, a section, an inclusion
  std::string value;       // blanks around it left out
  BootFilters filters;     // for this line, and for one that would be put behind it

  std::string Place() const;  // "/boot/config.txt:12"
};

struct BootLines {
  std::vector<BootLine> lines;
  std::vector<std::string> troubles;  // what was not understood: "/boot/config.txt:3: include …"
  std::string unread;                 // of the first inclusion that could not be looked into: why
};

// "gpio4=1" depends on what is not known here, and so does a name of a later firmware's.
enum class FilterVerdict { kHolds, kDoesNot, kUnknown };

// `path` is a config.txt, and `text` what is in it or shall be. Files are included unless `judge`
// says of the sections there that they do not hold.
BootLines ReadBootLines(const HostFiles& files, const std::string& path, std::string_view text,
                        const std::function<FilterVerdict(const BootFilters&)>& judge);

FilterVerdict JudgeFilter(std::string_view name, const HostModel& model);

// The pieces of an overlay's or parameter's value: "gpio-ir", "gpio_pin=17". Without the "-overlay"
// of a file's name.
std::vector<std::string> OverlayPieces(std::string_view value);

// "uart0=on" as {"uart0", "on"}; a parameter alone is switched on.
struct BootParameter {
  std::string name;
  std::string value;
};
BootParameter ParseParameter(std::string_view piece);
// "on" as a parameter has it: also "true", "yes", "1", or nothing.
bool IsSwitchedOn(std::string_view value);

}  // namespace lastgood
