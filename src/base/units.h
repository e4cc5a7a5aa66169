// SPDX-License-Identifier: MIT
// Sizes and durations, parsed from manifests and printed for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood {

// Flash sizes as esptool and manifests spell them: "256KB", "512KB", "1MB" … "16MB". Powers of two
// only.
std::optional<std::uint32_t> ParseFlashSize(std::string_view text);
std::string FormatFlashSize(std::uint32_t size_bytes);  // "4 MB", "512 KB"

std::string FormatByteCount(std::uint64_t bytes);  // "642 KB" (1000 bytes), "1.04 MB", "17 B"
std::string FormatSeconds(std::chrono::milliseconds duration);  // "0.2 s", "74 s"

}  // namespace lastgood
