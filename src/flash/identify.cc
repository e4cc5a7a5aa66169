// SPDX-License-Identifier: MIT
#include "flash/identify.h"

#include <fmt/format.h>

#include <span>
#include <string>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kMagicAddress = 0x40001000;
constexpr std::uint32_t kEsp8266Magic = 0xFFF0C101;
constexpr milliseconds kRegisterTimeout{500};
constexpr int kTries = 6;

struct MagicRow {
  std::uint32_t magic;
  std::string_view chip;
};

constexpr std::array kMagics = {
    MagicRow{kEsp8266Magic, "ESP8266"}, MagicRow{0x00F01D83, "ESP32"},
    MagicRow{0x000007C6, "ESP32-S2"},   MagicRow{0x00000009, "ESP32-S3"},
    MagicRow{0x6921506F, "ESP32-C3"},   MagicRow{0x1B31506F, "ESP32-C3"},
    MagicRow{0x4881606F, "ESP32-C3"},   MagicRow{0x4361606F, "ESP32-C3"},
    MagicRow{0x6F51306F, "ESP32-C2"},   MagicRow{0x7C41A06F, "ESP32-C2"},
    MagicRow{0x0C21E06F, "ESP32-C2"},   MagicRow{0x2CE0806F, "ESP32-C6"},
    MagicRow{0xD7B73E80, "ESP32-H2"},   MagicRow{0x0ADDBAD0, "ESP32-P4"},
    MagicRow{0x33F0206F, "ESP32-C61"},  MagicRow{0x2421606F, "ESP32-C61"},
    MagicRow{0x1101406F, "ESP32-C5"},
};

// The SPI controller that the flash hangs on.
constexpr std::uint32_t kSpiBase = 0x60000200;
constexpr std::uint32_t kSpiCommand = kSpiBase + 0x00;
constexpr std::uint32_t kSpiUser = kSpiBase + 0x1C;
constexpr std::uint32_t kSpiUser1 = kSpiBase + 0x20;
constexpr std::uint32_t kSpiUser2 = kSpiBase + 0x24;
constexpr std::uint32_t kSpiData0 = kSpiBase + 0x40;
constexpr std::uint32_t kSpiBusy = 1U << 18;

tl::unexpected<Error> NoAnswer(RomLink& link, const std::string& what, const std::string& why) {
  return Fail(ExitCode::kBoard,
              fmt::format("cannot {} on '{}': {}", what, link.serial_port().Name(), why),
              "try a lower baud rate; check the wiring");
}

Result<std::uint32_t> ReadRegister(RomLink& link, std::uint32_t address) {
  bool read_before = false;
  std::uint32_t last = 0;
  std::string why = "the readings differ";
  for (int i = 0; i < kTries; ++i) {
    TRY(const std::optional<RomReply> reply,
        link.Exchange(ReadRegisterRequest(address), kRegisterTimeout));
    if (!reply || reply->failed) {
      why = reply ? DescribeRomError(reply->error) : "the loader does not answer";
      read_before = false;
      // A late answer must not be taken for the next question's.
      TRY_DO(link.Settle());
      continue;
    }
    if (read_before && last == reply->value) return last;
    read_before = true;
    last = reply->value;
  }
  return NoAnswer(link, fmt::format("read register 0x{:08x}", address), why);
}

Result<void> ExpectDone(RomLink& link, const RomRequest& request, const std::string& what) {
  std::string why;
  for (int i = 0; i < 3; ++i) {
    TRY(const std::optional<RomReply> reply, link.Exchange(request, kReplyTimeout));
    if (reply && !reply->failed) return {};
    why = reply ? DescribeRomError(reply->error) : "the loader does not answer";
    TRY_DO(link.Settle());
  }
  return NoAnswer(link, what, why);
}

// The five writes that make the controller send RDID and take 24 bits, in one request.
RomRequest StartReadingId() {
  constexpr std::array<RegisterWrite, 5> kWrites = {{
      {kSpiUser1, 23U << 8},            // bits to take, less one
      {kSpiUser, 1U << 31 | 1U << 28},  // a command phase and an input phase
      {kSpiUser2, 7U << 28 | 0x9F},     // 8 command bits: RDID
      {kSpiData0, 0},
      {kSpiCommand, kSpiBusy},
  }};
  return WriteRegistersRequest(kWrites);
}

Result<void> AwaitSpiDone(RomLink& link) {
  for (int i = 0; i < 10; ++i) {
    TRY(const std::uint32_t command, ReadRegister(link, kSpiCommand));
    if ((command & kSpiBusy) == 0) return {};
  }
  return NoAnswer(link, "read the flash id", "the flash controller stays busy");
}

}  // namespace

std::string_view ChipOfMagic(std::uint32_t magic) {
  for (const MagicRow& row : kMagics)
    if (row.magic == magic) return row.chip;
  return {};
}

Result<void> CheckChip(RomLink& link) {
  TRY(const std::uint32_t magic, ReadRegister(link, kMagicAddress));
  if (magic == kEsp8266Magic) return {};
  const std::string_view chip = ChipOfMagic(magic);
  if (chip.empty()) {
    return Fail(ExitCode::kBoard,
                fmt::format("the chip on '{}' is none that lastgood knows (0x{:08x} at 0x{:08x})",
                            link.serial_port().Name(), magic, kMagicAddress),
                "only ESP8266 boards can be provisioned");
  }
  return Fail(
      ExitCode::kBoard,
      fmt::format("the chip on '{}' is an {}, not an ESP8266", link.serial_port().Name(), chip),
      "connect the ESP8266 board, or check which serial port it has");
}

std::optional<MacAddress> MacOfFuses(std::uint32_t m0, std::uint32_t m1, std::uint32_t m3) {
  const auto octet = [](std::uint32_t word, int shift) {
    return static_cast<std::uint8_t>(word >> shift);
  };
  MacAddress mac;
  mac.octets[3] = octet(m1, 8);
  mac.octets[4] = octet(m1, 0);
  mac.octets[5] = octet(m0, 24);
  const auto set_vendor = [&mac](std::uint8_t a, std::uint8_t b, std::uint8_t c) {
    mac.octets[0] = a;
    mac.octets[1] = b;
    mac.octets[2] = c;
    return mac;
  };
  if (m3 != 0) return set_vendor(octet(m3, 16), octet(m3, 8), octet(m3, 0));
  if (octet(m1, 16) == 0) return set_vendor(0x18, 0xFE, 0x34);
  if (octet(m1, 16) == 1) return set_vendor(0xAC, 0xD0, 0x74);
  return std::nullopt;
}

Result<MacAddress> ReadMacAddress(RomLink& link) {
  TRY(const std::uint32_t m0, ReadRegister(link, 0x3FF00050));
  TRY(const std::uint32_t m1, ReadRegister(link, 0x3FF00054));
  TRY(const std::uint32_t m3, ReadRegister(link, 0x3FF0005C));
  if (const std::optional<MacAddress> mac = MacOfFuses(m0, m1, m3)) return *mac;
  return Fail(ExitCode::kBoard,
              fmt::format("the chip on '{}' has no known vendor code in its fuses (0x{:08x} "
                          "0x{:08x} 0x{:08x}), so it has no MAC address to know it by",
                          link.serial_port().Name(), m0, m1, m3));
}

Result<std::uint32_t> ReadFlashId(RomLink& link) {
  TRY_DO(ExpectDone(link, FlashBeginRequest(0, 0, 0x400, 0), "attach the flash"));
  TRY(const std::uint32_t user, ReadRegister(link, kSpiUser));
  TRY(const std::uint32_t user2, ReadRegister(link, kSpiUser2));
  TRY_DO(ExpectDone(link, StartReadingId(), "read the flash id"));
  TRY_DO(AwaitSpiDone(link));
  TRY(const std::uint32_t id, ReadRegister(link, kSpiData0));
  const std::array<RegisterWrite, 2> restore = {{{kSpiUser, user}, {kSpiUser2, user2}}};
  TRY_DO(ExpectDone(link, WriteRegistersRequest(restore), "read the flash id"));
  return id & 0xFFFFFF;
}

}  // namespace lastgood
