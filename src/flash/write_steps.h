// SPDX-License-Identifier: MIT
// How an image gets into the flash, as a list of requests: what the loader sends and what the
// estimate counts is the same list.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "flash/loader_protocol.h"
#include "flash/rom_erase.h"
#include "image/esp_image.h"

namespace lastgood {

// One sector a block. Per block the wire carries 38 octets that are no data (request header and
// sub-header, delimiters, reply), and the host's turn-around adds 1 to 16 ms: with the customary
// 1 KiB blocks that is 6 % of the time at 115200 baud and 12 to 70 % at 460800; with 4 KiB 1.5 %
// and 3 to 18 %. The ROM takes up to 0x1800 a block, unescapes octets as they arrive and bounds
// only the unescaped ones (0x2000), and stub uploads send blocks of 0x1800 through the same path
// every day; but 6 KiB would save 1 % more and no longer be whole sectors.
inline constexpr std::uint32_t kBlockSize = kSectorSize;
// What other programs send, for every attempt but the first: should a chip dislike the larger one,
// or an adapter lose octets in long bursts, the board is still written. It also makes the ROM's
// one-octet checksum stronger: it misses two errors that fall into one block and cancel out.
inline constexpr std::uint32_t kCustomaryBlockSize = 0x400;

struct WriteStep {
  enum class Kind {
    kErase,  // FLASH_BEGIN with a size word
    kSeek,   // FLASH_BEGIN that erases nothing: where the data that follow go
    kData,
  } kind = Kind::kData;
  std::uint32_t offset = 0;      // in the flash
  RomErase erase;                // kErase
  std::uint32_t blocks = 0;      // kSeek: that follow
  std::uint32_t block_size = 0;  // kErase, kSeek: announced to the ROM
  std::uint32_t sequence = 0;    // kData
  ByteSpan data;                 // kData: part of the image, at most block_size

  LoaderRequest Request() const;
  std::chrono::milliseconds Timeout() const;  // for its reply, once the request has left
};

struct ImageSteps {
  std::vector<WriteStep> steps;
  std::uint32_t blank_bytes = 0;  // of sectors that hold nothing but FF: erased, not sent
};

// The steps refer to the image's bytes. The image's offset is a multiple of 4096.
ImageSteps PlanImage(const FlashableImage& image, std::uint32_t block_size);

// Only erases.
std::vector<WriteStep> PlanEraseSteps(std::uint32_t offset, std::uint32_t size_bytes);

}  // namespace lastgood
