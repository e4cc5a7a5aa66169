// SPDX-License-Identifier: MIT
// Whoever answers the download protocol on the chip: its mask ROM, or a stub that was put into RAM.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sim/flash_work.h"

namespace lastgood::sim {

// What a request has the chip do.
struct LoaderWork {
  std::uint8_t opcode = 0;
  std::vector<FlashOperation> flash;
  std::chrono::microseconds pause{0};  // of the CPU, before the flash works
  std::uint64_t digest_octets = 0;     // hashed on the chip
  bool answer_first = false;           // a stub works on while the next request arrives
};

enum class LoaderLeave { kStay, kRunFlash, kRunRam };

struct LoaderAnswer {
  std::uint8_t opcode = 0;
  bool failed = false;
  Bytes octets;
  LoaderLeave leave = LoaderLeave::kStay;
  std::uint32_t baud = 0;  // spoken at from 10 ms after the answer on; 0 = as before
};

class Loader {
 public:
  virtual ~Loader() = default;
  // The chip was reset into download mode.
  virtual void Start() {}
  // Where a program that was put into RAM starts.
  virtual std::uint32_t entry() const { return 0; }
  // Takes one octet; a complete request becomes work. Nothing may be received between that and
  // Finish.
  virtual std::optional<LoaderWork> Receive(std::uint8_t octet) = 0;
  // The work is done, or goes on behind the answer.
  virtual LoaderAnswer Finish() = 0;
  // How many octets may wait while a request is being worked on.
  virtual std::size_t receive_buffer_bytes() const = 0;
};

}  // namespace lastgood::sim
