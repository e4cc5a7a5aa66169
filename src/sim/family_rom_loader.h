// SPDX-License-Identifier: MIT
// The download mode of the ESP32 family's mask ROMs (protocol reference, 3 to 5.2): unlike the
// ESP8266's they inflate, digest and read flash, and answer with four status octets. They erase
// before they answer a BEGIN, and program before they answer a block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "sim/chip_registers.h"
#include "sim/flash_chip.h"
#include "sim/inflater.h"
#include "sim/loader.h"
#include "sim/slip.h"

namespace lastgood::sim {

class FamilyRomLoader final : public Loader {
 public:
  FamilyRomLoader(const FlashChip& flash, ChipRegisters& registers);

  void Start() override;
  std::optional<LoaderWork> Receive(std::uint8_t octet) override;
  LoaderAnswer Finish() override;
  std::size_t receive_buffer_bytes() const override { return 0x8000; }
  std::uint32_t entry() const override { return entry_; }

 private:
  enum Error : std::uint8_t {
    kNone = 0,
    kBadParameter = 1,
    kMalformed = 5,
    kFailed = 6,
    kChecksum = 7,
    kInflate = 0x0B,
  };
  struct Transfer {
    std::uint32_t packet_size = 0;
    std::uint32_t address = 0;
    std::uint32_t sequence = 0;
    std::uint32_t left = 0;
    bool compressed = false;
  };

  std::uint8_t Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data, LoaderWork& work);
  std::uint8_t RunFlash(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                        LoaderWork& work);
  std::uint8_t Begin(ByteSpan data, bool compressed, LoaderWork& work);
  std::uint8_t Accept(ByteSpan data, std::uint32_t checksum, Transfer& transfer);
  std::uint8_t FlashData(ByteSpan data, std::uint32_t checksum, bool compressed, LoaderWork& work);
  std::uint8_t FlashEnd(ByteSpan data);
  std::uint8_t MemBegin(ByteSpan data);
  std::uint8_t MemData(ByteSpan data, std::uint32_t checksum);
  std::uint8_t MemEnd(ByteSpan data);
  std::uint8_t Digest(ByteSpan data, LoaderWork& work);
  std::uint8_t ReadSlowly(ByteSpan data);
  std::uint8_t SecurityInfo();
  std::uint8_t WriteRegisters(ByteSpan data, LoaderWork& work);
  bool Bars(std::uint8_t opcode) const;

  const FlashChip& flash_;
  ChipRegisters& registers_;
  SlipReceiver slip_;
  bool attached_ = false;
  Transfer to_flash_;
  Transfer to_ram_;
  std::unique_ptr<Inflater> inflater_;
  std::uint32_t entry_ = 0;

  std::uint8_t opcode_ = 0;
  std::uint8_t error_ = kNone;
  std::uint32_t value_ = 0;  // of SYNC and READ_REG; stale in all other answers
  Bytes payload_;
  LoaderLeave leave_ = LoaderLeave::kStay;
  std::uint32_t new_baud_ = 0;
};

}  // namespace lastgood::sim
