// SPDX-License-Identifier: MIT
#include "sim/chip_registers.h"

#include <algorithm>

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kChipMagicAddress = 0x40001000;
constexpr std::uint32_t kChipMagic = 0xFFF0C101;

constexpr std::uint32_t kEfuse0 = 0x3FF00050;
constexpr std::uint32_t kEfuse1 = 0x3FF00054;
constexpr std::uint32_t kEfuse2 = 0x3FF00058;
constexpr std::uint32_t kEfuse3 = 0x3FF0005C;

constexpr std::uint32_t kUartClockDivider = 0x60000014;
constexpr std::uint32_t kUartClock = 52'000'000;  // twice the 26 MHz crystal

constexpr std::uint32_t kSpiCommand = 0x60000200;
constexpr std::uint32_t kSpiAddress = 0x60000204;
constexpr std::uint32_t kSpiUser = 0x6000021C;
constexpr std::uint32_t kSpiUser1 = 0x60000220;
constexpr std::uint32_t kSpiUser2 = 0x60000224;
constexpr std::uint32_t kSpiData = 0x60000240;
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
  Store(kUartClockDivider, (kUartClock + baud / 2) / baud);
}

std::uint32_t ChipRegisters::FixedWord(std::uint32_t address, std::uint32_t otherwise) const {
  switch (address) {
    case kChipMagicAddress:
      return kChipMagic;
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
  if (address == kSpiCommand && (Stored(address) & kStartUserCommand) != 0) {
    RunSpiUserCommand();
    Store(kSpiCommand, Stored(kSpiCommand) & ~kStartUserCommand);
  }
}

void ChipRegisters::WriteRam(std::uint32_t address, ByteSpan data) {
  for (std::size_t i = 0; i + 4 <= data.size(); i += 4)
    Store(address + static_cast<std::uint32_t>(i), LoadLe32(data, i));
}

void ChipRegisters::RunSpiUserCommand() {
  const std::uint32_t user = Stored(kSpiUser);
  if ((user & kCommandPhase) == 0 || (user & kAnswerPhase) == 0) return;
  const std::uint32_t answer_bits = (Stored(kSpiUser1) >> 8 & 0x1FF) + 1;
  const std::uint32_t length = std::min((answer_bits + 7) / 8, kSpiDataBytes);
  const auto command = static_cast<std::uint8_t>(Stored(kSpiUser2));
  // The address stands left-aligned in its register (section 8).
  Bytes answer = FlashAnswer(command, Stored(kSpiAddress) >> 8, length);
  answer.resize((answer.size() + 3) / 4 * 4, 0);
  WriteRam(kSpiData, answer);
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
