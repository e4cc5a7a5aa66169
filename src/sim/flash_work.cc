// SPDX-License-Identifier: MIT
#include "sim/flash_work.h"

#include <algorithm>
#include <utility>

namespace lastgood::sim {
namespace {

std::uint32_t ErasedLength(const FlashOperation& operation) {
  return operation.kind == FlashOperation::Kind::kEraseBlock ? kBlockSize : kSectorSize;
}

}  // namespace

std::chrono::microseconds FlashWork::TimeOf(FlashOperation::Kind kind) const {
  switch (kind) {
    case FlashOperation::Kind::kEraseSector:
      return timings_.sector_erase;
    case FlashOperation::Kind::kEraseBlock:
      return timings_.block_erase;
    case FlashOperation::Kind::kProgramPage:
      break;
  }
  return timings_.page_program;
}

void AddProgramming(std::vector<FlashOperation>& operations, std::uint32_t address, ByteSpan data) {
  while (!data.empty()) {
    const std::size_t left_in_page = kPageSize - address % kPageSize;
    const ByteSpan page = data.first(std::min(left_in_page, data.size()));
    operations.push_back(
        {FlashOperation::Kind::kProgramPage, address, Bytes(page.begin(), page.end())});
    address += static_cast<std::uint32_t>(page.size());
    data = data.subspan(page.size());
  }
}

void FlashWork::Start(TimePoint now, std::vector<FlashOperation> operations) {
  operations_ = std::move(operations);
  next_ = 0;
  if (Busy()) current_done_ = now + TimeOf(operations_.front().kind);
}

void FlashWork::FinishCurrent() {
  const FlashOperation& operation = operations_[next_];
  if (operation.kind == FlashOperation::Kind::kProgramPage) {
    chip_.Program(operation.address, operation.data);
    ++counters_.pages_programmed;
    counters_.bytes_programmed += operation.data.size();
  } else {
    chip_.Erase(operation.address, ErasedLength(operation));
    if (operation.kind == FlashOperation::Kind::kEraseBlock) ++counters_.blocks_erased;
    counters_.sectors_erased += ErasedLength(operation) / kSectorSize;
  }
  if (++next_ < operations_.size()) {
    current_done_ += TimeOf(operations_[next_].kind);
  } else {
    Clear();
  }
}

void FlashWork::Abandon() {
  if (Busy()) FinishCurrent();
  Clear();
}

void FlashWork::LosePower(Dice& dice) {
  if (Busy()) {
    const FlashOperation& operation = operations_[next_];
    if (operation.kind == FlashOperation::Kind::kProgramPage) {
      chip_.ProgramInterrupted(operation.address, operation.data, dice);
    } else {
      chip_.EraseInterrupted(operation.address, ErasedLength(operation), dice);
    }
  }
  Clear();
}

void FlashWork::Clear() {
  operations_.clear();
  next_ = 0;
}

}  // namespace lastgood::sim
