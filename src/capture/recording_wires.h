// SPDX-License-Identifier: MIT
// Both ends of a board's wires with a recorder between: everything passes unchanged, and a WireLog
// is told.
#pragma once

#include <memory>

#include "capture/wire_event.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"

namespace lastgood {

// Times of events count from its making.
class WireRecorder {
 public:
  // Both must outlive the recorder.
  WireRecorder(WireLog& log, const Clock& clock) : log_(log), clock_(clock), began_(clock.Now()) {}

  void Add(WireEvent event);

 private:
  WireLog& log_;
  const Clock& clock_;
  TimePoint began_;
};

// They keep the recorder, and what they wrap.
std::unique_ptr<SerialPort> RecordSerialPort(std::unique_ptr<SerialPort> serial_port,
                                             std::shared_ptr<WireRecorder> recorder);
std::unique_ptr<BoardLines> RecordLines(std::unique_ptr<BoardLines> lines,
                                        std::shared_ptr<WireRecorder> recorder);

}  // namespace lastgood
