// SPDX-License-Identifier: MIT
// Any connector, with everything that goes over the wires told to a log.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "capture/recording_wires.h"
#include "run/seams.h"

namespace lastgood {

class RecordingConnector final : public BoardConnector {
 public:
  // All must outlive the connections.
  RecordingConnector(BoardConnector& inner, WireLog& log, const Clock& clock)
      : inner_(inner), recorder_(std::make_shared<WireRecorder>(log, clock)) {}

  Result<BoardConnection> Connect(const BoardSpec& board,
                                  const std::string& serial_device) override {
    TRY(BoardConnection connection, inner_.Connect(board, serial_device));
    recorder_->Add(
        WireEvent{.kind = WireEventKind::kOpened, .text = connection.serial_port->Name()});
    connection.serial_port = RecordSerialPort(std::move(connection.serial_port), recorder_);
    connection.lines = RecordLines(std::move(connection.lines), recorder_);
    connection.note = [recorder = recorder_, inner = std::move(connection.note)](WireEvent event) {
      if (inner) inner(event);
      recorder->Add(std::move(event));
    };
    return connection;
  }

 private:
  BoardConnector& inner_;
  std::shared_ptr<WireRecorder> recorder_;
};

}  // namespace lastgood
