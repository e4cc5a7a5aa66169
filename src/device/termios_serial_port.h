// SPDX-License-Identifier: MIT
// A pty, or a serial device that libserialport refuses, through termios(3): raw, any baud rate,
// kept to ourselves.
#pragma once

#include <filesystem>
#include <memory>

#include "device/modem_control.h"
#include "device/serial_port.h"
#include "device/tty_stream.h"
#include "host/clock.h"
#include "host/descriptor.h"

namespace lastgood {

class TermiosSerialPort final : public SerialPort, public ModemControl {
 public:
  // Opens `path` (links are followed; messages name what they lead to) at 115200 baud, with old
  // input discarded, and keeps other programs out until it is destroyed. kBoard when it is missing,
  // forbidden or no serial device; kBusy, naming the other program, when that one has it open.
  // `clock` must outlive the port, and be one that follows real time.
  static Result<std::unique_ptr<TermiosSerialPort>> Open(const std::filesystem::path& path,
                                                         Clock& clock);

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override {
    return stream_.Read(buffer, timeout);
  }
  Result<void> Write(ByteSpan data) override { return stream_.Write(data); }
  Result<void> Drain() override { return stream_.Drain(); }
  Result<void> SetBaudRate(std::uint32_t baud) override { return stream_.SetBaudRate(baud); }
  Result<void> DiscardInput() override { return stream_.DiscardInput(); }
  std::string Name() const override { return stream_.Name(); }
  Result<void> SetModemLines(bool dtr, bool rts) override {
    return stream_.SetModemLines(dtr, rts);
  }

 private:
  TermiosSerialPort(Descriptor device, TtyStream stream)
      : device_(std::move(device)), stream_(std::move(stream)) {}

  Descriptor device_;
  TtyStream stream_;
};

}  // namespace lastgood
