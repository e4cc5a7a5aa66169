// SPDX-License-Identifier: MIT
// Firmware images of the ESP8266 and of the ESP32 family (protocol reference, sections 13 and 15):
// what the ROM will load, what the header says about the flash, and what kind of firmware it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/verified.h"
#include "image/flash_settings.h"
#include "image/partition_table.h"

namespace lastgood {

struct ImageSegment {
  std::uint32_t load_address = 0;  // 0: not loaded (code that is run from flash, or filling)
  std::uint32_t file_offset = 0;   // of its data
  std::uint32_t size_bytes = 0;    // multiple of 4
};

enum class FirmwareFamily { kUnknown, kMicropython, kAt };
std::string_view FamilyName(FirmwareFamily family);  // "MicroPython", as people read it

// What the vendor's framework notes in an app of the ESP32 family.
struct AppDescriptor {
  std::string project;
  std::string version;
  std::string framework_version;  // "v5.0.4"
};

struct EspImage {
  Chip chip = Chip::kEsp8266;
  // An image that the ESP8266's second-stage loader starts (magic EA): the boot ROM does not.
  bool is_user_image = false;
  std::uint8_t mode = 0;              // header byte 2
  std::uint8_t size_nibble = 0;       // header byte 3, high
  std::uint8_t frequency_nibble = 0;  // header byte 3, low
  std::uint32_t entry = 0;
  std::vector<ImageSegment> segments;
  std::uint8_t checksum = 0;  // XOR of all segment data, seed 0xEF: equals the stored one
  // From the magic to behind the checksum and what belongs to it (CRC, SHA-256). A file may go on.
  std::uint32_t size_bytes = 0;

  // ESP32 family.
  std::uint16_t revision_min = 0;          // of the chip, times 100
  std::uint16_t revision_max = 0;          // the same; 0 or 65535: any
  std::optional<std::uint32_t> digest_at;  // of the appended SHA-256, which is right
  bool is_signed = false;                  // a signature for secure boot follows
  std::vector<Partition> partitions;       // when the file brings the table along
  std::optional<AppDescriptor> app;

  FirmwareFamily family = FirmwareFamily::kUnknown;
  std::string version;  // as the firmware will say it: "v1.8.7-7-gb5a1a20a3"; empty if not found
  bool has_micropython_trailer = false;  // size word at 0x8FFC and MD5 over [4, T), both right
  // SDK 2.0 firmware that writes its own init data before the SDK has read the header's size: the
  // flash size in the header must equal the chip's (section 15).
  bool writes_init_data = false;

  std::optional<std::uint32_t> HeaderFlashSize()
      const;  // of size_nibble; nullopt for an unknown one
};

// `chip` is the one it shall run on; the image starts at `at` of the file, from where its own
// offsets count. kNotTrusted, naming what is wrong and where: wrong magic (with
// what it looks like instead: an HTML page, a gzip file, …), another chip's image, too many
// segments, a segment past the end or where the chip has no memory, a checksum, CRC, SHA-256 or
// MicroPython trailer that differs, a damaged partition table or app behind the boot loader.
Result<EspImage> ParseEspImage(const Verified<Bytes>& file, Chip chip, std::size_t at = 0);

// Bytes for one flash region, made only from verified ones. What is flashed, and what every later
// check is made against.
class FlashableImage {
 public:
  // Patches the header when `patch` says so, and redoes the appended SHA-256. The file must then
  // hold an image that the boot ROM starts (kNotTrusted otherwise) at the chip's boot offset, the
  // only one whose header is read, and it must not be signed (kRefused otherwise).
  static Result<FlashableImage> Make(const Verified<Bytes>& file, std::uint32_t offset,
                                     const HeaderPatch& patch, Chip chip);

  std::uint32_t offset() const { return offset_; }
  ByteSpan bytes() const { return bytes_; }

 private:
  FlashableImage(std::uint32_t offset, Bytes bytes) : offset_(offset), bytes_(std::move(bytes)) {}
  std::uint32_t offset_;
  Bytes bytes_;
};

}  // namespace lastgood
