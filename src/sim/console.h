// SPDX-License-Identifier: MIT
// The application on the simulated board once it runs: what its UART says and how it answers. The
// built-in ones are MicropythonConsole and AtConsole; ExternalConsole bridges a real program's
// stdin and stdout.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace lastgood::sim {

// What the simulator found out about the firmware that it boots, from the flash alone.
struct FirmwareFacts {
  enum class Family { kMicropython, kAt, kOther } family = Family::kOther;
  std::string
      version;  // text behind "MicroPython " in the image: "v1.8.7-7-gb5a1a20a3 on 2017-01-09"
  bool first_boot = false;  // the file system area is blank
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
};

// The built-in console for the family: MicroPython, AT, or one that stays silent.
std::unique_ptr<Console> MakeConsole(FirmwareFacts::Family family);

}  // namespace lastgood::sim
