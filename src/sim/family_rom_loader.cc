// SPDX-License-Identifier: MIT
#include "sim/family_rom_loader.h"

#include <algorithm>

#include "digest/digest.h"

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kFrameMax = 0x4000 + 64;
constexpr std::uint32_t kSlowReadBytes = 64;
constexpr std::int64_t kDigestNanosecondsPerOctet = 200;

}  // namespace

FamilyRomLoader::FamilyRomLoader(const FlashChip& flash, ChipRegisters& registers)
    : flash_(flash), registers_(registers), slip_(kFrameMax) {}

void FamilyRomLoader::Start() {
  slip_.Reset();
  attached_ = false;
  to_flash_ = {};
  to_ram_ = {};
  inflater_.reset();
  entry_ = 0;
  value_ = 0;
  leave_ = LoaderLeave::kStay;
}

std::optional<LoaderWork> FamilyRomLoader::Receive(std::uint8_t octet) {
  const auto frame = slip_.Receive(octet);
  if (!frame || frame->size() < kHeaderBytes) return std::nullopt;
  LoaderWork work;
  payload_.clear();
  leave_ = LoaderLeave::kStay;
  new_baud_ = 0;
  opcode_ = (*frame)[1];
  const ByteSpan data = ByteSpan(*frame).subspan(kHeaderBytes);
  const bool well_formed = (*frame)[0] == 0 && LoadLe16(*frame, 2) == data.size();
  error_ = well_formed && !Bars(opcode_) ? Run(opcode_, LoadLe32(*frame, 4), data, work)
                                         : static_cast<std::uint8_t>(kMalformed);
  work.opcode = opcode_;
  return work;
}

LoaderAnswer FamilyRomLoader::Finish() {
  LoaderAnswer answer;
  answer.opcode = opcode_;
  answer.failed = error_ != kNone;
  answer.leave = leave_;
  answer.baud = new_baud_;
  if (answer.failed) payload_.clear();
  Bytes body = {0x01, opcode_};
  AppendLe16(body, static_cast<std::uint16_t>(payload_.size() + 4));
  AppendLe32(body, value_);
  Append(body, payload_);
  Append(body, Bytes{static_cast<std::uint8_t>(answer.failed ? 1 : 0), error_, 0, 0});
  const int times = opcode_ == kSync ? kSyncAnswers : 1;
  for (int i = 0; i < times; ++i) AppendSlipFrame(answer.octets, body);
  // Seen on the ESP32 (5.2): empty frames behind this answer.
  if (opcode_ == kChangeBaud && registers_.facts().chip == Chip::kEsp32)
    Append(answer.octets, Bytes{0xC0, 0xC0});
  return answer;
}

// Secure download mode leaves little more than writing.
bool FamilyRomLoader::Bars(std::uint8_t opcode) const {
  if (!registers_.security().secure_download) return false;
  return opcode == kReadRegister || opcode == kWriteRegister || opcode == kMemBegin ||
         opcode == kMemData || opcode == kMemEnd || opcode == kReadFlashSlowly ||
         opcode == kFlashMd5;
}

std::uint8_t FamilyRomLoader::Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                                  LoaderWork& work) {
  switch (opcode) {
    case kSync:
      if (data.size() >= 4) value_ = LoadLe32(data, 0);
      return kNone;
    case kReadRegister:
      if (data.size() != 4) return kMalformed;
      value_ = registers_.Read(LoadLe32(data, 0));
      return kNone;
    case kWriteRegister:
      return WriteRegisters(data, work);
    case kMemBegin:
      return MemBegin(data);
    case kMemData:
      return MemData(data, checksum);
    case kMemEnd:
      return MemEnd(data);
    case kSpiAttach:
      if (data.size() != 8) return kMalformed;
      attached_ = true;
      registers_.AttachFlash();
      return kNone;
    case kSetSpiParameters:
      return data.size() == 24 ? kNone : kMalformed;
    case kChangeBaud:
      if (data.size() != 8 || LoadLe32(data, 0) == 0) return kMalformed;
      new_baud_ = LoadLe32(data, 0);
      return kNone;
    case kSecurityInfo:
      return SecurityInfo();
    default:
      return RunFlash(opcode, checksum, data, work);
  }
}

std::uint8_t FamilyRomLoader::RunFlash(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                                       LoaderWork& work) {
  if (opcode < kFlashBegin || opcode > kFlashMd5) return kMalformed;
  if (!attached_) return kFailed;
  switch (opcode) {
    case kFlashBegin:
    case kDeflateBegin:
      return Begin(data, opcode == kDeflateBegin, work);
    case kFlashData:
    case kDeflateData:
      return FlashData(data, checksum, opcode == kDeflateData, work);
    case kFlashEnd:
    case kDeflateEnd:
      return FlashEnd(data);
    case kReadFlashSlowly:
      return ReadSlowly(data);
    case kFlashMd5:
      return Digest(data, work);
    default:
      return kMalformed;
  }
}

// A fifth word, for encryption, from the ESP32-S2 on.
std::uint8_t FamilyRomLoader::Begin(ByteSpan data, bool compressed, LoaderWork& work) {
  const std::size_t words = registers_.facts().chip == Chip::kEsp32 ? 4 : 5;
  if (data.size() != words * 4) return kMalformed;
  const std::uint32_t size = LoadLe32(data, 0);
  to_flash_ = {LoadLe32(data, 8), LoadLe32(data, 12), 0, size, compressed};
  if (to_flash_.address % kSectorSize != 0) return kBadParameter;
  inflater_ = compressed ? std::make_unique<Inflater>() : nullptr;
  std::uint32_t at = to_flash_.address;
  const std::uint32_t end = (at + size + kSectorSize - 1) / kSectorSize * kSectorSize;
  while (at < end) {
    const bool block = at % kBlockSize == 0 && end - at >= kBlockSize;
    work.flash.push_back(
        {block ? FlashOperation::Kind::kEraseBlock : FlashOperation::Kind::kEraseSector, at, {}});
    at += block ? kBlockSize : kSectorSize;
  }
  return kNone;
}

std::uint8_t FamilyRomLoader::Accept(ByteSpan data, std::uint32_t checksum, Transfer& transfer) {
  if (data.size() < kSubHeaderBytes) return kMalformed;
  const std::uint32_t length = LoadLe32(data, 0);
  if (length != data.size() - kSubHeaderBytes || length > transfer.packet_size ||
      LoadLe32(data, 4) != transfer.sequence)
    return kMalformed;
  ++transfer.sequence;
  const bool fits =
      ChecksumOf(data.subspan(kSubHeaderBytes)) == static_cast<std::uint8_t>(checksum);
  return fits ? kNone : kChecksum;
}

std::uint8_t FamilyRomLoader::FlashData(ByteSpan data, std::uint32_t checksum, bool compressed,
                                        LoaderWork& work) {
  if (compressed != to_flash_.compressed) return kFailed;
  if (const std::uint8_t error = Accept(data, checksum, to_flash_); error != kNone) return error;
  const ByteSpan block = data.subspan(kSubHeaderBytes);
  Bytes content(block.begin(), block.end());
  if (compressed) {
    auto inflated = inflater_->Add(block, to_flash_.left);
    if (!inflated || inflated->size() > to_flash_.left) return kInflate;
    content = *std::move(inflated);
  }
  const auto size = std::min(static_cast<std::uint32_t>(content.size()), to_flash_.left);
  AddProgramming(work.flash, to_flash_.address, ByteSpan(content).first(size));
  to_flash_.address += size;
  to_flash_.left -= size;
  return kNone;
}

// Whatever its word, the loader ends (3, 5.2): a host that goes on must not send it.
std::uint8_t FamilyRomLoader::FlashEnd(ByteSpan data) {
  if (data.size() != 4) return kMalformed;
  leave_ = LoaderLeave::kRunFlash;
  return kNone;
}

std::uint8_t FamilyRomLoader::MemBegin(ByteSpan data) {
  if (data.size() != 16) return kMalformed;
  to_ram_ = {LoadLe32(data, 8), LoadLe32(data, 12), 0, LoadLe32(data, 0), false};
  return kNone;
}

std::uint8_t FamilyRomLoader::MemData(ByteSpan data, std::uint32_t checksum) {
  if (const std::uint8_t error = Accept(data, checksum, to_ram_); error != kNone) return error;
  const ByteSpan block = data.subspan(kSubHeaderBytes);
  registers_.WriteRam(to_ram_.address, block);
  to_ram_.address += static_cast<std::uint32_t>(block.size());
  return kNone;
}

std::uint8_t FamilyRomLoader::MemEnd(ByteSpan data) {
  if (data.size() != 8) return kMalformed;
  entry_ = LoadLe32(data, 4);
  if (LoadLe32(data, 0) == 0) leave_ = LoaderLeave::kRunRam;
  return kNone;
}

std::uint8_t FamilyRomLoader::Digest(ByteSpan data, LoaderWork& work) {
  if (data.size() != 16) return kMalformed;
  const std::uint32_t length = LoadLe32(data, 4);
  work.pause += microseconds(length * kDigestNanosecondsPerOctet / 1000);
  work.digest_octets += length;
  payload_ = ToBytes(Md5(flash_.Read(LoadLe32(data, 0), length)).ToHex());
  return kNone;
}

std::uint8_t FamilyRomLoader::ReadSlowly(ByteSpan data) {
  if (data.size() != 8 || LoadLe32(data, 4) > kSlowReadBytes) return kMalformed;
  payload_ = flash_.Read(LoadLe32(data, 0), kSlowReadBytes);
  return kNone;
}

std::uint8_t FamilyRomLoader::SecurityInfo() {
  const ChipFacts& facts = registers_.facts();
  if (facts.security_info_octets == 0) return kMalformed;
  const ChipSecurity& security = registers_.security();
  AppendLe32(payload_, (security.secure_boot ? 1U : 0U) | (security.secure_download ? 4U : 0U));
  payload_.push_back(security.flash_encryption ? 1 : 0);
  payload_.resize(12, 0);
  if (facts.security_info_octets == 12) return kNone;
  AppendLe32(payload_, facts.number);
  AppendLe32(payload_, 0);
  return kNone;
}

std::uint8_t FamilyRomLoader::WriteRegisters(ByteSpan data, LoaderWork& work) {
  if (data.empty() || data.size() % 16 != 0) return kMalformed;
  for (; data.size() >= 16; data = data.subspan(16)) {
    work.pause += microseconds(LoadLe16(data, 12));
    registers_.Write(LoadLe32(data, 0), LoadLe32(data, 4), LoadLe32(data, 8));
  }
  return kNone;
}

}  // namespace lastgood::sim
