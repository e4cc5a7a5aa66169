// SPDX-License-Identifier: MIT
#include "run/line_names.h"

#include <fmt/format.h>

namespace lastgood {
namespace {

std::string LineName(const LinesSpec& lines, const GpioLineSpec& gpio, std::string_view modem) {
  switch (lines.kind) {
    case LinesKind::kGpio:
      return gpio.line.empty() ? fmt::format("{}:{}", gpio.chip, gpio.offset.value_or(0))
                               : gpio.line;
    case LinesKind::kModem:
      return std::string(modem);
    case LinesKind::kCommand:
      return "the recipe's program";
    case LinesKind::kNone:
      break;
  }
  return "the button";
}

}  // namespace

std::string ResetLineName(const LinesSpec& lines) { return LineName(lines, lines.reset, "RTS"); }
std::string BootLineName(const LinesSpec& lines) { return LineName(lines, lines.boot, "DTR"); }

}  // namespace lastgood
