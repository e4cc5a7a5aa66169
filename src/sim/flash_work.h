// SPDX-License-Identifier: MIT
// Flash operations one after another, each taking the time that a real chip takes (protocol
// reference, section 18). An operation takes effect when its time is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "host/clock.h"
#include "sim/dice.h"
#include "sim/flash_chip.h"

namespace lastgood::sim {

// Typical values of 25-series NOR flash's data sheets.
struct FlashTimings {
  std::chrono::microseconds sector_erase{45'000};
  std::chrono::microseconds block_erase{200'000};  // 64 KiB
  std::chrono::microseconds page_program{700};
};

struct FlashOperation {
  enum class Kind { kEraseSector, kEraseBlock, kProgramPage } kind = Kind::kEraseSector;
  std::uint32_t address = 0;
  Bytes data;  // kProgramPage: at most a page
};

void AddProgramming(std::vector<FlashOperation>& operations, std::uint32_t address, ByteSpan data);

class FlashWork {
 public:
  struct Counters {
    std::uint32_t sectors_erased = 0;  // those within blocks included
    std::uint32_t blocks_erased = 0;   // of 64 KiB, by one command each
    std::uint32_t pages_programmed = 0;
    std::uint64_t bytes_programmed = 0;
  };

  explicit FlashWork(FlashChip& chip, const FlashTimings& timings = {})
      : chip_(chip), timings_(timings) {}

  // Precondition: idle.
  void Start(TimePoint now, std::vector<FlashOperation> operations);
  bool Busy() const { return next_ < operations_.size(); }
  // When the current operation is done; only while Busy().
  TimePoint CurrentDone() const { return current_done_; }
  void FinishCurrent();
  // The CPU was reset: the flash chip finishes what it is doing; nobody asks for the rest.
  void Abandon();
  // The power went: the current operation stays half done.
  void LosePower(Dice& dice);

  const Counters& counters() const { return counters_; }

 private:
  std::chrono::microseconds TimeOf(FlashOperation::Kind kind) const;
  void Clear();

  FlashChip& chip_;
  FlashTimings timings_;
  std::vector<FlashOperation> operations_;
  std::size_t next_ = 0;
  TimePoint current_done_{};
  Counters counters_;
};

}  // namespace lastgood::sim
