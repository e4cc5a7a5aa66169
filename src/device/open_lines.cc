// SPDX-License-Identifier: MIT
#include "device/open_lines.h"

#include <fmt/format.h>

#include "device/command_lines.h"
#include "device/gpiod_lines.h"
#include "device/modem_lines.h"
#include "device/no_lines.h"

namespace lastgood {
namespace {

using Lines = std::unique_ptr<BoardLines>;

Result<Lines> OpenModemLines(const LinesSpec& spec, SerialPort& serial_port, Clock& clock) {
  auto* modem = dynamic_cast<ModemControl*>(&serial_port);
  if (modem == nullptr)
    return Fail(ExitCode::kBoard, fmt::format("'{}' has no DTR and RTS lines", serial_port.Name()),
                "kind = \"modem\" in [board.lines] needs a serial adapter with modem lines");
  // Whoever opens a serial device asserts both; through plain inverters that holds the board in
  // reset. Behind two transistors it is no change.
  TRY_DO(modem->SetModemLines(/*dtr=*/false, /*rts=*/false));
  return std::make_unique<ModemLines>(*modem, serial_port.Name(), clock,
                                      spec.sequence.value_or(SequenceName::kTwoTransistor));
}

}  // namespace

Result<Lines> OpenBoardLines(const LinesSpec& spec, SerialPort& serial_port, ProcessRunner& runner,
                             Clock& clock, Attendant* attendant) {
  switch (spec.kind) {
    case LinesKind::kGpio:
      return OpenGpiodLines(spec.reset, spec.boot, clock,
                            spec.sequence.value_or(SequenceName::kDirect));
    case LinesKind::kModem:
      return OpenModemLines(spec, serial_port, clock);
    case LinesKind::kCommand:
      return std::make_unique<CommandLines>(spec.enter_download, spec.run_firmware, runner,
                                            spec.command_timeout);
    case LinesKind::kNone:
      return std::make_unique<NoLines>(attendant, serial_port.Name());
  }
  return Fail(ExitCode::kInternal, "unknown kind of board lines");
}

}  // namespace lastgood
