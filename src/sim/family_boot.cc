// SPDX-License-Identifier: MIT
#include "sim/family_boot.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "digest/digest.h"

namespace lastgood::sim {
namespace {

using Then = BootStep::Then;
using std::chrono::milliseconds;

constexpr std::uint32_t kBaud = 115200;
constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint32_t kHeaderBytes = 24;
constexpr std::uint32_t kSegmentsMax = 16;
constexpr std::uint32_t kApplicationArea = 4U << 20;
constexpr milliseconds kWatchdog{300};
constexpr milliseconds kApplicationStart{250};

struct BootImage {
  std::string text;     // what the ROM prints of it
  std::string failure;  // empty: it starts
  std::uint32_t end = 0;
};

BootStep Say(milliseconds delay, std::string text, Then then = Then::kNext) {
  return {delay, {}, std::move(text), kBaud, then};
}

std::optional<std::string> VersionIn(std::string_view text) {
  constexpr std::string_view kPrefix = "MicroPython v";
  const std::boyer_moore_horspool_searcher searcher(kPrefix.begin(), kPrefix.end());
  for (auto at = text.begin();;) {
    at = std::search(at, text.end(), searcher);
    if (at == text.end()) return std::nullopt;
    std::string_view rest(&*at, static_cast<std::size_t>(text.end() - at));
    rest = rest.substr(kPrefix.size() - 1, 80);
    const std::size_t length = rest.find_first_of(std::string_view(";\r\n\0", 4));
    // The banner goes on with a date; other mentions do not.
    if (length != std::string_view::npos && rest.substr(0, length).find(" on 2") != rest.npos)
      return std::string(rest.substr(0, length));
    at += static_cast<std::ptrdiff_t>(kPrefix.size());
  }
}

// The checksum is in the last octet of a line of 16; behind it, when the header says so, a SHA-256
// of everything before. Who checks it on the chip (its ROM, its second stage) makes no difference
// here: an image whose digest is stale does not start.
BootImage Load(ByteSpan flash, std::uint32_t offset) {
  BootImage image;
  const ByteSpan bytes = flash.subspan(offset);
  image.text = fmt::format("mode:{}, clock div:2\r\n", bytes[2] == 2 ? "DIO" : "QIO");
  std::uint8_t checksum = 0xEF;
  std::size_t at = kHeaderBytes;
  for (unsigned i = 0; i < bytes[1] && i < kSegmentsMax; ++i) {
    const std::uint32_t address = LoadLe32(bytes, at);
    const std::uint32_t length = LoadLe32(bytes, at + 4);
    image.text += fmt::format("load:0x{:08x},len:{}\r\n", address, length);
    at += 8;
    if (length > bytes.size() - at - 64) {
      image.failure = "ets_main.c 371\r\n";
      return image;
    }
    for (const std::uint8_t octet : bytes.subspan(at, length)) checksum ^= octet;
    at += length;
  }
  at |= 15;
  if (bytes[at] != checksum) image.failure = "csum err:0x00!=0x00\r\nets_main.c 384\r\n";
  ++at;
  if (image.failure.empty() && bytes[23] == 1) {
    const Sha256Digest digest = Sha256(bytes.first(at));
    if (!std::equal(digest.octets.begin(), digest.octets.end(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(at)))
      image.failure = "E (38) esp_image: image hash failed\r\n";
    at += digest.octets.size();
  }
  image.text += fmt::format("entry 0x{:08x}\r\n", LoadLe32(bytes, 4));
  image.end = offset + static_cast<std::uint32_t>(at);
  return image;
}

}  // namespace

std::string FamilyBootModel::ResetText(int cause, Straps straps) const {
  const bool esp32 = chip_ == Chip::kEsp32;
  const std::string head =
      esp32 ? "ets Jun  8 2016 00:22:57\r\n\r\n"
            : fmt::format("ESP-ROM:{}-20210207\r\nBuild:Feb  7 2021\r\n", ChipName(chip_));
  const std::string_view reason =
      cause == kCauseWatchdog ? "rst:0x10 (RTCWDT_RTC_RESET)" : "rst:0x1 (POWERON_RESET)";
  if (straps == Straps::kDownload) {
    return fmt::format(
        "{}{},boot:{}\r\nwaiting for download\r\n", head, reason,
        esp32 ? "0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))" : "0x4 (DOWNLOAD(USB/UART0))");
  }
  return fmt::format("{}{},boot:{} (SPI_FAST_FLASH_BOOT)\r\n", head, reason,
                     esp32 ? "0x13" : "0xc");
}

BootScript FamilyBootModel::FromReset(int cause, Straps straps) const {
  if (straps == Straps::kFlash) return LoadAndRun(ResetText(cause, straps));
  BootScript script;
  script.steps.push_back(Say(milliseconds(0), ResetText(cause, straps), Then::kListenForHost));
  return script;
}

BootScript FamilyBootModel::FromLoader() const { return LoadAndRun(""); }

BootScript FamilyBootModel::LoadAndRun(std::string text) const {
  BootScript script;
  script.steps.push_back(Say(milliseconds(0), std::move(text)));
  const std::uint32_t offset = BootOffset(chip_);
  const ByteSpan flash = flash_.content();
  if (flash[offset] != kMagic) {
    const std::string line = fmt::format("invalid header: 0x{:08x}\r\n", LoadLe32(flash, offset));
    script.steps.push_back(Say(milliseconds(2), line + line + line));
    script.steps.push_back(Say(kWatchdog, "", Then::kRestart));
    return script;
  }
  BootImage image = Load(flash, offset);
  script.steps.push_back(Say(milliseconds(20), std::move(image.text)));
  if (!image.failure.empty()) {
    script.steps.push_back(Say(milliseconds(2), std::move(image.failure)));
    script.steps.push_back(Say(kWatchdog, "", Then::kRestart));
    return script;
  }
  RunApplication(script);
  return script;
}

void FamilyBootModel::RunApplication(BootScript& script) const {
  const ByteSpan area =
      flash_.content().first(std::min<std::size_t>(flash_.content().size(), kApplicationArea));
  const std::string_view text = AsText(area);
  const auto contains = [&text](std::string_view wanted) {
    const std::boyer_moore_horspool_searcher searcher(wanted.begin(), wanted.end());
    return std::search(text.begin(), text.end(), searcher) != text.end();
  };
  if (contains("lastgood-sim:crashing")) {
    script.steps.push_back(Say(kApplicationStart,
                               "Guru Meditation Error: Core  0 panic'ed (IllegalInstruction). "
                               "Exception was unhandled.\r\n"));
    script.steps.push_back(Say(kWatchdog, "", Then::kRestart));
    return;
  }
  if (contains("lastgood-sim:silent")) return;
  script.facts.flash_id = flash_id_;
  script.facts.flash_size_bytes = flash_.size_bytes();
  if (const auto version = VersionIn(text)) {
    script.facts.family = FirmwareFacts::Family::kMicropython;
    script.facts.version = *version;
  }
  script.steps.push_back(Say(kApplicationStart, "", Then::kStartApplication));
}

}  // namespace lastgood::sim
