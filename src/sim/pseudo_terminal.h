// SPDX-License-Identifier: MIT
// The pty that other programs take for the board's serial device: the server's end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"
#include "host/descriptor.h"

namespace lastgood::sim {

class PseudoTerminal {
 public:
  // In raw mode at 115200, so that a program which sets nothing up does not get its own echo.
  // kInternal when the system has no pty left.
  static Result<PseudoTerminal> Open();

  const std::filesystem::path& path() const { return path_; }  // "/dev/pts/7"
  int Device() const { return master_.Get(); }                 // to wait for: octets can be read
  int UsageEvents() const { return watch_.Get(); }  // to wait for: NoteUsage has something to do

  // The rate that the device's user has set; the last known one when it cannot be read.
  std::uint32_t BaudRate();

  // What the user wrote, at most `size_max`, without waiting.
  Bytes Read(std::size_t size_max);
  // Puts what there is room for into the user's input; returns how much that was. Octets that come
  // while nobody has the device open are taken and lost, as on a real one.
  std::size_t Write(ByteSpan octets);

  // Takes note of who has opened and closed the device since the last call.
  void NoteUsage();

 private:
  PseudoTerminal() = default;
  void HandleClose();

  Descriptor master_;
  // Kept open, so that the pty survives its users; never read.
  Descriptor slave_;
  Descriptor watch_;  // inotify on the slave; without it, the device counts as used all the time
  std::filesystem::path path_;
  std::uint32_t baud_ = 115200;
  int users_ = 0;
};

}  // namespace lastgood::sim
