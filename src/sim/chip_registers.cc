// SPDX-License-Identifier: MIT
#include "sim/chip_registers.h"

#include <algorithm>

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kChipMagicAddress = 0x40001000;

constexpr std::uint32_t kEfuse0 = 0x3FF00050;
constexpr std::uint32_t kEfuse1 = 0x3FF00054;
constexpr std::uint32_t kEfuse2 = 0x3FF00058;
constexpr std::uint32_t kEfuse3 = 0x3FF0005C;

constexpr std::uint32_t kEsp8266UartClock = 52'000'000;  // twice the 26 MHz crystal
constexpr std::uint32_t kFamilyUartClock = 40'000'000;

constexpr std::uint32_t kSpiDataBytes = 64;
constexpr std::uint32_t kStartUserCommand = 1U << 18;
constexpr std::uint32_t kCommandPhase = 1U << 31;
constexpr std::uint32_t kAnswerPhase = 1U << 28;

// A host that writes everywhere must not grow the table without end.
constexpr std::size_t kWordsMax = 1U << 17;

struct KnownOui {
  std::uint32_t octets;
  std::uint32_t code;  // in bits 16-23 of the second eFuse word, while the fourth is 0
};
constexpr KnownOui kKnownOuis[] = {{0x18FE34, 0}, {0xACD074, 1}};

std::uint32_t Oui(const MacAddress& mac) {
  return static_cast<std::uint32_t>(mac.octets[0]) << 16 |
         static_cast<std::uint32_t>(mac.octets[1]) << 8 | mac.octets[2];
}

const KnownOui* FindKnownOui(const MacAddress& mac) {
  const auto* found = std::find_if(std::begin(kKnownOuis), std::end(kKnownOuis),
                                   [&](const KnownOui& oui) { return oui.octets == Oui(mac); });
  return found == std::end(kKnownOuis) ? nullptr : found;
}

std::uint32_t EfuseWord1(const MacAddress& mac) {
  const KnownOui* oui = FindKnownOui(mac);
  return (oui != nullptr ? oui->code << 16 : 0) | static_cast<std::uint32_t>(mac.octets[3]) << 8 |
         mac.octets[4];
}

Bytes Padded(Bytes answer, std::uint32_t length) {
  answer.resize(length, 0);
  return answer;
}

}  // namespace

void ChipRegisters::Reset() {
  words_.clear();
  flash_attached_ = false;
}

void ChipRegisters::SetBaudRate(std::uint32_t baud) {
  const std::uint32_t clock = IsEsp32Family(facts_.chip) ? kFamilyUartClock : kEsp8266UartClock;
  Store(facts_.uart_divider, (clock + baud / 2) / baud);
}

std::uint32_t ChipRegisters::FixedWord(std::uint32_t address, std::uint32_t otherwise) const {
  if (address == kChipMagicAddress) return facts_.magic;
  return IsEsp32Family(facts_.chip) ? FamilyWord(address, otherwise)
                                    : Esp8266Word(address, otherwise);
}

std::uint32_t ChipRegisters::FamilyWord(std::uint32_t address, std::uint32_t otherwise) const {
  const auto& octets = mac_.octets;
  if (address == facts_.mac_fuses) {
    return static_cast<std::uint32_t>(octets[2]) << 24 |
           static_cast<std::uint32_t>(octets[3]) << 16 |
           static_cast<std::uint32_t>(octets[4]) << 8 | octets[5];
  }
  if (address == facts_.mac_fuses + 4)
    return static_cast<std::uint32_t>(octets[0]) << 8 | octets[1];
  if (facts_.chip != Chip::kEsp32) return otherwise;
  // The ESP32's own fuses, and its measurement of the crystal (section 9): 1600 by 64 is 40 MHz.
  constexpr std::uint32_t kFuses = 0x3FF5A000;
  constexpr std::uint32_t kCalibration = 0x3FF5F06C;
  switch (address) {
    case kFuses:
      return security_.flash_encryption ? 1U << 20 : 0;
    case kFuses + 4 * 4:
      return 64;
    case kFuses + 6 * 4:
      return security_.secure_boot ? 1U << 4 : 0;
    case kCalibration:
      return 1600U << 7;
    default:
      return otherwise;
  }
}

std::uint32_t ChipRegisters::Esp8266Word(std::uint32_t address, std::uint32_t otherwise) const {
  switch (address) {
    case kEfuse0:
      return static_cast<std::uint32_t>(mac_.octets[5]) << 24;
    case kEfuse1:
      return EfuseWord1(mac_);
    case kEfuse2:
      return 0;
    case kEfuse3:
      return FindKnownOui(mac_) != nullptr ? 0 : Oui(mac_);
    default:
      return otherwise;
  }
}

std::uint32_t ChipRegisters::Stored(std::uint32_t address) const {
  const auto word = words_.find(address);
  return word == words_.end() ? 0 : word->second;
}

void ChipRegisters::Store(std::uint32_t address, std::uint32_t value) {
  if (words_.size() < kWordsMax) words_[address] = value;
}

std::uint32_t ChipRegisters::Read(std::uint32_t address) const {
  return FixedWord(address, Stored(address));
}

void ChipRegisters::Write(std::uint32_t address, std::uint32_t value, std::uint32_t mask) {
  Store(address, (value & mask) | (Stored(address) & ~mask));
  if (address == facts_.spi_base && (Stored(address) & kStartUserCommand) != 0) {
    RunSpiUserCommand();
    Store(address, Stored(address) & ~kStartUserCommand);
  }
}

void ChipRegisters::WriteRam(std::uint32_t address, ByteSpan data) {
  for (std::size_t i = 0; i + 4 <= data.size(); i += 4)
    Store(address + static_cast<std::uint32_t>(i), LoadLe32(data, i));
}

void ChipRegisters::RunSpiUserCommand() {
  const std::uint32_t base = facts_.spi_base;
  const std::uint32_t user = Stored(base + facts_.spi_user);
  if ((user & kCommandPhase) == 0 || (user & kAnswerPhase) == 0) return;
  const std::uint32_t answer_bits =
      (facts_.spi_answer_length == 0 ? Stored(base + facts_.spi_user1) >> 8 & 0x1FF
                                     : Stored(base + facts_.spi_answer_length) & 0x1FF) +
      1;
  const std::uint32_t length = std::min((answer_bits + 7) / 8, kSpiDataBytes);
  const auto command = static_cast<std::uint8_t>(Stored(base + facts_.spi_user2));
  // Left-aligned in its register up to the ESP32 (section 8).
  const bool left_aligned = facts_.chip == Chip::kEsp8266 || facts_.chip == Chip::kEsp32;
  const std::uint32_t address = Stored(base + 4);
  Bytes answer = FlashAnswer(command, left_aligned ? address >> 8 : address, length);
  answer.resize((answer.size() + 3) / 4 * 4, 0);
  WriteRam(base + facts_.spi_data, answer);
}

Bytes ChipRegisters::FlashAnswer(std::uint8_t command, std::uint32_t address,
                                 std::uint32_t length) const {
  constexpr std::uint8_t kReadData = 0x03;
  constexpr std::uint8_t kReadStatus = 0x05;
  constexpr std::uint8_t kReadParameterTable = 0x5A;
  constexpr std::uint8_t kReadId = 0x9F;
  if (flash_attached_) {
    if (command == kReadData) return flash_.Read(address, length);
    if (command == kReadStatus) return Padded({}, length);
    if (command == kReadParameterTable) return Padded(ToBytes("SFDP"), length);
    if (command == kReadId) {
      return Padded(
          {static_cast<std::uint8_t>(flash_id_), static_cast<std::uint8_t>(flash_id_ >> 8),
           static_cast<std::uint8_t>(flash_id_ >> 16)},
          length);
    }
  }
  return Bytes(length, 0xFF);
}

}  // namespace lastgood::sim
