// SPDX-License-Identifier: MIT
// The whole content of a flash chip, read sparsely: what is blank, or what the host has as an
// image, is recognised by its on-chip MD5 and not read. A 4 MiB chip with MicroPython and a small
// file system costs about 0.7 MB on the wire instead of 4 (364 s at 115200 baud), one whose
// firmware is at hand next to nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"

namespace lastgood {

// How the flash is asked; EspLoader's Digest and Read. What `read` returns was digest-checked.
struct FlashAccess {
  std::function<Result<Md5Digest>(std::uint32_t offset, std::uint32_t size_bytes)> digest;
  std::function<Result<Bytes>(std::uint32_t offset, std::uint32_t size_bytes)> read;
};

// Bytes that may lie at `offset`, a multiple of 4096; behind their end, blank flash is expected.
struct KnownContent {
  std::uint32_t offset = 0;
  ByteSpan bytes;
};

struct FlashDump {
  Bytes content;                  // of the whole chip, every sector proven by a digest
  std::uint64_t bytes_read = 0;   // over the wire
  std::uint64_t bytes_known = 0;  // recognised as part of a known content
  std::uint64_t bytes_blank = 0;  // recognised as FF
  bool blank() const { return bytes_blank == content.size(); }
};

// bytes_done, bytes_total: of the chip
using DumpProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// `size_bytes`: a multiple of 64 KiB, or less than that and a multiple of 4096. Fails as the access
// does.
Result<FlashDump> DumpFlash(const FlashAccess& access, std::uint32_t size_bytes,
                            std::span<const KnownContent> known, const DumpProgress& progress);

}  // namespace lastgood
