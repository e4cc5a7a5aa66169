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

// Section 3.
enum Opcode : std::uint8_t {
  kFlashBegin = 0x02,
  kFlashData = 0x03,
  kFlashEnd = 0x04,
  kMemBegin = 0x05,
  kMemEnd = 0x06,
  kMemData = 0x07,
  kSync = 0x08,
  kWriteRegister = 0x09,
  kReadRegister = 0x0A,
  kSetSpiParameters = 0x0B,
  kSpiAttach = 0x0D,
  kReadFlashSlowly = 0x0E,
  kChangeBaud = 0x0F,
  kDeflateBegin = 0x10,
  kDeflateData = 0x11,
  kDeflateEnd = 0x12,
  kFlashMd5 = 0x13,
  kSecurityInfo = 0x14,
  kEraseFlash = 0xD0,
  kEraseRegion = 0xD1,
  kReadFlash = 0xD2,
  kRunUserCode = 0xD3,
};

inline constexpr std::size_t kHeaderBytes = 8;      // of a request, before its data
inline constexpr std::size_t kSubHeaderBytes = 16;  // of data, before the block
inline constexpr std::uint8_t kChecksumSeed = 0xEF;
inline constexpr int kSyncAnswers = 8;

// The exclusive or over a block (section 2).
inline std::uint8_t ChecksumOf(ByteSpan data) {
  std::uint8_t sum = kChecksumSeed;
  for (const std::uint8_t octet : data) sum = static_cast<std::uint8_t>(sum ^ octet);
  return sum;
}

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
