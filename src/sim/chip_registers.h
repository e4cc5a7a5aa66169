// SPDX-License-Identifier: MIT
// What the ROM loader's register commands see: the chip's magic word, the MAC address in eFuse
// (protocol reference, section 14), the SPI controller's user command (section 8), the UART's
// divider, and RAM. Other addresses remember what was written to them.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "sim/chip_facts.h"
#include "sim/flash_chip.h"

namespace lastgood::sim {

class ChipRegisters {
 public:
  ChipRegisters(const FlashChip& flash, std::uint32_t flash_id, const MacAddress& mac,
                Chip chip = Chip::kEsp8266, const ChipSecurity& security = {})
      : facts_(FactsOf(chip)), flash_(flash), flash_id_(flash_id), mac_(mac), security_(security) {}

  const ChipFacts& facts() const { return facts_; }
  const ChipSecurity& security() const { return security_; }

  void Reset();
  // The SPI pins are the flash chip's; before that, reading it gives ones.
  void AttachFlash() { flash_attached_ = true; }
  void SetBaudRate(std::uint32_t baud);

  std::uint32_t Read(std::uint32_t address) const;
  // new = (value & mask) | (old & ~mask), and whatever the register does.
  void Write(std::uint32_t address, std::uint32_t value, std::uint32_t mask);
  void WriteRam(std::uint32_t address, ByteSpan data);

 private:
  std::uint32_t FixedWord(std::uint32_t address, std::uint32_t otherwise) const;
  std::uint32_t FamilyWord(std::uint32_t address, std::uint32_t otherwise) const;
  std::uint32_t Esp8266Word(std::uint32_t address, std::uint32_t otherwise) const;
  std::uint32_t Stored(std::uint32_t address) const;
  void Store(std::uint32_t address, std::uint32_t value);
  void RunSpiUserCommand();
  Bytes FlashAnswer(std::uint8_t command, std::uint32_t address, std::uint32_t length) const;

  const ChipFacts& facts_;
  const FlashChip& flash_;
  std::uint32_t flash_id_;
  MacAddress mac_;
  ChipSecurity security_;
  bool flash_attached_ = false;
  std::unordered_map<std::uint32_t, std::uint32_t> words_;
};

}  // namespace lastgood::sim
