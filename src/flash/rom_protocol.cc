// SPDX-License-Identifier: MIT
#include "flash/rom_protocol.h"

#include <fmt/format.h>

#include <string_view>

namespace lastgood {
namespace {

constexpr std::uint8_t kToChip = 0x00;
constexpr std::uint8_t kToHost = 0x01;
constexpr std::size_t kHeaderSize = 8;
constexpr std::uint8_t kMalformedRequest = 5;

RomRequest Words(RomOpcode opcode, std::initializer_list<std::uint32_t> words) {
  RomRequest request;
  request.opcode = opcode;
  for (const std::uint32_t word : words) AppendLe32(request.data, word);
  return request;
}

std::string_view ErrorMeaning(std::uint8_t error) {
  switch (error) {
    case 0:
      return "undefined";
    case 1:
      return "bad parameter";
    case 2:
      return "out of memory";
    case 3:
      return "sending failed";
    case 4:
      return "receiving failed";
    case kMalformedRequest:
      return "malformed request";
    case 6:
      return "the flash did not do it";
    case 7:
      return "checksum mismatch";
    case 8:
      return "the flash reads back differently";
    case 9:
    case 10:
      return "the flash can not be read";
    default:
      return "unknown";
  }
}

}  // namespace

Bytes RomRequest::Encode() const {
  Bytes out;
  out.reserve(kHeaderSize + data.size());
  out.push_back(kToChip);
  out.push_back(static_cast<std::uint8_t>(opcode));
  AppendLe16(out, static_cast<std::uint16_t>(data.size()));
  AppendLe32(out, checksum);
  Append(out, data);
  return out;
}

RomRequest SyncRequest() {
  RomRequest request = Words(RomOpcode::kSync, {kSyncEcho});
  request.data.resize(36, 0x55);  // edges for the ROM's rate measurement
  return request;
}

RomRequest ReadRegisterRequest(std::uint32_t address) {
  return Words(RomOpcode::kReadRegister, {address});
}

RomRequest WriteRegistersRequest(std::span<const RegisterWrite> writes) {
  RomRequest request = Words(RomOpcode::kWriteRegister, {});
  for (const RegisterWrite& write : writes) {
    AppendLe32(request.data, write.address);
    AppendLe32(request.data, write.value);
    AppendLe32(request.data, write.mask);
    AppendLe32(request.data, write.delay_us);
  }
  return request;
}

RomRequest FlashBeginRequest(std::uint32_t erase_bytes, std::uint32_t blocks,
                             std::uint32_t block_size, std::uint32_t offset) {
  return Words(RomOpcode::kFlashBegin, {erase_bytes, blocks, block_size, offset});
}

RomRequest FlashDataRequest(ByteSpan data, std::uint32_t sequence) {
  RomRequest request =
      Words(RomOpcode::kFlashData, {static_cast<std::uint32_t>(data.size()), sequence, 0, 0});
  std::uint8_t checksum = 0xEF;
  for (const std::uint8_t octet : data) checksum ^= octet;
  request.checksum = checksum;
  Append(request.data, data);
  return request;
}

bool RomReply::Answers(RomOpcode asked) const {
  return opcode == static_cast<std::uint8_t>(asked) || (failed && error == kMalformedRequest);
}

std::optional<RomReply> ParseReply(ByteSpan frame) {
  if (frame.size() < kHeaderSize + 2 || frame[0] != kToHost) return std::nullopt;
  if (LoadLe16(frame, 2) != frame.size() - kHeaderSize) return std::nullopt;
  RomReply reply;
  reply.opcode = frame[1];
  reply.value = LoadLe32(frame, 4);
  reply.failed = frame[kHeaderSize] != 0;
  reply.error = frame[kHeaderSize + 1];
  return reply;
}

bool LooksLikeRequest(ByteSpan frame) {
  return frame.size() >= kHeaderSize && frame[0] == kToChip &&
         LoadLe16(frame, 2) == frame.size() - kHeaderSize;
}

std::string DescribeRomError(std::uint8_t error) {
  return fmt::format("{} (error {})", ErrorMeaning(error), error);
}

}  // namespace lastgood
