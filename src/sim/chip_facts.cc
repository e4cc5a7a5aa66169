// SPDX-License-Identifier: MIT
#include "sim/chip_facts.h"

#include <array>

namespace lastgood::sim {
namespace {

constexpr auto kFirst = StubGeneration::kFirst;
constexpr auto kSecond = StubGeneration::kSecond;

constexpr std::array kEsp8266Stubs = {KnownStub{0x4010D004, kFirst},
                                      KnownStub{0x4010C504, kSecond}};
constexpr std::array kEsp32Stubs = {KnownStub{0x400A902C, kSecond}};
constexpr std::array kEsp32S2Stubs = {KnownStub{0x400290A4, kSecond}};
constexpr std::array kEsp32S3Stubs = {KnownStub{0x40379524, kSecond}};
constexpr std::array kEsp32C3Stubs = {KnownStub{0x403806E0, kFirst},
                                      KnownStub{0x40380E9A, kSecond}};
constexpr std::array kEsp32C6Stubs = {KnownStub{0x408006D0, kFirst},
                                      KnownStub{0x408011BC, kSecond}};

// From the ESP32-S2 on the SPI controllers differ by their base only.
constexpr ChipFacts Later(Chip chip, std::uint32_t magic, std::uint32_t number,
                          std::uint32_t mac_fuses, std::uint32_t spi_base,
                          std::uint32_t uart_divider, std::uint32_t security_info_octets,
                          std::span<const KnownStub> stubs) {
  return {chip,   magic, number, mac_fuses, spi_base,     0x18,
          0x1C,   0x20,  0x28,   0x58,      uart_divider, security_info_octets,
          115200, stubs};
}

constexpr std::array kFacts = {
    ChipFacts{Chip::kEsp8266, 0xFFF0C101, 0, 0, 0x60000200, 0x1C, 0x20, 0x24, 0, 0x40, 0x60000014,
              0, 74880, kEsp8266Stubs},
    ChipFacts{Chip::kEsp32, 0x00F01D83, 0, 0x3FF5A004, 0x3FF42000, 0x1C, 0x20, 0x24, 0x2C, 0x80,
              0x3FF40014, 0, 115200, kEsp32Stubs},
    Later(Chip::kEsp32S2, 0x000007C6, 2, 0x3F41A044, 0x3F402000, 0x3F400014, 12, kEsp32S2Stubs),
    Later(Chip::kEsp32S3, 0x00000009, 9, 0x60007044, 0x60002000, 0x60000014, 20, kEsp32S3Stubs),
    Later(Chip::kEsp32C3, 0x1B31506F, 5, 0x60008844, 0x60002000, 0x60000014, 20, kEsp32C3Stubs),
    Later(Chip::kEsp32C6, 0x2CE0806F, 13, 0x600B0844, 0x60003000, 0x60000014, 20, kEsp32C6Stubs),
};

}  // namespace

const ChipFacts& FactsOf(Chip chip) {
  for (const ChipFacts& facts : kFacts)
    if (facts.chip == chip) return facts;
  return kFacts.front();
}

}  // namespace lastgood::sim
