// SPDX-License-Identifier: MIT
// Requests and replies of ROM and stub loaders (protocol reference, sections 2 to 5), unframed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"

namespace lastgood {

enum class LoaderOpcode : std::uint8_t {
  kFlashBegin = 0x02,
  kFlashData = 0x03,
  kFlashEnd = 0x04,
  kMemoryBegin = 0x05,
  kMemoryEnd = 0x06,
  kMemoryData = 0x07,
  kSync = 0x08,
  kWriteRegister = 0x09,
  kReadRegister = 0x0A,
  kSetFlashParameters = 0x0B,
  kAttachFlash = 0x0D,
  kReadFlashSlowly = 0x0E,
  kChangeBaudRate = 0x0F,
  kDeflateBegin = 0x10,
  kDeflateData = 0x11,
  kDeflateEnd = 0x12,
  kFlashDigest = 0x13,
  kSecurityInfo = 0x14,
  kEraseRegion = 0xD1,
  kReadFlash = 0xD2,
  kUnknown = 0xEE,  // to no loader: how it says so tells the stubs' generations apart
};

struct LoaderRequest {
  LoaderOpcode opcode = LoaderOpcode::kSync;
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

LoaderRequest SyncRequest();
LoaderRequest ReadRegisterRequest(std::uint32_t address);
LoaderRequest WriteRegistersRequest(std::span<const RegisterWrite> writes);
// `erase_bytes` is the ROM's word, not what it erases: flash/rom_erase.h. `offset` is a multiple of
// 4096. Resets the sequence of the data that follow.
LoaderRequest FlashBeginRequest(std::uint32_t erase_bytes, std::uint32_t blocks,
                                std::uint32_t block_size, std::uint32_t offset);
// data.size(): a multiple of 4, at most the begin's block_size.
LoaderRequest FlashDataRequest(ByteSpan data, std::uint32_t sequence);

// Any request that consists of words.
LoaderRequest WordsRequest(LoaderOpcode opcode, std::initializer_list<std::uint32_t> words);
// kFlashData, kMemoryData or kDeflateData.
LoaderRequest DataRequest(LoaderOpcode opcode, ByteSpan data, std::uint32_t sequence);

struct LoaderReply {
  std::uint8_t opcode = 0;
  std::uint32_t value = 0;  // of READ_REG and SYNC; a stale word in every other reply
  bool failed = false;
  std::uint8_t error = 0;  // section 4: a ROM's second status octet, a stub's first
  Bytes payload;           // of the commands that have one

  // Whether this is the answer to a request with `asked`. A request that reached the ROM with a
  // broken opcode is answered with error 5 under the previous command's opcode.
  bool Answers(LoaderOpcode asked) const;
};

// nullopt for what is no well-formed reply: another direction, a wrong length. Where the status is
// follows from the opcode's payload; a reply too short for that is a refusal and has none.
std::optional<LoaderReply> ParseReply(ByteSpan frame);

// Whether a frame is a request: on the receiving side, the host's own, come back.
bool LooksLikeRequest(ByteSpan frame);

// "checksum mismatch (error 7)"
std::string DescribeLoaderError(std::uint8_t error);

inline constexpr std::uint32_t kSyncEcho =
    0x20120707;  // a ROM's value in reply to SYNC; a stub's: 0

}  // namespace lastgood
