// SPDX-License-Identifier: MIT
// The download mode of the ESP8266's mask ROM with its quirks (protocol reference, 5.1 and 7).
// Where the reference is silent: a frame without a whole header is dropped; a length field that
// disagrees with the frame is error 5; erasing a sector beyond the chip that the ROM believes in is
// error 6, after the sectors before it have been erased.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sim/chip_registers.h"
#include "sim/flash_chip.h"
#include "sim/loader.h"
#include "sim/slip.h"

namespace lastgood::sim {

class RomLoader final : public Loader {
 public:
  static constexpr std::size_t kReceiveBufferBytes = 0x2000;
  static constexpr std::uint8_t kFlashDataOpcode = 0x03;
  static constexpr std::uint8_t kSyncOpcode = 0x08;

  using Work = LoaderWork;
  using Leave = LoaderLeave;
  using Answer = LoaderAnswer;

  RomLoader(const FlashChip& flash, ChipRegisters& registers)
      : flash_(flash), registers_(registers), slip_(kReceiveBufferBytes) {}

  void Start() override;
  std::optional<Work> Receive(std::uint8_t octet) override;
  Answer Finish() override;
  std::size_t receive_buffer_bytes() const override { return kReceiveBufferBytes; }
  std::uint32_t entry() const override { return entry_; }

 private:
  enum class ErrorCode : std::uint8_t {
    kNone = 0,
    kMalformed = 5,
    kFailed = 6,
    kChecksum = 7,
    kReadBackDiffers = 8,
  };
  // A transfer that a BEGIN command announced.
  struct Transfer {
    std::uint32_t size_announced = 0;
    std::uint32_t packets_announced = 0;
    std::uint32_t packet_size = 0;
    std::uint32_t address = 0;
    std::uint32_t sequence = 0;  // of the packet that is expected next
    std::uint32_t bytes_received = 0;
    std::uint32_t packets_received = 0;
  };
  struct ReadBack {
    std::uint32_t address = 0;
    std::uint32_t length = 0;
    std::uint8_t parity = 0;
  };

  static std::uint8_t XorOf(ByteSpan data);
  ErrorCode Dispatch(ByteSpan frame, Work& work);
  ErrorCode Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data, Work& work);
  static ErrorCode Begin(ByteSpan data, Transfer& transfer);
  static ErrorCode Accept(ByteSpan data, std::uint32_t checksum, Transfer& transfer);
  ErrorCode FlashBegin(ByteSpan data, Work& work);
  ErrorCode FlashData(ByteSpan data, std::uint32_t checksum, Work& work);
  ErrorCode FlashEnd();
  ErrorCode MemData(ByteSpan data, std::uint32_t checksum);
  ErrorCode MemEnd(ByteSpan data);
  ErrorCode Sync(ByteSpan data);
  ErrorCode WriteRegisters(ByteSpan data, Work& work);
  ErrorCode ReadRegister(ByteSpan data);
  ErrorCode SetSpiParameters(ByteSpan data);
  ErrorCode EraseArea(std::uint32_t address, std::uint32_t size, Work& work) const;

  const FlashChip& flash_;
  ChipRegisters& registers_;
  SlipReceiver slip_;

  std::uint32_t flash_size_believed_ = 0;
  std::uint8_t opcode_ = 0;  // of the last known command; an unknown one does not replace it
  std::uint32_t value_ = 0;  // one static word for all answers
  std::uint32_t entry_ = 0;
  Transfer to_flash_;
  Transfer to_ram_;
  ErrorCode error_ = ErrorCode::kNone;
  Leave leave_ = Leave::kStay;
  std::optional<ReadBack> read_back_;
};

}  // namespace lastgood::sim
