// SPDX-License-Identifier: MIT
#include "image/firmware_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "digest/digest.h"

namespace lastgood {
namespace {

constexpr std::size_t kTrailerWord = 0x8FFC;
constexpr std::size_t kFlashTextStart = 0x9000;
constexpr std::size_t kMd5Size = 16;
constexpr std::uint32_t kNoTrailer = 0xFFFFFFFF;
constexpr std::size_t kLargestImage = 16U << 20;
constexpr std::size_t kLongestVersion = 64;
constexpr std::uint32_t kCallUserStart = 0x40100004;

bool IsVersionCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_' || c == '+';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view LeadingVersion(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && length < kLongestVersion && IsVersionCharacter(text[length]))
    ++length;
  return text.substr(0, length);
}

// "v1.8.7-7-gb5a1a20a3" of "v1.8.7-7-gb5a1a20a3 on 2017-01-09…". The date behind it tells the
// banner from mere mentions of the name.
std::optional<std::string> BannerVersion(std::string_view text) {
  constexpr std::string_view kPreview = "(with v2.0 preview) ";
  if (text.substr(0, kPreview.size()) == kPreview) text.remove_prefix(kPreview.size());
  if (text.size() < 2 || text[0] != 'v' || !IsDigit(text[1])) return std::nullopt;
  const std::string_view version = LeadingVersion(text);
  if (text.substr(version.size(), 5) != " on 2") return std::nullopt;
  return std::string(version);
}

// The first result of `match` on what follows an occurrence of `key`.
template <class Match>
std::optional<std::string> FindBehind(std::string_view text, std::string_view key, Match match) {
  for (std::size_t at = text.find(key); at != std::string_view::npos;
       at = text.find(key, at + key.size())) {
    if (auto found = match(text.substr(at + key.size()))) return found;
  }
  return std::nullopt;
}

// Most AT firmware puts its version together only when it runs: the format string is there, the
// numbers are not.
std::optional<std::string> AtVersion(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text[0] == '%') return std::string();
  if (IsDigit(text[0])) return std::string(LeadingVersion(text));
  return std::nullopt;
}

// The builder of MicroPython's combined image fills up to the size word with FF. A size word that
// fits the file exactly is one too: then damage in the filling shows as a wrong MD5.
bool HasTrailerLayout(ByteSpan image, std::size_t segments_end, std::uint32_t total) {
  if (total == std::uint64_t{image.size()} - kMd5Size) return true;
  if (total == kNoTrailer || total > kLargestImage || total < kFlashTextStart) return false;
  return IsBlank(image.subspan(segments_end, kTrailerWord - segments_end));
}

}  // namespace

FirmwareName FindFirmwareName(ByteSpan image) {
  const std::string_view text = AsText(image);
  if (auto version = FindBehind(text, "MicroPython ", BannerVersion))
    return {FirmwareFamily::kMicropython, *std::move(version)};
  if (auto version = FindBehind(text, "AT version:", AtVersion))
    return {FirmwareFamily::kAt, *std::move(version)};
  return {};
}

Result<bool> CheckMicropythonTrailer(ByteSpan image, std::size_t segments_end) {
  if (image.size() < kFlashTextStart + kMd5Size || segments_end > kTrailerWord) return false;
  const std::uint32_t total = LoadLe32(image, kTrailerWord);
  if (!HasTrailerLayout(image, segments_end, total)) return false;
  if (total > image.size() - kMd5Size) {
    return Fail(ExitCode::kNotTrusted, fmt::format("MicroPython image is cut off: {} bytes of {}",
                                                   image.size(), total + kMd5Size));
  }
  const Md5Digest computed = Md5(image.subspan(4, total - 4));
  const ByteSpan stored = image.subspan(total, kMd5Size);
  if (!std::equal(stored.begin(), stored.end(), computed.octets.begin())) {
    return Fail(
        ExitCode::kNotTrusted,
        fmt::format("MicroPython image is damaged: its MD5 trailer at 0x{:x} does not match "
                    "its content",
                    total));
  }
  return true;
}

bool WritesInitData(ByteSpan image, FirmwareFamily family, std::uint32_t entry) {
  if (AsText(image).find("Writing init data") != std::string_view::npos) return true;
  return family == FirmwareFamily::kMicropython && entry != kCallUserStart;
}

}  // namespace lastgood
