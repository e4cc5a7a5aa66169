// SPDX-License-Identifier: MIT
// Serial ports with nothing at the other end.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "device/modem_control.h"
#include "device/serial_port.h"

namespace lastgood::test {

class SilentPort : public SerialPort {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t>, std::chrono::milliseconds) override {
    return 0;
  }
  Result<void> Write(ByteSpan) override { return {}; }
  Result<void> Drain() override { return {}; }
  Result<void> SetBaudRate(std::uint32_t) override { return {}; }
  Result<void> DiscardInput() override { return {}; }
  std::string Name() const override { return "/dev/ttyUSB0"; }
};

// One with modem lines, which remembers their levels.
class ModemPort final : public SilentPort, public ModemControl {
 public:
  Result<void> SetModemLines(bool dtr, bool rts) override {
    if (static_cast<int>(levels.size()) == fail_at) {
      fail_at = -1;
      return Fail(ExitCode::kBoard, "unplugged");
    }
    levels.emplace_back(dtr, rts);
    return {};
  }

  std::vector<std::pair<bool, bool>> levels;  // DTR, RTS
  int fail_at = -1;                           // the call that fails, once
};

}  // namespace lastgood::test
