// SPDX-License-Identifier: MIT
// Finds the sectors that differ by asking for digests, as few as pay off.
//
// What a question costs: some 55 octets on the wire, the host's turn-around (1 ms on a UART, up to
// 16 ms behind a USB adapter) and the chip's reading and hashing, some 30 ms for 64 KiB and 2 ms
// for a sector. What an answer can save: writing a sector, 230 ms at 115200 baud and 58 ms at
// 460800 with firmware's usual compression. So:
// - Regions of 64 KiB are asked for at once. A digest of the whole image first would hash all of it
//   twice whenever anything differs (0.3 s for 640 KiB), and save 10 short round trips (30 ms) when
//   nothing does.
// - A region that reads as blank flash needs no more questions, the answer is known for each of
//   its sectors.
// - In a region that differs a few sectors spread over it are asked for. When all of them differ,
//   all of it is taken for different: new firmware seldom shares sectors with the old one (code
//   moves), and 16 questions a region would cost 8 % of the time that writing takes. Once a region
//   turned out so, two such samples are enough for the next.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/digest_value.h"
#include "base/result.h"
#include "flash/flash_target.h"

namespace lastgood {

// Of flash content; nullopt ends the comparison without a result.
using AskDigest =
    std::function<Result<std::optional<Md5Digest>>(std::uint32_t offset, std::uint32_t size_bytes)>;

// `within`: where to look; the rest of the target counts as the same. Sectors may be called
// different that are not, never the other way round.
Result<std::optional<FlashDifference>> CompareFlash(const FlashTarget& target,
                                                    const std::vector<FlashRange>& within,
                                                    const AskDigest& ask);

}  // namespace lastgood
