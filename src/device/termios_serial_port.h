// SPDX-License-Identifier: MIT
// A serial device or pty through termios(3): raw, any baud rate, kept to ourselves.
#pragma once

#include <filesystem>
#include <memory>

#include "device/modem_control.h"
#include "device/serial_port.h"
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
  ~TermiosSerialPort() override;

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override;
  Result<void> Write(ByteSpan data) override;
  Result<void> Drain() override;
  Result<void> SetBaudRate(std::uint32_t baud) override;
  Result<void> DiscardInput() override;
  std::string Name() const override { return name_; }

  Result<void> SetModemLines(bool dtr, bool rts) override;

 private:
  TermiosSerialPort(Descriptor device, std::string name, Clock& clock)
      : device_(std::move(device)), name_(std::move(name)), clock_(clock) {}
  tl::unexpected<Error> FailOn(std::string_view action, int error) const;
  // Time that `count` octets need on the wire, and 2 s for the driver.
  std::chrono::milliseconds WireTime(std::size_t count) const;
  Result<void> WaitWritable(const Deadline& deadline, std::size_t done, std::size_t total);

  Descriptor device_;
  std::string name_;
  Clock& clock_;
  std::uint32_t baud_ = 0;
};

}  // namespace lastgood
