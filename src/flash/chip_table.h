// SPDX-License-Identifier: MIT
// What differs between the chips, as data: a chip is a row (protocol reference, sections 6, 8, 14;
// memory ranges from the vendor's linker scripts).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/board_identity.h"

namespace lastgood {

// The SPI controller that the flash hangs on, as offsets from its base.
struct SpiRegisters {
  std::uint32_t base = 0;
  std::uint32_t user = 0;
  std::uint32_t user1 = 0;
  std::uint32_t user2 = 0;
  std::uint32_t miso_length = 0;  // 0: the bit count stands in user1, from bit 8 on
  std::uint32_t data0 = 0;
};

struct RamRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;  // exclusive

  bool Holds(std::uint32_t address, std::uint64_t size) const {
    return address >= begin && address < end && size <= end - address;
  }
};

struct ChipRow {
  Chip chip = Chip::kEsp8266;
  std::uint32_t mac_address = 0;  // of the low word; the high one follows
  SpiRegisters spi;
  RamRange code_ram;
  RamRange data_ram;
  bool needs_attach = false;          // SPI_ATTACH before the ROM touches the flash
  bool begin_has_encryption = false;  // the ROM's BEGIN takes a fifth word
  bool has_security_info = false;
  bool secure_boot_bars_stub = false;
};

const ChipRow& RowOf(Chip chip);

// A chip that answered, supported or not.
struct KnownChip {
  std::string_view title;  // "ESP32-H2"
  std::optional<Chip> chip;
};

// Of the word at kMagicAddress, and of the chip id in the security info; nullopt for unknown ones.
inline constexpr std::uint32_t kMagicAddress = 0x40001000;
std::optional<KnownChip> ChipOfMagic(std::uint32_t magic);
std::optional<KnownChip> ChipOfId(std::uint32_t chip_id);

}  // namespace lastgood
