// SPDX-License-Identifier: MIT
// What tells the chips apart that the simulator knows: one row each (protocol reference, sections
// 6, 8 and 14; entries of the stub loaders in Debian's esptool 4.7 and npm's esptool-js 0.7).
#pragma once

#include <cstdint>
#include <span>

#include "base/board_identity.h"

namespace lastgood::sim {

enum class StubGeneration { kFirst = 1, kSecond = 2 };

struct KnownStub {
  std::uint32_t entry;
  StubGeneration generation;
};

struct ChipFacts {
  Chip chip;
  std::uint32_t magic;      // at 0x40001000
  std::uint32_t number;     // in security info and image headers
  std::uint32_t mac_fuses;  // of the family: low word, then high word
  // The SPI controller: its base and the offsets of its registers.
  std::uint32_t spi_base;
  std::uint32_t spi_user, spi_user1, spi_user2;
  std::uint32_t spi_answer_length;  // 0: in spi_user1
  std::uint32_t spi_data;
  std::uint32_t uart_divider;
  std::uint32_t security_info_octets;  // 0: the ROM has none
  std::uint32_t text_baud;
  std::span<const KnownStub> stubs;
};

const ChipFacts& FactsOf(Chip chip);

}  // namespace lastgood::sim
