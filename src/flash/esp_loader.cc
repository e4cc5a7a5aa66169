// SPDX-License-Identifier: MIT
#include "flash/esp_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"
#include "flash/flash_reader.h"
#include "flash/flash_target.h"
#include "flash/flash_writer.h"
#include "flash/identify.h"
#include "flash/image_writer.h"
#include "flash/loader_session.h"
#include "flash/stream_writer.h"

namespace lastgood {
namespace {

// What the ROM takes every flash for (protocol reference, 11.3).
constexpr std::uint32_t kRomReach = 4U << 20;
constexpr int kEraseAttempts = 2;
constexpr int kCompareAttempts = 3;

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

// `rom`: the ESP8266's, which knows the first 4 MB and takes the sector behind a single one along.
Result<void> CheckReachable(const Region& region, std::uint64_t flash_size, bool rom) {
  if (region.offset % kSectorSize != 0) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot write at 0x{:x}: the flash is erased in sectors of {} bytes",
                            region.offset, kSectorSize));
  }
  const std::uint64_t limit = rom ? std::min<std::uint64_t>(flash_size, kRomReach) : flash_size;
  if (region.SectorsEnd() > limit) {
    const bool rom_limit = limit < flash_size || (rom && limit == kRomReach);
    return Fail(ExitCode::kRefused,
                fmt::format("0x{:x} to 0x{:x} is out of reach: {} {}", region.offset,
                            region.offset + region.size,
                            rom_limit ? "the chip's ROM loader knows the first" : "the flash has",
                            FormatFlashSize(static_cast<std::uint32_t>(limit))));
  }
  // Past its end a smaller chip wraps around: the boot sector would go.
  if (rom && region.ErasedEnd() > limit) {
    return Fail(ExitCode::kRefused,
                fmt::format("the last sector of the flash (0x{:x}) can not be erased alone: the "
                            "chip's ROM loader takes the next one along",
                            region.offset));
  }
  return {};
}

Result<void> CheckImages(std::span<const FlashableImage> images, std::uint64_t flash_size,
                         bool rom) {
  std::vector<Region> regions;
  for (const FlashableImage& image : images) {
    regions.push_back({image.offset(), image.bytes().size()});
    TRY_DO(CheckReachable(regions.back(), flash_size, rom));
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

std::string KindOf(const LoaderSession& session) {
  return fmt::format("{}'s ROM loader", ChipTitle(session.chip()));
}

tl::unexpected<Error> CanNot(const LoaderSession& session, const std::string& what) {
  return Fail(ExitCode::kRefused, fmt::format("the {} can not {}", KindOf(session), what),
              session.locked() ? "secure download mode is burnt into the chip"
                               : "install a stub loader (docs/stubs.md)");
}

// What a locked chip would refuse one by one.
Result<void> CheckOpen(const LoaderSession& session) {
  if (session.locked()) return CanNot(session, "be told what to write in secure download mode");
  return {};
}

}  // namespace

struct EspLoader::Session : LoaderSession {
  using LoaderSession::LoaderSession;

  bool esp8266_rom() const { return !can_digest(); }
};

EspLoader::EspLoader(std::unique_ptr<Session> session) : session_(std::move(session)) {}
EspLoader::~EspLoader() = default;
EspLoader::EspLoader(EspLoader&&) noexcept = default;
EspLoader& EspLoader::operator=(EspLoader&&) noexcept = default;

Result<EspLoader> EspLoader::Connect(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                     const LoaderSettings& settings, const Interrupt& interrupt) {
  TRY_DO(serial_port.SetBaudRate(settings.baud));
  auto session = std::make_unique<Session>(LoaderLink(serial_port, clock, settings.baud, interrupt),
                                           lines, settings);
  TRY_DO(session->Connect());
  return EspLoader(std::move(session));
}

Result<BoardIdentity> EspLoader::Identify() {
  BoardIdentity identity;
  identity.chip = session_->chip();
  identity.security = session_->security();
  if (session_->locked()) return identity;
  TRY(identity.mac, ReadMacAddress(session_->link(), session_->row()));
  if (identity.chip == Chip::kEsp8266) {
    TRY(identity.embedded_flash, IsEsp8285(session_->link()));
  }
  TRY(identity.flash_id, session_->FlashId());
  identity.flash_size_bytes = FlashSizeOfId(identity.flash_id).value_or(0);
  return identity;
}

Chip EspLoader::chip() const { return session_->chip(); }

std::string EspLoader::Describe() const {
  return session_->stub() ? fmt::format("stub loader {}", session_->generation()) : "ROM loader";
}

std::vector<std::string> EspLoader::Losses() const {
  if (session_->stub()) return {};
  std::vector<std::string> losses = {session_->why_no_stub()};
  if (session_->locked()) return losses;
  if (session_->can_digest()) {
    losses.push_back("every kilobyte waits for its programming");
    return losses;
  }
  losses.push_back("no compression");
  losses.push_back("no proof by digest, so an update writes everything");
  losses.push_back("no reading of flash");
  return losses;
}

bool EspLoader::can_digest() const { return session_->can_digest(); }
bool EspLoader::can_read() const { return session_->can_digest(); }

Result<Md5Digest> EspLoader::Digest(std::uint32_t offset, std::uint32_t size_bytes) {
  if (!can_digest()) return CanNot(*session_, "digest the flash");
  TRY_DO(session_->PrepareFlash());
  TRY(const std::optional<Md5Digest> digest, session_->Digest(offset, size_bytes));
  if (digest) return *digest;
  return Fail(ExitCode::kBoard,
              fmt::format("the loader on '{}' does not say what is in the flash at 0x{:x}",
                          session_->link().serial_port().Name(), offset),
              "try a lower baud rate; check the wiring");
}

Result<Bytes> EspLoader::Read(std::uint32_t offset, std::uint32_t size_bytes,
                              const WriteProgress& progress) {
  if (!can_read()) return CanNot(*session_, "read the flash");
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  if (std::uint64_t{offset} + size_bytes > flash_size) {
    return Fail(ExitCode::kRefused,
                fmt::format("0x{:x} to 0x{:x} is out of reach: the flash has {}", offset,
                            std::uint64_t{offset} + size_bytes, FormatFlashSize(flash_size)));
  }
  return FlashReader(*session_).Read(offset, size_bytes, progress);
}

Result<std::optional<FlashDifference>> EspLoader::Compare(std::span<const FlashableImage> images) {
  if (!can_digest()) return std::optional<FlashDifference>();
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  TRY_DO(CheckImages(images, flash_size, false));
  const FlashTarget target(images);
  TRY(FlashDifference difference, FlashWriter(*session_, target, kCompareAttempts).Compare());
  return std::optional<FlashDifference>(std::move(difference));
}

Result<WriteSummary> EspLoader::Write(std::span<const FlashableImage> images,
                                      const std::optional<FlashDifference>& known, int attempts,
                                      const WriteProgress& progress) {
  TRY_DO(CheckOpen(*session_));
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  TRY_DO(CheckImages(images, flash_size, session_->esp8266_rom()));
  if (session_->esp8266_rom()) return ImageWriter(*session_, attempts).Write(images, progress);
  std::uint64_t bytes_total = 0;
  for (const FlashableImage& image : images) bytes_total += image.bytes().size();
  const FlashTarget target(images);
  return FlashWriter(*session_, target, attempts).Write(known, bytes_total, progress);
}

Result<void> EspLoader::Erase(std::uint32_t offset, std::uint32_t size_bytes) {
  TRY_DO(CheckOpen(*session_));
  if (size_bytes % kSectorSize != 0) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot erase {} bytes: the flash is erased in sectors of {} bytes",
                            size_bytes, kSectorSize));
  }
  const bool rom = session_->esp8266_rom();
  if (rom && size_bytes == kSectorSize) {
    return Fail(ExitCode::kRefused,
                fmt::format("cannot erase the sector at 0x{:x} alone: the chip's ROM loader takes "
                            "the next one along",
                            offset),
                "erase two sectors, or write an image to this one");
  }
  TRY(const std::uint32_t flash_size, session_->FlashSize());
  TRY_DO(CheckReachable({offset, size_bytes}, flash_size, rom));
  if (rom) return ImageWriter(*session_, kEraseAttempts).Erase(offset, size_bytes);
  if (size_bytes == 0) return {};
  // Erasing twice is erasing once, so it may simply be asked for again.
  for (int attempt = 1;; ++attempt) {
    TRY(const Failure failure, StreamWriter(*session_).Erase({offset, size_bytes}));
    if (!failure) return {};
    if (attempt == kEraseAttempts) {
      return Fail(ExitCode::kBoard,
                  fmt::format("cannot erase {} bytes on '{}': {} (attempt {})", size_bytes,
                              session_->link().serial_port().Name(), *failure, attempt),
                  "try a lower baud rate; check the wires and the supply");
    }
    TRY_DO(session_->Recover());
  }
}

std::uint32_t EspLoader::baud() const { return session_->link().baud(); }

}  // namespace lastgood
