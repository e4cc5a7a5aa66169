// SPDX-License-Identifier: MIT
// Keeping other programs away from an open serial device, and saying who is there already.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace lastgood {

// Three ways to keep each other out, since programs use different ones: a flock for those that
// lock, TIOCEXCL for those that do not, and a look around for those that came earlier. Two readers
// on one line get half of the octets each.
class SerialDeviceClaim {
 public:
  // `device` stays open for longer than the claim; `path` is free of links. kBusy, naming the other
  // program where it can be seen; kBoard when the device is no terminal.
  static Result<SerialDeviceClaim> Make(int device, const std::filesystem::path& path);
  // Gives it back: both locks would outlive our descriptor where somebody else has the device open.
  ~SerialDeviceClaim();
  SerialDeviceClaim(SerialDeviceClaim&& other) noexcept
      : device_(std::exchange(other.device_, -1)) {}
  SerialDeviceClaim& operator=(SerialDeviceClaim&&) = delete;

 private:
  explicit SerialDeviceClaim(int device) : device_(device) {}

  int device_;
};

}  // namespace lastgood
