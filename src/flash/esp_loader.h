// SPDX-License-Identifier: MIT
// A session with a chip's loader, the ROM's own or a stub (protocol reference, sections 1–10):
// connect, identify, compare, write, read, erase.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "flash/flash_difference.h"
#include "flash/stub_library.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "image/esp_image.h"

namespace lastgood {

enum class LoaderChoice {
  kAuto,  // a stub where there is one and it starts, else the ROM
  kStub,  // an error when there is none or it does not start
  kRom,
};

struct LoaderSettings {
  std::uint32_t baud = 115200;
  LoaderChoice choice = LoaderChoice::kAuto;
  const StubLibrary* stubs = nullptr;  // must outlive the loader
};

struct WriteSummary {
  std::uint64_t bytes_sent = 0;  // octets on the wire to the chip, framing included
  std::uint32_t sectors_erased = 0;
  // Whole sectors, in the order of the work; some may come again after a failure.
  std::vector<FlashRange> erased;
  std::vector<FlashRange> written;
  std::uint32_t sectors_written = 0;
  std::uint32_t sectors_total = 0;        // of the images
  std::uint32_t blank_bytes_skipped = 0;  // erased or blank already, not sent: they read FF anyway
  bool digest_matches = false;  // the chip's MD5 of the images was compared; false: it has none
  int recoveries = 0;           // failures that were mended on the way
  std::chrono::milliseconds elapsed{0};
};

// bytes_done, bytes_total of the images
using WriteProgress = std::function<void(std::uint64_t, std::uint64_t)>;

class EspLoader {
 public:
  // Resets the board into its loader, syncs at the working rate (the ROM measures it) and starts a
  // stub. Bounded: about 5 s in all, with growing patience for slow reset lines. kBoard when
  // nothing answers; the hint tells the cases apart by what was heard: nothing at all (wiring,
  // power, wrong device), the application's or the boot log's text (boot line does not work), the
  // ROM's download-mode text but no answer (TX path).
  static Result<EspLoader> Connect(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                   const LoaderSettings& settings, const Interrupt& interrupt);
  ~EspLoader();
  EspLoader(EspLoader&&) noexcept;
  EspLoader& operator=(EspLoader&&) noexcept;

  // MAC address, flash id and size, security fuses. A chip in secure download mode tells neither
  // MAC address nor flash id: they are zero.
  Result<BoardIdentity> Identify();

  Chip chip() const;
  std::string Describe() const;  // "stub loader 2", "ROM loader"
  // With the ROM's loader alone: a line for each thing that is lost or slower, and one that says
  // why there is no stub. Empty with a stub.
  std::vector<std::string> Losses() const;
  bool can_digest() const;
  bool can_read() const;

  // Of flash content, computed on the chip. kRefused when this loader can not.
  Result<Md5Digest> Digest(std::uint32_t offset, std::uint32_t size_bytes);
  // Checked against the chip's digest. kRefused when this loader can not.
  Result<Bytes> Read(std::uint32_t offset, std::uint32_t size_bytes, const WriteProgress& progress);

  // Which sectors do not hold what `images` say; nullopt when this loader can not tell. Some that
  // hold it may be called different where asking costs more than writing.
  Result<std::optional<FlashDifference>> Compare(std::span<const FlashableImage> images);

  // Erases and writes what differs (`known`, else Compare() finds out; everything when the loader
  // can not digest) and has the chip digest the whole images in the end. What lies behind an
  // image's end in its last sector reads FF afterwards. Trouble on the way (lost or corrupted
  // octets, a reset) is mended by comparing again and going on with what still differs; `attempts`
  // failures without progress between them end it with kBoard. kInterrupted leaves the flash
  // unproven. kRefused, before anything is erased, for images that share a sector, are not aligned
  // or do not fit. With the ESP8266's ROM an image whose step failed is written again from its
  // start, and an image of one sector takes the sector behind it along, unless another image is
  // there.
  Result<WriteSummary> Write(std::span<const FlashableImage> images,
                             const std::optional<FlashDifference>& known, int attempts,
                             const WriteProgress& progress);

  // Erases [offset, offset + size), both multiples of 4096, and not a byte more. kRefused for what
  // the flash does not have; with the ESP8266's ROM also for a single sector, which it can not
  // erase alone, and for what it can not reach (behind 4 MB).
  Result<void> Erase(std::uint32_t offset, std::uint32_t size_bytes);

  // What is spoken at: the settings' rate, or 115200 when the chip does not follow there.
  std::uint32_t baud() const;

 private:
  struct Session;
  explicit EspLoader(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

// What a write of `images` to a flash that holds none of it takes: octets on the wire with framing,
// both directions counted at one rate (the loader is half duplex), and seconds including erase and
// program times of a typical flash chip. `compressed`: through a stub, or an ESP32 family ROM;
// otherwise as the ESP8266's ROM takes it.
struct WriteEstimate {
  std::uint64_t wire_bytes = 0;
  std::chrono::milliseconds duration{0};
};
WriteEstimate EstimateWrite(std::span<const FlashableImage> images, std::uint32_t baud,
                            bool compressed);

}  // namespace lastgood
