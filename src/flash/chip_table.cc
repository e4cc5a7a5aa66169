// SPDX-License-Identifier: MIT
#include "flash/chip_table.h"

namespace lastgood {
namespace {

constexpr SpiRegisters kEsp8266Spi{0x60000200, 0x1C, 0x20, 0x24, 0, 0x40};
constexpr SpiRegisters kEsp32Spi{0x3FF42000, 0x1C, 0x20, 0x24, 0x2C, 0x80};

// From the ESP32-S2 on only the base differs.
constexpr SpiRegisters LaterSpi(std::uint32_t base) { return {base, 0x18, 0x1C, 0x20, 0x28, 0x58}; }

constexpr ChipRow MakeRow(Chip chip, std::uint32_t mac_address, SpiRegisters spi, RamRange code_ram,
                          RamRange data_ram) {
  ChipRow row;
  row.chip = chip;
  row.mac_address = mac_address;
  row.spi = spi;
  row.code_ram = code_ram;
  row.data_ram = data_ram;
  row.needs_attach = chip != Chip::kEsp8266;
  row.has_security_info = chip != Chip::kEsp8266 && chip != Chip::kEsp32;
  row.begin_has_encryption = row.has_security_info;
  row.secure_boot_bars_stub = chip == Chip::kEsp32S3 || chip == Chip::kEsp32C3;
  return row;
}

constexpr std::array kRows = {
    MakeRow(Chip::kEsp8266, 0x3FF00050, kEsp8266Spi, {0x40100000, 0x40110000},
            {0x3FFE8000, 0x40000000}),
    MakeRow(Chip::kEsp32, 0x3FF5A004, kEsp32Spi, {0x40080000, 0x400C0000},
            {0x3FFAE000, 0x40000000}),
    MakeRow(Chip::kEsp32S2, 0x3F41A044, LaterSpi(0x3F402000), {0x40020000, 0x40070000},
            {0x3FFB0000, 0x40000000}),
    MakeRow(Chip::kEsp32S3, 0x60007044, LaterSpi(0x60002000), {0x40370000, 0x403E0000},
            {0x3FC88000, 0x3FD00000}),
    MakeRow(Chip::kEsp32C3, 0x60008844, LaterSpi(0x60002000), {0x4037C000, 0x403E0000},
            {0x3FC80000, 0x3FCE0000}),
    MakeRow(Chip::kEsp32C6, 0x600B0844, LaterSpi(0x60003000), {0x40800000, 0x40880000},
            {0x40800000, 0x40880000}),
};

struct NameRow {
  std::uint32_t number = 0;
  KnownChip name;
};

constexpr NameRow Known(std::uint32_t number, std::string_view title, Chip chip) {
  return {number, {title, chip}};
}
constexpr NameRow Foreign(std::uint32_t number, std::string_view title) {
  return {number, {title, std::nullopt}};
}

constexpr std::array kMagics = {
    Known(0xFFF0C101, "ESP8266", Chip::kEsp8266),
    Known(0x00F01D83, "ESP32", Chip::kEsp32),
    Known(0x000007C6, "ESP32-S2", Chip::kEsp32S2),
    Known(0x00000009, "ESP32-S3", Chip::kEsp32S3),
    Known(0x6921506F, "ESP32-C3", Chip::kEsp32C3),
    Known(0x1B31506F, "ESP32-C3", Chip::kEsp32C3),
    Known(0x4881606F, "ESP32-C3", Chip::kEsp32C3),
    Known(0x4361606F, "ESP32-C3", Chip::kEsp32C3),
    Known(0x2CE0806F, "ESP32-C6", Chip::kEsp32C6),
    Foreign(0x6F51306F, "ESP32-C2"),
    Foreign(0x7C41A06F, "ESP32-C2"),
    Foreign(0x0C21E06F, "ESP32-C2"),
    Foreign(0xD7B73E80, "ESP32-H2"),
    Foreign(0x0ADDBAD0, "ESP32-P4"),
    Foreign(0x33F0206F, "ESP32-C61"),
    Foreign(0x2421606F, "ESP32-C61"),
    Foreign(0x1101406F, "ESP32-C5"),
};

constexpr std::array kIds = {
    Known(0, "ESP32", Chip::kEsp32),
    Known(2, "ESP32-S2", Chip::kEsp32S2),
    Known(5, "ESP32-C3", Chip::kEsp32C3),
    Known(9, "ESP32-S3", Chip::kEsp32S3),
    Foreign(12, "ESP32-C2"),
    Known(13, "ESP32-C6", Chip::kEsp32C6),
    Foreign(16, "ESP32-H2"),
    Foreign(18, "ESP32-P4"),
    Foreign(20, "ESP32-C61"),
    Foreign(23, "ESP32-C5"),
    Foreign(25, "ESP32-H21"),
    Foreign(28, "ESP32-H4"),
    Foreign(31, "ESP32-E22"),
    Foreign(32, "ESP32-S31"),
};

template <class Table>
std::optional<KnownChip> NameIn(const Table& table, std::uint32_t number) {
  for (const NameRow& row : table)
    if (row.number == number) return row.name;
  return std::nullopt;
}

}  // namespace

const ChipRow& RowOf(Chip chip) {
  for (const ChipRow& row : kRows)
    if (row.chip == chip) return row;
  return kRows.front();
}

std::optional<KnownChip> ChipOfMagic(std::uint32_t magic) { return NameIn(kMagics, magic); }
std::optional<KnownChip> ChipOfId(std::uint32_t chip_id) { return NameIn(kIds, chip_id); }

}  // namespace lastgood
