// SPDX-License-Identifier: MIT
#include "flash/loader_protocol.h"

#include <fmt/format.h>

#include <string_view>

namespace lastgood {
namespace {

constexpr std::uint8_t kToChip = 0x00;
constexpr std::uint8_t kToHost = 0x01;
constexpr std::size_t kHeaderSize = 8;
constexpr std::uint8_t kMalformedRequest = 5;

// The longest payload that a body of this size can hold before its two or four status octets.
std::size_t PayloadSize(std::uint8_t opcode, std::size_t body_size) {
  const auto fitting = [body_size](std::size_t larger, std::size_t smaller) {
    if (body_size >= larger + 2) return larger;
    return body_size >= smaller + 2 ? smaller : 0;
  };
  switch (static_cast<LoaderOpcode>(opcode)) {
    case LoaderOpcode::kFlashDigest:
      return fitting(32, 16);  // hex digits of a ROM, octets of a stub
    case LoaderOpcode::kSecurityInfo:
      return fitting(20, 12);  // the ESP32-S2 has the shorter one
    case LoaderOpcode::kReadFlashSlowly:
      return fitting(64, 64);
    default:
      return 0;
  }
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
    case 0x0B:
    case 0xC7:
      return "the compressed data do not inflate";
    case 0x0C:
      return "the inflated data have another checksum";
    case 0x0D:
      return "bad compression parameter";
    case 0x32:
    case 0x33:
      return "not a whole sector";
    case 0x34:
    case 0xC5:
      return "the flash can not be unlocked";
    case 0x35:
    case 0x36:
    case 0x37:
      return "the flash can not be erased";
    case 0x63:
      return "the flash can not be read";
    case 0xC0:
      return "wrong data length";
    case 0xC1:
      return "checksum mismatch";
    case 0xC2:
      return "wrong block size";
    case 0xC3:
    case 0xFF:
      return "unknown command";
    case 0xC4:
      return "the flash did not do it";
    case 0xC6:
      return "nothing was begun";
    case 0xC8:
      return "too few data";
    case 0xC9:
      return "too many data";
    default:
      return "unknown";
  }
}

}  // namespace

Bytes LoaderRequest::Encode() const {
  Bytes out;
  out.reserve(kHeaderSize + data.size());
  out.push_back(kToChip);
  out.push_back(static_cast<std::uint8_t>(opcode));
  AppendLe16(out, static_cast<std::uint16_t>(data.size()));
  AppendLe32(out, checksum);
  Append(out, data);
  return out;
}

LoaderRequest WordsRequest(LoaderOpcode opcode, std::initializer_list<std::uint32_t> words) {
  LoaderRequest request;
  request.opcode = opcode;
  for (const std::uint32_t word : words) AppendLe32(request.data, word);
  return request;
}

LoaderRequest SyncRequest() {
  LoaderRequest request = WordsRequest(LoaderOpcode::kSync, {kSyncEcho});
  request.data.resize(36, 0x55);  // edges for the ROM's rate measurement
  return request;
}

LoaderRequest ReadRegisterRequest(std::uint32_t address) {
  return WordsRequest(LoaderOpcode::kReadRegister, {address});
}

LoaderRequest WriteRegistersRequest(std::span<const RegisterWrite> writes) {
  LoaderRequest request = WordsRequest(LoaderOpcode::kWriteRegister, {});
  for (const RegisterWrite& write : writes) {
    AppendLe32(request.data, write.address);
    AppendLe32(request.data, write.value);
    AppendLe32(request.data, write.mask);
    AppendLe32(request.data, write.delay_us);
  }
  return request;
}

LoaderRequest FlashBeginRequest(std::uint32_t erase_bytes, std::uint32_t blocks,
                                std::uint32_t block_size, std::uint32_t offset) {
  return WordsRequest(LoaderOpcode::kFlashBegin, {erase_bytes, blocks, block_size, offset});
}

LoaderRequest DataRequest(LoaderOpcode opcode, ByteSpan data, std::uint32_t sequence) {
  LoaderRequest request =
      WordsRequest(opcode, {static_cast<std::uint32_t>(data.size()), sequence, 0, 0});
  std::uint8_t checksum = 0xEF;
  for (const std::uint8_t octet : data) checksum ^= octet;
  request.checksum = checksum;
  Append(request.data, data);
  return request;
}

LoaderRequest FlashDataRequest(ByteSpan data, std::uint32_t sequence) {
  return DataRequest(LoaderOpcode::kFlashData, data, sequence);
}

bool LoaderReply::Answers(LoaderOpcode asked) const {
  return opcode == static_cast<std::uint8_t>(asked) || (failed && error == kMalformedRequest);
}

std::optional<LoaderReply> ParseReply(ByteSpan frame) {
  if (frame.size() < kHeaderSize + 2 || frame[0] != kToHost) return std::nullopt;
  if (LoadLe16(frame, 2) != frame.size() - kHeaderSize) return std::nullopt;
  LoaderReply reply;
  reply.opcode = frame[1];
  reply.value = LoadLe32(frame, 4);
  const ByteSpan body = frame.subspan(kHeaderSize);
  const std::size_t payload_size = PayloadSize(reply.opcode, body.size());
  reply.payload.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(payload_size));
  const std::uint8_t status = body[payload_size];
  reply.failed = status != 0;
  reply.error = status <= 1 ? body[payload_size + 1] : status;
  return reply;
}

bool LooksLikeRequest(ByteSpan frame) {
  return frame.size() >= kHeaderSize && frame[0] == kToChip &&
         LoadLe16(frame, 2) == frame.size() - kHeaderSize;
}

std::string DescribeLoaderError(std::uint8_t error) {
  // Written as in the reference: the ROMs' small, the stubs' in hexadecimal.
  constexpr std::uint8_t kRomErrorMax = 0x0F;
  return error <= kRomErrorMax ? fmt::format("{} (error {})", ErrorMeaning(error), error)
                               : fmt::format("{} (error 0x{:x})", ErrorMeaning(error), error);
}

}  // namespace lastgood
