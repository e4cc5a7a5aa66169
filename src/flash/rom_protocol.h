// SPDX-License-Identifier: MIT
// Requests and replies of the ROM loader (protocol reference, sections 2 to 4 and 5.1), unframed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"

namespace lastgood {

enum class RomOpcode : std::uint8_t {
  kFlashBegin = 0x02,
  kFlashData = 0x03,
  kSync = 0x08,
  kWriteRegister = 0x09,
  kReadRegister = 0x0A,
};

struct RomRequest {
  RomOpcode opcode = RomOpcode::kSync;
  std::uint32_t checksum = 0;
  Bytes data;

  Bytes Encode() const;  // header and data
};

struct RegisterWrite {
  std::uint32_t address = 0;
  std::uint32_t value = 0;
  std::uint32_t mask = 0xFFFFFFFF;
  std::uint32_t delay_us = 0;  // before the write; at most 65535
};

RomRequest SyncRequest();
RomRequest ReadRegisterRequest(std::uint32_t address);
RomRequest WriteRegistersRequest(std::span<const RegisterWrite> writes);
// `erase_bytes` is the ROM's word, not what it erases: flash/rom_erase.h. `offset` is a multiple of
// 4096. Resets the sequence of the data that follow.
RomRequest FlashBeginRequest(std::uint32_t erase_bytes, std::uint32_t blocks,
                             std::uint32_t block_size, std::uint32_t offset);
// data.size(): a multiple of 4, at most the begin's block_size.
RomRequest FlashDataRequest(ByteSpan data, std::uint32_t sequence);

struct RomReply {
  std::uint8_t opcode = 0;
  std::uint32_t value = 0;  // of READ_REG and SYNC; a stale word in every other reply
  bool failed = false;
  std::uint8_t error = 0;  // section 4

  // Whether this is the answer to a request with `asked`. A request that reached the ROM with a
  // broken opcode is answered with error 5 under the previous command's opcode.
  bool Answers(RomOpcode asked) const;
};

// nullopt for what is no well-formed reply: another direction, a wrong length. The commands above
// carry no payload in their replies, so the status stands at the front on every loader.
std::optional<RomReply> ParseReply(ByteSpan frame);

// Whether a frame is a request: on the receiving side, the host's own, come back.
bool LooksLikeRequest(ByteSpan frame);

// "checksum mismatch (error 7)"
std::string DescribeRomError(std::uint8_t error);

inline constexpr std::uint32_t kSyncEcho =
    0x20120707;  // a ROM's value in reply to SYNC; a stub's: 0

}  // namespace lastgood
