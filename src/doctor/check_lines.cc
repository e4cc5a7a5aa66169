// SPDX-License-Identifier: MIT
// Whether the recipe's way to the reset and boot pins fits its serial device.
#include <fmt/format.h>

#include "doctor/checks.h"
#include "doctor/serial_view.h"

namespace lastgood {
namespace {

constexpr const char* kCheck = "board-lines";

Finding ModemLines(const HostView& view) {
  const auto device = BoardDevice(view);
  if (device && device->asked.starts_with("tcp://"))
    return {kCheck,
            FindingVerdict::kProblem,
            fmt::format("{} carries octets only, and kind = \"modem\" needs DTR and RTS",
                        device->asked),
            "use a server that speaks RFC 2217, or another kind in [board.lines]",
            {}};
  if (device && device->is_local && device->IsOnBoard() && view.model.IsPi())
    return {kCheck,
            FindingVerdict::kProblem,
            fmt::format("{} has no DTR and RTS on the header, and kind = \"modem\" needs them",
                        device->Title()),
            "wire reset and boot to GPIO lines and set kind = \"gpio\" in [board.lines]",
            {}};
  return {
      kCheck, FindingVerdict::kOk, "reset and boot are DTR and RTS of the serial device", "", {}};
}

Finding CommandLines(const HostView& view, const LinesSpec& lines) {
  for (const auto& argv : {lines.enter_download, lines.run_firmware}) {
    if (argv.empty() || !argv[0].starts_with('/')) continue;
    if (view.files.Look(argv[0]) == HostFiles::State::kMissing)
      return {kCheck,
              FindingVerdict::kProblem,
              fmt::format("the program {} of [board.lines] does not exist", argv[0]),
              "install it, or correct the recipe",
              {}};
  }
  return {kCheck, FindingVerdict::kOk, "reset and boot are driven by programs", "", {}};
}

}  // namespace

Findings CheckBoardLines(const HostView& view) {
  if (!view.board) return {};
  const LinesSpec& lines = view.board->board.lines;
  switch (lines.kind) {
    case LinesKind::kGpio:
      return {};  // check_gpio.cc
    case LinesKind::kModem:
      return {ModemLines(view)};
    case LinesKind::kCommand:
      return {CommandLines(view, lines)};
    case LinesKind::kNone:
      return {
          {kCheck, FindingVerdict::kNote, "a person presses reset and boot on this board", "", {}}};
  }
  return {};
}

}  // namespace lastgood
