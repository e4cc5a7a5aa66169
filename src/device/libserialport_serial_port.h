// SPDX-License-Identifier: MIT
// A serial device with hardware behind it, through libserialport.
//
// What the kernel does at every open of such a device: it raises DTR and RTS, both at once, and
// nothing here can keep it from that. Behind the two-transistor circuit neither pin is driven then,
// and the board goes on running; behind plain inverters it is held in reset until somebody releases
// the lines (device/open_lines.h). Opening here adds no edge: libserialport writes back what it
// finds. At the last close the kernel would drop both, on some adapters one after the other; that
// (HUPCL) is switched off, so that they stay as they were left.
#pragma once

#include <filesystem>
#include <memory>

#include "device/modem_control.h"
#include "device/serial_port.h"
#include "device/tty_stream.h"
#include "host/clock.h"

struct sp_port;

namespace lastgood {

class LibserialportSerialPort final : public SerialPort, public ModemControl {
 public:
  // As TermiosSerialPort::Open, for a `path` that Accepts(). nullptr when libserialport refuses a
  // device that may well be one: such as one without modem lines.
  static Result<std::unique_ptr<LibserialportSerialPort>> Open(const std::filesystem::path& path,
                                                               Clock& clock);

  // Whether `path`, links followed, is a device that the kernel's list of terminals has hardware
  // for: neither a pty, nor a virtual console, nor an empty slot for a UART.
  static bool Accepts(const std::filesystem::path& path);

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
  struct Close {
    void operator()(sp_port* device) const;
  };
  using Handle = std::unique_ptr<sp_port, Close>;

  LibserialportSerialPort(Handle device, TtyStream stream)
      : device_(std::move(device)), stream_(std::move(stream)) {}

  Handle device_;
  TtyStream stream_;
};

}  // namespace lastgood
