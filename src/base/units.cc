// SPDX-License-Identifier: MIT
#include "base/units.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>

namespace lastgood {

std::optional<std::uint32_t> ParseFlashSize(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::has_single_bit(number)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "KB" && number >= 256 && number <= 512) return number << 10;
  if (unit == "MB" && number <= 256) return number << 20;
  return std::nullopt;
}

std::string FormatFlashSize(std::uint32_t size_bytes) {
  if (size_bytes >= 1U << 20) return fmt::format("{} MB", size_bytes >> 20);
  return fmt::format("{} KB", size_bytes >> 10);
}

std::string FormatByteCount(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 999'500) return fmt::format("{} KB", (bytes + 500) / 1000);
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

std::string FormatSeconds(std::chrono::milliseconds duration) {
  const double seconds = static_cast<double>(duration.count()) / 1000.0;
  return seconds < 99.95 ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.0f} s", seconds);
}

}  // namespace lastgood
