// SPDX-License-Identifier: MIT
// ESP8266 firmware images (protocol reference, sections 13 and 15): what the ROM will load, what
// the header says about the flash, and what kind of firmware it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/verified.h"

namespace lastgood {

enum class FlashMode : std::uint8_t { kQio = 0, kQout = 1, kDio = 2, kDout = 3 };

struct ImageSegment {
  std::uint32_t load_address = 0;
  std::uint32_t file_offset = 0;  // of its data
  std::uint32_t size_bytes = 0;   // multiple of 4
};

enum class FirmwareFamily { kUnknown, kMicropython, kAt };

struct EspImage {
  std::uint8_t mode = 0;              // header byte 2
  std::uint8_t size_nibble = 0;       // header byte 3, high
  std::uint8_t frequency_nibble = 0;  // header byte 3, low
  std::uint32_t entry = 0;
  std::vector<ImageSegment> segments;
  std::uint8_t checksum = 0;  // XOR of all segment data, seed 0xEF: equals the stored one

  FirmwareFamily family = FirmwareFamily::kUnknown;
  std::string version;  // as the firmware will say it: "v1.8.7-7-gb5a1a20a3"; empty if not found
  bool has_micropython_trailer = false;  // size word at 0x8FFC and MD5 over [4, T), both right
  // SDK 2.0 firmware that writes its own init data before the SDK has read the header's size: the
  // flash size in the header must equal the chip's (section 15).
  bool writes_init_data = false;

  std::optional<std::uint32_t> HeaderFlashSize()
      const;  // of size_nibble; nullopt for an unknown one
};

// kNotTrusted, naming what is wrong and where: wrong magic (with what it looks like instead: an
// HTML page, a gzip file, …), too many segments, a segment past the end, checksum mismatch, a
// MicroPython trailer whose MD5 differs.
Result<EspImage> ParseEspImage(const Verified<Bytes>& image, Chip chip);

// New values for header bytes 2 and 3; nullopt keeps.
struct HeaderPatch {
  std::optional<FlashMode> mode;
  std::optional<std::uint8_t> frequency_nibble;
  std::optional<std::uint32_t> size_bytes;
};

// "qio", … ; "40m", …
std::optional<FlashMode> ParseFlashMode(std::string_view text);
std::optional<std::uint8_t> ParseFrequencyNibble(std::string_view text);
std::optional<std::uint8_t> SizeNibble(std::uint32_t size_bytes);

// Bytes for one flash region, made only from verified ones. What is flashed, and what every later
// check is made against.
class FlashableImage {
 public:
  // Patches the header when `patch` says so; the bytes must then be an image (kNotTrusted
  // otherwise) for the chip's boot offset, the only one whose header is read (kRefused otherwise).
  static Result<FlashableImage> Make(const Verified<Bytes>& image, std::uint32_t offset,
                                     const HeaderPatch& patch, Chip chip);

  std::uint32_t offset() const { return offset_; }
  ByteSpan bytes() const { return bytes_; }

 private:
  FlashableImage(std::uint32_t offset, Bytes bytes) : offset_(offset), bytes_(std::move(bytes)) {}
  std::uint32_t offset_;
  Bytes bytes_;
};

}  // namespace lastgood
