// SPDX-License-Identifier: MIT
#include "sim/rom_loader.h"

#include <algorithm>

namespace lastgood::sim {
namespace {

constexpr std::uint32_t kPacketSizeMax = 0x1800;
constexpr std::uint32_t kFlashSizeBelieved = 0x400000;  // whatever chip is there (11.3)

void AddErases(std::vector<FlashOperation>& out, FlashOperation::Kind kind, std::uint32_t& sector,
               std::uint32_t sectors_each) {
  out.push_back({kind, sector * kSectorSize, {}});
  sector += sectors_each;
}

}  // namespace

std::uint8_t RomLoader::XorOf(ByteSpan data) {
  std::uint8_t parity = 0;
  for (const std::uint8_t octet : data) parity = static_cast<std::uint8_t>(parity ^ octet);
  return parity;
}

void RomLoader::Start() {
  slip_.Reset();
  flash_size_believed_ = kFlashSizeBelieved;
  opcode_ = 0;
  value_ = 0;
  entry_ = 0;
  to_flash_ = {};
  to_ram_ = {};
  error_ = ErrorCode::kNone;
  leave_ = Leave::kStay;
  read_back_.reset();
}

std::optional<RomLoader::Work> RomLoader::Receive(std::uint8_t octet) {
  const auto frame = slip_.Receive(octet);
  if (!frame || frame->size() < kHeaderBytes) return std::nullopt;
  Work work;
  read_back_.reset();
  error_ = Dispatch(*frame, work);
  work.opcode = opcode_;
  return work;
}

RomLoader::Answer RomLoader::Finish() {
  if (read_back_ &&
      XorOf(flash_.Read(read_back_->address, read_back_->length)) != read_back_->parity) {
    error_ = ErrorCode::kReadBackDiffers;
  }
  Answer answer;
  answer.opcode = opcode_;
  answer.failed = error_ != ErrorCode::kNone;
  answer.leave = leave_;
  Bytes body = {0x01, opcode_, 0x02, 0x00};
  AppendLe32(body, value_);
  body.push_back(answer.failed ? 1 : 0);
  body.push_back(static_cast<std::uint8_t>(error_));
  const int times = opcode_ == kSync ? kSyncAnswers : 1;
  for (int i = 0; i < times; ++i) AppendSlipFrame(answer.octets, body);
  return answer;
}

RomLoader::ErrorCode RomLoader::Dispatch(ByteSpan frame, Work& work) {
  const std::uint8_t direction = frame[0];
  const std::uint8_t opcode = frame[1];
  if (direction != 0 || opcode < kFlashBegin || opcode > kSetSpiParameters)
    return ErrorCode::kMalformed;
  opcode_ = opcode;
  const ByteSpan data = frame.subspan(kHeaderBytes);
  if (LoadLe16(frame, 2) != data.size()) return ErrorCode::kMalformed;
  return Run(opcode, LoadLe32(frame, 4), data, work);
}

RomLoader::ErrorCode RomLoader::Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                                    Work& work) {
  switch (opcode) {
    case kFlashBegin:
      return FlashBegin(data, work);
    case kFlashData:
      return FlashData(data, checksum, work);
    case kFlashEnd:
      return FlashEnd();
    case kMemBegin:
      return Begin(data, to_ram_);
    case kMemEnd:
      return MemEnd(data);
    case kMemData:
      return MemData(data, checksum);
    case kSync:
      return Sync(data);
    case kWriteRegister:
      return WriteRegisters(data, work);
    case kReadRegister:
      return ReadRegister(data);
    default:
      return SetSpiParameters(data);
  }
}

RomLoader::ErrorCode RomLoader::Begin(ByteSpan data, Transfer& transfer) {
  if (data.size() != 16 || LoadLe32(data, 8) > kPacketSizeMax) return ErrorCode::kMalformed;
  transfer = {};
  transfer.size_announced = LoadLe32(data, 0);
  transfer.packets_announced = LoadLe32(data, 4);
  transfer.packet_size = LoadLe32(data, 8);
  transfer.address = LoadLe32(data, 12);
  return ErrorCode::kNone;
}

// The order of the tests is the ROM's: the sequence number is used up before the checksum is looked
// at, so a block that was answered with a checksum error cannot be sent again.
RomLoader::ErrorCode RomLoader::Accept(ByteSpan data, std::uint32_t checksum, Transfer& transfer) {
  if (data.size() < kSubHeaderBytes || data.size() > kPacketSizeMax + kSubHeaderBytes)
    return ErrorCode::kMalformed;
  const std::uint32_t length = LoadLe32(data, 0);
  if (LoadLe32(data, 4) != transfer.sequence || length > transfer.packet_size || length % 4 != 0 ||
      length != data.size() - kSubHeaderBytes) {
    return ErrorCode::kMalformed;
  }
  ++transfer.sequence;
  const std::uint8_t parity = XorOf(data.subspan(kSubHeaderBytes));
  if ((kChecksumSeed ^ parity) != static_cast<std::uint8_t>(checksum)) return ErrorCode::kChecksum;
  ++transfer.packets_received;
  transfer.bytes_received += length;
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::FlashBegin(ByteSpan data, Work& work) {
  if (const ErrorCode error = Begin(data, to_flash_); error != ErrorCode::kNone) return error;
  registers_.AttachFlash();
  return EraseArea(to_flash_.address, to_flash_.size_announced, work);
}

// The ROM's loop with its defect: it erases up to the next 64 KiB boundary and then forgets to
// subtract what it has erased.
RomLoader::ErrorCode RomLoader::EraseArea(std::uint32_t address, std::uint32_t size,
                                          Work& work) const {
  if (size > flash_size_believed_ || address > flash_size_believed_ - size ||
      address % kSectorSize != 0) {
    return ErrorCode::kFailed;
  }
  constexpr std::uint32_t kSectorsPerBlock = kBlockSize / kSectorSize;
  const std::uint32_t sector_end = flash_size_believed_ / kSectorSize;
  std::uint32_t sector = address / kSectorSize;
  std::uint32_t left = (size + kSectorSize - 1) / kSectorSize;
  const std::uint32_t head = std::min(kSectorsPerBlock - sector % kSectorsPerBlock, left);
  for (std::uint32_t i = 0; i < head; ++i)
    AddErases(work.flash, FlashOperation::Kind::kEraseSector, sector, 1);
  while (left > 0) {
    if (sector >= sector_end) return ErrorCode::kFailed;
    if (left > kSectorsPerBlock) {
      AddErases(work.flash, FlashOperation::Kind::kEraseBlock, sector, kSectorsPerBlock);
      left -= kSectorsPerBlock;
    } else {
      AddErases(work.flash, FlashOperation::Kind::kEraseSector, sector, 1);
      --left;
    }
  }
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::FlashData(ByteSpan data, std::uint32_t checksum, Work& work) {
  const std::uint32_t address = to_flash_.address + to_flash_.bytes_received;
  if (const ErrorCode error = Accept(data, checksum, to_flash_); error != ErrorCode::kNone)
    return error;
  const ByteSpan block = data.subspan(kSubHeaderBytes);
  const auto length = static_cast<std::uint32_t>(block.size());
  if (address > flash_size_believed_ || length > flash_size_believed_ - address)
    return ErrorCode::kFailed;
  AddProgramming(work.flash, address, block);
  read_back_ = ReadBack{address, length, XorOf(block)};
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::FlashEnd() {
  leave_ = entry_ != 0 ? Leave::kRunRam : Leave::kRunFlash;
  const bool complete = to_flash_.packets_received == to_flash_.packets_announced &&
                        to_flash_.bytes_received == to_flash_.size_announced;
  return complete ? ErrorCode::kNone : ErrorCode::kFailed;
}

RomLoader::ErrorCode RomLoader::MemData(ByteSpan data, std::uint32_t checksum) {
  const std::uint32_t address = to_ram_.address + to_ram_.bytes_received;
  if (const ErrorCode error = Accept(data, checksum, to_ram_); error != ErrorCode::kNone)
    return error;
  registers_.WriteRam(address, data.subspan(kSubHeaderBytes));
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::MemEnd(ByteSpan data) {
  if (data.empty() || data.size() > 8) return ErrorCode::kMalformed;
  if (data.size() == 8) entry_ = LoadLe32(data, 4);
  if (data[0] == 0) leave_ = entry_ != 0 ? Leave::kRunRam : Leave::kRunFlash;
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::Sync(ByteSpan data) {
  if (data.size() >= 4) value_ = LoadLe32(data, 0);
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::WriteRegisters(ByteSpan data, Work& work) {
  for (; data.size() >= 16; data = data.subspan(16)) {
    work.pause += std::chrono::microseconds(LoadLe16(data, 12));
    registers_.Write(LoadLe32(data, 0), LoadLe32(data, 4), LoadLe32(data, 8));
  }
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::ReadRegister(ByteSpan data) {
  if (data.size() != 4) return ErrorCode::kMalformed;
  value_ = registers_.Read(LoadLe32(data, 0));
  return ErrorCode::kNone;
}

RomLoader::ErrorCode RomLoader::SetSpiParameters(ByteSpan data) {
  if (data.size() != 24) return ErrorCode::kMalformed;
  flash_size_believed_ = LoadLe32(data, 4);
  return ErrorCode::kNone;
}

}  // namespace lastgood::sim
