// SPDX-License-Identifier: MIT
// The application on the simulated board once it runs: what its UART says and how it answers. The
// built-in ones are MicropythonConsole and AtConsole; ExternalConsole bridges a real program's
// stdin and stdout.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/digest_value.h"

namespace lastgood::sim {

// What the simulator found out about the firmware that it boots, from the flash alone.
struct FirmwareFacts {
  enum class Family { kMicropython, kCircuitpython, kAt, kOther } family = Family::kOther;
  std::string version;  // text behind the name in the image: "v1.8.7-7-gb5a1a20a3 on 2017-01-09"
  bool first_boot = false;                    // the file system area is blank
  std::uint32_t flash_id = 0x1640EF;          // what esp.flash_id() answers
  std::uint32_t flash_size_bytes = 4U << 20;  // what esp.flash_size() answers: the header's size
  std::uint32_t image_size_bytes = 0;         // T of section 13.6; 0 when there is no trailer
  Md5Digest image_md5{};                      // over [4, T) as the flash holds it now
  bool image_intact = true;                   // image_md5 equals the trailer: esp.check_fw()
  bool main_never_returns = false;            // MicroPython's main.py loops until it is interrupted
  bool raw_paste_falls_silent = false;        // it is accepted, and then nothing comes until Ctrl-C
};

class Console {
 public:
  virtual ~Console() = default;
  // The application starts (after every reset anew): forgets everything, returns what it prints by
  // itself.
  virtual Bytes Start(const FirmwareFacts& facts) = 0;
  // One octet arrived; returns what is printed in answer.
  virtual Bytes Receive(std::uint8_t octet) = 0;
  // Output that appears without input (an external program). Called whenever the board is advanced.
  virtual Bytes Poll() { return {}; }
  // The chip was reset or put into its loader.
  virtual void Stop() {}
  // Why the console can not work ("cannot start 'node': …"); empty when all is well.
  virtual std::string Problem() const { return {}; }
};

// The built-in console for the family: MicroPython's, AT's, or one that stays silent.
std::unique_ptr<Console> MakeConsole(FirmwareFacts::Family family);

// `console` for MicroPython firmware; every other family keeps its built-in one.
std::unique_ptr<Console> ForMicropythonOnly(std::unique_ptr<Console> console);

}  // namespace lastgood::sim
