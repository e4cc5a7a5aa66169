// SPDX-License-Identifier: MIT
#include "sim/board_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/units.h"
#include "sim/faults.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kFlashSizeMax = 16U << 20;

std::optional<std::uint32_t> ParseNumber(std::string_view text) {
  const bool hex = text.substr(0, 2) == "0x";
  if (hex) text.remove_prefix(2);
  std::uint32_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value, hex ? 16 : 10);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

tl::unexpected<Error> Refuse(std::string_view key, std::string_view value, std::string hint) {
  return Fail(ExitCode::kUsage,
              fmt::format("the simulated board's option '{}' cannot take '{}'", key, value),
              std::move(hint));
}

// What has been given explicitly; the other of the two follows from it.
struct FlashGiven {
  bool size = false;
  bool id = false;
};

Result<void> SetFlashSize(std::string_view value, BoardOptions& options) {
  const auto size = ParseFlashSize(value);
  if (!size || *size > kFlashSizeMax)
    return Refuse("flash", value, "sizes are 256KB, 512KB, 1MB, 2MB, 4MB, 8MB and 16MB");
  options.flash_size_bytes = *size;
  return {};
}

Result<void> SetIdentity(std::string_view key, std::string_view value, BoardOptions& options) {
  if (key == "mac") {
    const auto mac = ParseMacAddress(value);
    if (!mac) return Refuse(key, value, "write it as 18:fe:34:ab:cd:ef");
    options.mac = *mac;
    return {};
  }
  const auto number = ParseNumber(value);
  if (!number) return Refuse(key, value, "a number is wanted, decimal or 0x…");
  if (key == "seed") {
    options.seed = *number;
  } else if (*number > 0xFFFFFF) {
    return Refuse(key, value, "a JEDEC id has three octets, as in 0x1640ef");
  } else {
    options.flash_id = *number;
  }
  return {};
}

// What may be wrong with the board's wires, and how it is said.
struct Switch {
  std::string_view key;
  std::string_view odd;
  std::string_view usual;
  bool BoardOptions::*option;
};
constexpr Switch kSwitches[] = {
    {"boot-line", "stuck", "working", &BoardOptions::boot_line_stuck_released},
    {"reset-line", "stuck", "working", &BoardOptions::reset_line_stuck_released},
    {"rx", "cut", "wired", &BoardOptions::rx_cut},
    {"tx", "cut", "wired", &BoardOptions::tx_cut},
    {"rx-tx", "joined", "apart", &BoardOptions::rx_tx_joined},
    {"power", "off", "on", &BoardOptions::unpowered},
};

const Switch* FindSwitch(std::string_view key) {
  const auto* found = std::find_if(std::begin(kSwitches), std::end(kSwitches),
                                   [key](const Switch& row) { return row.key == key; });
  return found == std::end(kSwitches) ? nullptr : found;
}

Result<void> SetSwitch(const Switch& row, std::string_view value, BoardOptions& options) {
  if (value != row.odd && value != row.usual)
    return Refuse(row.key, value, fmt::format("values are {} and {}", row.odd, row.usual));
  options.*row.option = value == row.odd;
  return {};
}

Result<void> SetChip(std::string_view value, BoardOptions& options) {
  const auto chip = ParseChip(value);
  if (!chip)
    return Refuse("chip", value, "chips are esp8266, esp32, esp32s2, esp32s3, esp32c3, esp32c6");
  options.chip = *chip;
  return {};
}

// A slow or worn flash chip, and a slow reset pin.
Result<void> SetTiming(std::string_view key, std::string_view value, BoardOptions& options) {
  constexpr std::uint32_t kMax = 100'000;
  const auto number = ParseNumber(value);
  if (!number || *number == 0 || *number > kMax)
    return Refuse(key, value, "a number from 1 to 100000 is wanted");
  const std::chrono::milliseconds milliseconds(*number);
  if (key == "reset-rise-ms") {
    options.reset_rise = milliseconds;
  } else if (key == "erase-sector-ms") {
    options.timings.sector_erase = milliseconds;
  } else if (key == "erase-block-ms") {
    options.timings.block_erase = milliseconds;
  } else {
    options.timings.page_program = std::chrono::microseconds(*number);
  }
  return {};
}

Result<void> SetSecurity(std::string_view value, BoardOptions& options) {
  if (value == "secure-boot") {
    options.security.secure_boot = true;
  } else if (value == "encryption") {
    options.security.flash_encryption = true;
  } else if (value == "secure-download") {
    options.security.secure_download = true;
  } else {
    return Refuse("security", value, "values are secure-boot, encryption and secure-download");
  }
  return {};
}

Result<void> SetOption(std::string_view setting, BoardOptions& options, FlashGiven& given) {
  const std::size_t equals = setting.find('=');
  const std::string_view key = setting.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : setting.substr(equals + 1);
  if (key == "flash") {
    given.size = true;
    return SetFlashSize(value, options);
  }
  if (key == "erase-sector-ms" || key == "erase-block-ms" || key == "program-page-us" ||
      key == "reset-rise-ms")
    return SetTiming(key, value, options);
  if (key == "chip") return SetChip(value, options);
  if (key == "security") return SetSecurity(value, options);
  if (key == "mac" || key == "seed") return SetIdentity(key, value, options);
  if (key == "id") {
    given.id = true;
    return SetIdentity(key, value, options);
  }
  if (key == "fault") return AddFault(value, options.faults);
  if (const Switch* row = FindSwitch(key)) return SetSwitch(*row, value, options);
  return Fail(ExitCode::kUsage, fmt::format("the simulated board has no option '{}'", key),
              "options are chip, security, flash, id, mac, seed, fault, boot-line, reset-line, "
              "rx, tx, rx-tx, power, reset-rise-ms, erase-sector-ms, erase-block-ms and "
              "program-page-us, as in "
              "'FILE?flash=1MB&fault=lost-ack:3'");
}

}  // namespace

std::uint32_t FlashIdFor(std::uint32_t flash_size_bytes) {
  const auto capacity = static_cast<std::uint32_t>(std::bit_width(flash_size_bytes) - 1);
  return capacity << 16 | 0x40EF;
}

Result<BoardOptions> ParseBoardOptions(std::string_view text) {
  BoardOptions options;
  const std::size_t question = text.find('?');
  options.flash_file = text.substr(0, question);
  FlashGiven given;
  std::string_view rest =
      question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    TRY_DO(SetOption(rest.substr(0, end), options, given));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  if (!given.id) options.flash_id = FlashIdFor(options.flash_size_bytes);
  const auto size_of_id = FlashSizeOfId(options.flash_id);
  if (given.id && !given.size && size_of_id && *size_of_id <= kFlashSizeMax)
    options.flash_size_bytes = *size_of_id;
  return options;
}

}  // namespace lastgood::sim
