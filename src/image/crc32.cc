// SPDX-License-Identifier: MIT
#include "image/crc32.h"

#include <array>

namespace lastgood {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // reflected

constexpr std::array<std::uint32_t, 256> MakeTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t octet = 0; octet < table.size(); ++octet) {
    std::uint32_t rest = octet;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ ((rest & 1) != 0 ? kPolynomial : 0);
    table[octet] = rest;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = MakeTable();

}  // namespace

std::uint32_t Crc32(ByteSpan bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : bytes) crc = crc >> 8 ^ kTable[(crc ^ octet) & 0xFF];
  return ~crc;
}

std::uint32_t BootLoaderCrc(ByteSpan bytes) {
  const std::uint32_t crc = Crc32(bytes);
  return (crc & 0x80000000) != 0 ? ~crc : crc + 1;
}

}  // namespace lastgood
