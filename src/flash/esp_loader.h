// SPDX-License-Identifier: MIT
// A session with the chip's ROM loader (protocol reference, sections 1–8 and 10): connect,
// identify, write, run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "image/esp_image.h"

namespace lastgood {

struct WriteSummary {
  std::uint64_t bytes_sent = 0;  // payload octets on the wire, without framing
  std::uint32_t sectors_erased = 0;
  std::uint32_t blank_bytes_skipped = 0;  // erased but not sent: they read FF anyway
  std::chrono::milliseconds elapsed{0};
};

// bytes_done, bytes_total of the images
using WriteProgress = std::function<void(std::uint64_t, std::uint64_t)>;

class EspLoader {
 public:
  // Resets the board into its loader and syncs at `baud` (the ROM measures the rate). Bounded:
  // about 5 s in all, with growing patience for slow reset lines. kBoard when nothing answers; the
  // hint tells the cases apart by what was heard: nothing at all (wiring, power, wrong device), the
  // application's or the boot log's text (boot line does not work), the ROM's download-mode text
  // but no answer (TX path).
  static Result<EspLoader> Connect(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                   std::uint32_t baud, const Interrupt& interrupt);
  ~EspLoader();
  EspLoader(EspLoader&&) noexcept;
  EspLoader& operator=(EspLoader&&) noexcept;

  // Chip, MAC address, flash id. kBoard when the chip is none that lastgood knows.
  Result<BoardIdentity> Identify();

  // Erases and writes each image; sectors of an image are erased whole. Blank stretches are erased
  // and not sent. One failed block makes the whole image start again (the ROM cannot resend a
  // block), at most `attempts` times in all; then kBoard. kInterrupted leaves the flash unproven.
  // kRefused, before anything is erased, for images that overlap, are not aligned or do not fit.
  // An image of one sector takes the sector behind it along, unless another image is there.
  Result<WriteSummary> Write(std::span<const FlashableImage> images, int attempts,
                             const WriteProgress& progress);

  // Erases [offset, offset + size), both multiples of 4096, and not a byte more. kRefused for a
  // single sector, which the ROM can not erase alone, and for what it can not reach (behind 4 MB).
  Result<void> Erase(std::uint32_t offset, std::uint32_t size_bytes);

  std::uint32_t baud() const;

 private:
  struct Session;
  explicit EspLoader(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

// What a write of `images` takes: octets on the wire with framing, both directions counted at one
// rate (the loader is half duplex), and seconds including erase and program times of a typical
// flash chip.
struct WriteEstimate {
  std::uint64_t wire_bytes = 0;
  std::chrono::milliseconds duration{0};
};
WriteEstimate EstimateWrite(std::span<const FlashableImage> images, std::uint32_t baud);

}  // namespace lastgood
