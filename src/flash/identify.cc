// SPDX-License-Identifier: MIT
#include "flash/identify.h"

#include <fmt/format.h>

#include <bit>
#include <span>
#include <string>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRegisterTimeout{500};
constexpr int kTries = 6;
constexpr std::uint32_t kSpiBusy = 1U << 18;
constexpr std::uint32_t kEsp32Fuses = 0x3FF5A000;

tl::unexpected<Error> NoAnswer(LoaderLink& link, const std::string& what, const std::string& why) {
  return Fail(ExitCode::kBoard,
              fmt::format("cannot {} on '{}': {}", what, link.serial_port().Name(), why),
              "try a lower baud rate; check the wiring");
}

Result<std::uint32_t> ReadRegister(LoaderLink& link, std::uint32_t address) {
  bool read_before = false;
  std::uint32_t last = 0;
  std::string why = "the readings differ";
  for (int i = 0; i < kTries; ++i) {
    TRY(const std::optional<LoaderReply> reply,
        link.Exchange(ReadRegisterRequest(address), kRegisterTimeout));
    if (!reply || reply->failed) {
      why = reply ? DescribeLoaderError(reply->error) : "the loader does not answer";
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

Result<void> ExpectDone(LoaderLink& link, const LoaderRequest& request, const std::string& what) {
  std::string why;
  for (int i = 0; i < 3; ++i) {
    TRY(const std::optional<LoaderReply> reply, link.Exchange(request, kReplyTimeout));
    if (reply && !reply->failed) return {};
    why = reply ? DescribeLoaderError(reply->error) : "the loader does not answer";
    TRY_DO(link.Settle());
  }
  return NoAnswer(link, what, why);
}

// The writes that make the controller send RDID and take 24 bits, in one request.
LoaderRequest StartReadingId(const SpiRegisters& spi) {
  constexpr std::uint32_t kBitsLessOne = 23;
  const RegisterWrite length = spi.miso_length == 0
                                   ? RegisterWrite{spi.base + spi.user1, kBitsLessOne << 8}
                                   : RegisterWrite{spi.base + spi.miso_length, kBitsLessOne};
  const std::array<RegisterWrite, 5> writes = {{
      length,
      {spi.base + spi.user, 1U << 31 | 1U << 28},  // a command phase and an input phase
      {spi.base + spi.user2, 7U << 28 | 0x9F},     // 8 command bits: RDID
      {spi.base + spi.data0, 0},
      {spi.base, kSpiBusy},
  }};
  return WriteRegistersRequest(writes);
}

Result<void> AwaitSpiDone(LoaderLink& link, const SpiRegisters& spi) {
  for (int i = 0; i < 10; ++i) {
    TRY(const std::uint32_t command, ReadRegister(link, spi.base));
    if ((command & kSpiBusy) == 0) return {};
  }
  return NoAnswer(link, "read the flash id", "the flash controller stays busy");
}

tl::unexpected<Error> Unsupported(LoaderLink& link, const std::string& what) {
  std::string known;
  for (const Chip chip : kChips)
    known += (known.empty() ? "" : ", ") + std::string(ChipTitle(chip));
  return Fail(ExitCode::kBoard,
              fmt::format("the chip on '{}' is {}", link.serial_port().Name(), what),
              fmt::format("lastgood provisions {}; check which serial port the board has", known));
}

struct SecurityInfo {
  std::uint32_t flags = 0;
  std::uint8_t encryption_count = 0;
  std::optional<std::uint32_t> chip_id;
};

// nullopt: the chip has no such thing.
Result<std::optional<SecurityInfo>> ReadSecurityInfo(LoaderLink& link) {
  for (int i = 0; i < kTries; ++i) {
    TRY(const std::optional<LoaderReply> reply,
        link.Exchange(WordsRequest(LoaderOpcode::kSecurityInfo, {}), kRegisterTimeout));
    if (reply && reply->failed) break;
    if (!reply || reply->payload.size() < 12) {
      TRY_DO(link.Settle());
      continue;
    }
    SecurityInfo info{LoadLe32(reply->payload, 0), reply->payload[4], {}};
    if (reply->payload.size() >= 20) info.chip_id = LoadLe32(reply->payload, 12);
    return std::optional<SecurityInfo>(info);
  }
  TRY_DO(link.Settle());
  return std::optional<SecurityInfo>();
}

// nullopt: the chip answers and refuses, as secure download mode has it.
Result<std::optional<std::uint32_t>> ReadMagic(LoaderLink& link) {
  Result<std::uint32_t> magic = ReadRegister(link, kMagicAddress);
  if (magic) return std::optional<std::uint32_t>(*magic);
  if (magic.error().code != ExitCode::kBoard) return Fail(std::move(magic).error());
  TRY(const std::optional<LoaderReply> reply,
      link.Exchange(ReadRegisterRequest(kMagicAddress), kRegisterTimeout));
  if (!reply || !reply->failed) return Fail(std::move(magic).error());
  return std::optional<std::uint32_t>();
}

Result<ChipSecurity> ReadEsp32Security(LoaderLink& link) {
  TRY(const std::uint32_t word0, ReadRegister(link, kEsp32Fuses));
  TRY(const std::uint32_t word6, ReadRegister(link, kEsp32Fuses + 6 * 4));
  return SecurityOfEsp32Fuses(word0, word6);
}

// The ROMs of the later chips go by their id; by the magic word only where they tell none.
Result<DetectedChip> DetectLaterChip(LoaderLink& link, std::optional<std::uint32_t> magic) {
  TRY(const std::optional<SecurityInfo> info, ReadSecurityInfo(link));
  std::optional<KnownChip> name = magic ? ChipOfMagic(*magic) : std::nullopt;
  if (info && info->chip_id) name = ChipOfId(*info->chip_id);
  if (!name && info && !info->chip_id) name = ChipOfId(2);  // the only one with the shorter answer
  if (!name && !magic && !info) name = ChipOfId(2);         // or with none
  if (!name) {
    if (info && info->chip_id)
      return Unsupported(link, fmt::format("none that lastgood knows (id {})", *info->chip_id));
    return Unsupported(link, fmt::format("none that lastgood knows (0x{:08x} at 0x{:08x})",
                                         magic.value_or(0), kMagicAddress));
  }
  if (!name->chip) return Unsupported(link, fmt::format("an {}", name->title));
  DetectedChip detected{*name->chip, {}};
  if (info) detected.security = SecurityOfInfo(info->flags, info->encryption_count);
  if (!magic) detected.security.secure_download = true;
  return detected;
}

}  // namespace

Result<DetectedChip> DetectChip(LoaderLink& link) {
  TRY(const std::optional<std::uint32_t> magic, ReadMagic(link));
  // The first two have no security info; the ESP8266's ROM answers the question eight times.
  const std::optional<KnownChip> name = magic ? ChipOfMagic(*magic) : std::nullopt;
  if (name && name->chip == Chip::kEsp8266) return DetectedChip{Chip::kEsp8266, {}};
  if (name && name->chip == Chip::kEsp32) {
    TRY(const ChipSecurity security, ReadEsp32Security(link));
    return DetectedChip{Chip::kEsp32, security};
  }
  return DetectLaterChip(link, magic);
}

std::optional<MacAddress> MacOfEsp8266Fuses(std::uint32_t m0, std::uint32_t m1, std::uint32_t m3) {
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

MacAddress MacOfFamilyFuses(std::uint32_t low, std::uint32_t high) {
  MacAddress mac;
  mac.octets[0] = static_cast<std::uint8_t>(high >> 8);
  mac.octets[1] = static_cast<std::uint8_t>(high);
  for (std::size_t i = 0; i < 4; ++i)
    mac.octets[2 + i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
  return mac;
}

ChipSecurity SecurityOfEsp32Fuses(std::uint32_t word0, std::uint32_t word6) {
  ChipSecurity security;
  security.flash_encryption = std::popcount(word0 >> 20 & 0x7F) % 2 == 1;
  security.secure_boot = (word6 >> 4 & 3) != 0;
  return security;
}

ChipSecurity SecurityOfInfo(std::uint32_t flags, std::uint8_t encryption_count) {
  ChipSecurity security;
  security.secure_boot = (flags & 1) != 0;
  security.secure_download = (flags & 4) != 0;
  security.flash_encryption = std::popcount(encryption_count) % 2 == 1;
  return security;
}

std::uint32_t PadsOfEsp32Fuses(std::uint32_t word3, std::uint32_t word5) {
  // GPIO32 and 33 are 30 and 31 in the fuses and in the word alike.
  const auto pad = [](std::uint32_t word, int shift) { return word >> shift & 0x1F; };
  const std::uint32_t clock = pad(word5, 0), q = pad(word5, 5), d = pad(word5, 10);
  const std::uint32_t select = pad(word5, 15), hold = pad(word3, 4);
  return hold << 24 | select << 18 | d << 12 | q << 6 | clock;
}

Result<MacAddress> ReadMacAddress(LoaderLink& link, const ChipRow& row) {
  TRY(const std::uint32_t low, ReadRegister(link, row.mac_address));
  TRY(const std::uint32_t high, ReadRegister(link, row.mac_address + 4));
  if (IsEsp32Family(row.chip)) return MacOfFamilyFuses(low, high);
  TRY(const std::uint32_t vendor, ReadRegister(link, row.mac_address + 12));
  if (const std::optional<MacAddress> mac = MacOfEsp8266Fuses(low, high, vendor)) return *mac;
  return Fail(ExitCode::kBoard,
              fmt::format("the chip on '{}' has no known vendor code in its fuses (0x{:08x} "
                          "0x{:08x} 0x{:08x}), so it has no MAC address to know it by",
                          link.serial_port().Name(), low, high, vendor));
}

Result<bool> IsEsp8285(LoaderLink& link) {
  TRY(const std::uint32_t word0, ReadRegister(link, 0x3FF00050));
  TRY(const std::uint32_t word2, ReadRegister(link, 0x3FF00058));
  return (word0 & 1U << 4) != 0 || (word2 & 1U << 16) != 0;
}

Result<void> AttachFlash(LoaderLink& link, const ChipRow& row, bool stub) {
  if (!row.needs_attach) {
    if (stub) return {};
    return ExpectDone(link, FlashBeginRequest(0, 0, 0x400, 0), "attach the flash");
  }
  std::uint32_t pads = 0;
  if (row.chip == Chip::kEsp32) {
    TRY(const std::uint32_t word3, ReadRegister(link, kEsp32Fuses + 3 * 4));
    TRY(const std::uint32_t word5, ReadRegister(link, kEsp32Fuses + 5 * 4));
    pads = PadsOfEsp32Fuses(word3, word5);
  }
  if (stub && pads == 0) return {};
  const LoaderRequest request = stub ? WordsRequest(LoaderOpcode::kAttachFlash, {pads})
                                     : WordsRequest(LoaderOpcode::kAttachFlash, {pads, 0});
  return ExpectDone(link, request, "attach the flash");
}

Result<std::uint32_t> ReadFlashId(LoaderLink& link, const ChipRow& row) {
  const SpiRegisters& spi = row.spi;
  TRY(const std::uint32_t user, ReadRegister(link, spi.base + spi.user));
  TRY(const std::uint32_t user2, ReadRegister(link, spi.base + spi.user2));
  TRY_DO(ExpectDone(link, StartReadingId(spi), "read the flash id"));
  TRY_DO(AwaitSpiDone(link, spi));
  TRY(const std::uint32_t id, ReadRegister(link, spi.base + spi.data0));
  const std::array<RegisterWrite, 2> restore = {
      {{spi.base + spi.user, user}, {spi.base + spi.user2, user2}}};
  TRY_DO(ExpectDone(link, WriteRegistersRequest(restore), "read the flash id"));
  return id & 0xFFFFFF;
}

Result<void> SetFlashSize(LoaderLink& link, std::uint32_t flash_id, std::uint32_t size_bytes) {
  return ExpectDone(link,
                    WordsRequest(LoaderOpcode::kSetFlashParameters,
                                 {flash_id, size_bytes, 0x10000, 0x1000, 0x100, 0xFFFF}),
                    "tell the loader the size of the flash");
}

}  // namespace lastgood
