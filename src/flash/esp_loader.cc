// SPDX-License-Identifier: MIT
#include "flash/esp_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"
#include "flash/connect.h"
#include "flash/identify.h"
#include "flash/image_writer.h"
#include "flash/rom_link.h"
#include "flash/write_steps.h"

namespace lastgood {
namespace {

// What the ROM takes every flash for (protocol reference, 11.3).
constexpr std::uint32_t kRomReach = 4U << 20;
constexpr int kEraseAttempts = 2;

struct Region {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  std::uint64_t SectorsEnd() const {
    return (offset + size + kSectorSize - 1) / kSectorSize * kSectorSize;
  }
  // Behind what the ROM really erases: it cannot erase one sector alone.
  std::uint64_t ErasedEnd() const {
    return size != 0 && size <= kSectorSize ? offset + 2 * kSectorSize : SectorsEnd();
  }
};

Result<void> CheckReachable(const Region& region, std::uint64_t flash_size) {
  if (region.offset % kSectorSize != 0) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot write at 0x{:x}: the flash is erased in sectors of {} bytes",
                            region.offset, kSectorSize));
  }
  const std::uint64_t limit = std::min<std::uint64_t>(flash_size, kRomReach);
  if (region.SectorsEnd() > limit) {
    return Fail(
        ExitCode::kRefused,
        fmt::format("0x{:x} to 0x{:x} is out of reach: {} {}", region.offset,
                    region.offset + region.size,
                    limit < kRomReach ? "the flash has" : "the chip's ROM loader knows the first",
                    FormatFlashSize(static_cast<std::uint32_t>(limit))));
  }
  // Past its end a smaller chip wraps around: the boot sector would go.
  if (region.ErasedEnd() > limit) {
    return Fail(ExitCode::kRefused,
                fmt::format("the last sector of the flash (0x{:x}) can not be erased alone: the "
                            "chip's ROM loader takes the next one along",
                            region.offset));
  }
  return {};
}

Result<void> CheckImages(std::span<const FlashableImage> images, std::uint64_t flash_size) {
  std::vector<Region> regions;
  for (const FlashableImage& image : images) {
    regions.push_back({image.offset(), image.bytes().size()});
    TRY_DO(CheckReachable(regions.back(), flash_size));
  }
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.offset < b.offset; });
  for (std::size_t i = 1; i < regions.size(); ++i) {
    if (regions[i - 1].SectorsEnd() > regions[i].offset) {
      return Fail(ExitCode::kRefused,
                  fmt::format("the images at 0x{:x} and 0x{:x} share a sector: erasing for one "
                              "would destroy the other",
                              regions[i - 1].offset, regions[i].offset));
    }
  }
  return {};
}

}  // namespace

struct EspLoader::Session {
  RomLink link;
  BoardLines& lines;
  std::optional<std::uint32_t> flash_id;

  Result<std::uint32_t> FlashId() {
    if (!flash_id) {
      TRY(flash_id, ReadFlashId(link));
    }
    return *flash_id;
  }

  // Unknown sizes count as what the ROM takes every flash for.
  Result<std::uint32_t> FlashSize() {
    TRY(const std::uint32_t id, FlashId());
    return FlashSizeOfId(id).value_or(kRomReach);
  }
};

EspLoader::EspLoader(std::unique_ptr<Session> session) : session_(std::move(session)) {}
EspLoader::~EspLoader() = default;
EspLoader::EspLoader(EspLoader&&) noexcept = default;
EspLoader& EspLoader::operator=(EspLoader&&) noexcept = default;

Result<EspLoader> EspLoader::Connect(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                     const LoaderSettings& settings, const Interrupt& interrupt) {
  TRY_DO(serial_port.SetBaudRate(settings.baud));
  auto session = std::make_unique<Session>(
      Session{RomLink(serial_port, clock, settings.baud, interrupt), lines, {}});
  TRY_DO(EnterLoader(session->link, lines));
  return EspLoader(std::move(session));
}

Result<BoardIdentity> EspLoader::Identify() {
  BoardIdentity identity;
  TRY_DO(CheckChip(session_->link));
  TRY(identity.mac, ReadMacAddress(session_->link));
  TRY(identity.flash_id, session_->FlashId());
  identity.flash_size_bytes = FlashSizeOfId(identity.flash_id).value_or(0);
  return identity;
}

Chip EspLoader::chip() const { return Chip::kEsp8266; }
std::string EspLoader::Describe() const { return "ROM loader"; }
std::vector<std::string> EspLoader::Losses() const { return {}; }
bool EspLoader::can_digest() const { return false; }
bool EspLoader::can_read() const { return false; }

Result<Md5Digest> EspLoader::Digest(std::uint32_t, std::uint32_t) {
  return Fail(ExitCode::kRefused, "the ESP8266's ROM loader can not digest the flash",
              "install a stub loader");
}

Result<Bytes> EspLoader::Read(std::uint32_t, std::uint32_t, const WriteProgress&) {
  return Fail(ExitCode::kRefused, "the ESP8266's ROM loader can not read the flash",
              "install a stub loader");
}

Result<std::optional<FlashDifference>> EspLoader::Compare(std::span<const FlashableImage>) {
  return std::optional<FlashDifference>();
}

Result<WriteSummary> EspLoader::Write(std::span<const FlashableImage> images,
                                      const std::optional<FlashDifference>&, int attempts,
                                      const WriteProgress& progress) {
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  TRY_DO(CheckImages(images, flash_size));
  return ImageWriter(session_->link, session_->lines, attempts).Write(images, progress);
}

Result<void> EspLoader::Erase(std::uint32_t offset, std::uint32_t size_bytes) {
  if (size_bytes % kSectorSize != 0) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot erase {} bytes: the flash is erased in sectors of {} bytes",
                            size_bytes, kSectorSize));
  }
  if (size_bytes == kSectorSize) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot erase the sector at 0x{:x} alone: the chip's ROM loader takes "
                            "the next one along",
                            offset),
                "erase two sectors, or write an image to this one");
  }
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  TRY_DO(CheckReachable({offset, size_bytes}, flash_size));
  return ImageWriter(session_->link, session_->lines, kEraseAttempts).Erase(offset, size_bytes);
}

std::uint32_t EspLoader::baud() const { return session_->link.baud(); }

}  // namespace lastgood
