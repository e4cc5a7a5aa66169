// SPDX-License-Identifier: MIT
// A NOR flash chip: erasing sets bits, programming only clears them, addresses beyond its size wrap
// because it does not look at the upper bits. Backed by a file that is mapped into memory, so that
// whatever was programmed is there after the process is killed; without a file it lives in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sim/dice.h"

namespace lastgood::sim {

inline constexpr std::uint32_t kSectorSize = 0x1000;
inline constexpr std::uint32_t kBlockSize = 0x10000;
inline constexpr std::uint32_t kPageSize = 0x100;

class FlashChip {
 public:
  // A new or empty file becomes a blank chip. kUsage when `size_bytes` is no power of two or below
  // a sector; kInternal when the file cannot be used or has another size.
  static Result<std::unique_ptr<FlashChip>> Open(const std::filesystem::path& file,
                                                 std::uint32_t size_bytes);
  ~FlashChip();
  FlashChip(const FlashChip&) = delete;
  FlashChip& operator=(const FlashChip&) = delete;

  ByteSpan content() const { return content_; }
  std::uint32_t size_bytes() const { return static_cast<std::uint32_t>(content_.size()); }
  std::uint8_t At(std::uint32_t address) const { return content_[Wrapped(address)]; }
  Bytes Read(std::uint32_t address, std::uint32_t length) const;

  void Erase(std::uint32_t address, std::uint32_t length);
  void Program(std::uint32_t address, ByteSpan data);
  // The power fails in the middle: some bits have changed and some have not.
  void EraseInterrupted(std::uint32_t address, std::uint32_t length, Dice& dice);
  void ProgramInterrupted(std::uint32_t address, ByteSpan data, Dice& dice);
  // As with a programmer's clip; what exceeds the chip is left out.
  void Overwrite(std::uint32_t offset, ByteSpan data);

  // This sector can be erased and does not take programming any more.
  void WearOut(std::uint32_t sector) { worn_out_ = sector; }

  // Grows whenever something in the first `length` bytes has changed.
  std::uint64_t ChangeCount(std::uint32_t length) const;

 private:
  explicit FlashChip(std::span<std::uint8_t> content);
  std::uint32_t Wrapped(std::uint32_t address) const { return address & (size_bytes() - 1); }
  void Touch(std::uint32_t wrapped) { changed_at_[wrapped / kSectorSize] = ++changes_; }

  std::span<std::uint8_t> content_;        // a mapping that the destructor undoes
  std::vector<std::uint64_t> changed_at_;  // per sector
  std::uint64_t changes_ = 0;
  std::optional<std::uint32_t> worn_out_;
};

}  // namespace lastgood::sim
