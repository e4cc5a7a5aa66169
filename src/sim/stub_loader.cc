// SPDX-License-Identifier: MIT
#include "sim/stub_loader.h"

#include <algorithm>
#include <array>

#include "digest/digest.h"

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kSyncBytes = 36;
constexpr std::size_t kUnpackedPiece = 0x8000;  // what both collect before they program it
constexpr std::uint32_t kDividerBaud = 115200;  // what the second generation takes the link for

// At 80 MHz; the digest of 632 KB takes 0.2 to 0.4 s (flashing-peers.md, 3.4).
constexpr nanoseconds kDigestPerOctet{450};
constexpr nanoseconds kReadPerOctet{150};
constexpr nanoseconds kInflatePerOctet{300};

template <class Duration>
microseconds TimesOctets(Duration each, std::size_t octets) {
  return std::chrono::duration_cast<microseconds>(each * static_cast<std::int64_t>(octets));
}

std::uint32_t SectorsUp(std::uint32_t size) {
  return (size + kSectorSize - 1) / kSectorSize * kSectorSize;
}

// Sectors up to a 64 KiB boundary, blocks, sectors.
void AddErases(std::uint32_t begin, std::uint32_t end, std::vector<FlashOperation>& out) {
  while (begin < end) {
    const bool block = begin % kBlockSize == 0 && end - begin >= kBlockSize;
    out.push_back({block ? FlashOperation::Kind::kEraseBlock : FlashOperation::Kind::kEraseSector,
                   begin,
                   {}});
    begin += block ? kBlockSize : kSectorSize;
  }
}

}  // namespace

Bytes StubLoader::Greeting() {
  Bytes octets;
  AppendSlipFrame(octets, AsBytes("OHAI"));
  return octets;
}

StubLoader::StubLoader(StubGeneration generation, const FlashChip& flash, ChipRegisters& registers,
                       std::uint32_t baud)
    : generation_(generation),
      flash_(flash),
      registers_(registers),
      baud_(baud),
      slip_(kBlockMax + 64) {
  registers_.AttachFlash();  // the first thing that they do
}

std::optional<LoaderWork> StubLoader::Receive(std::uint8_t octet) {
  const auto frame = slip_.Receive(octet);
  if (!frame) return std::nullopt;
  LoaderWork work;
  error_ = kNone;
  value_ = 0;
  payload_.clear();
  follow_up_.clear();
  silent_ = false;
  leave_ = LoaderLeave::kStay;
  new_baud_ = 0;
  if (reading_) {
    // Anything but a count is the host giving up: the stream ends.
    silent_ = frame->size() == 4;
    if (silent_) {
      ReadOn(LoadLe32(*frame, 0), work);
      return work;
    }
    reading_.reset();
  }
  if (frame->size() < kHeaderBytes) return std::nullopt;
  error_ = Dispatch(*frame, work);
  work.opcode = opcode_;
  return work;
}

LoaderAnswer StubLoader::Finish() {
  LoaderAnswer answer;
  answer.opcode = opcode_;
  answer.failed = error_ != kNone;
  answer.leave = leave_;
  answer.baud = new_baud_;
  if (!silent_) {
    Bytes body = {0x01, opcode_};
    if (error_ != kNone) payload_.clear();
    AppendLe16(body, static_cast<std::uint16_t>(payload_.size() + 2));
    AppendLe32(body, value_);
    Append(body, payload_);
    Append(body, Bytes{error_, 0});
    const int times = opcode_ == kSync && error_ == kNone ? kSyncAnswers : 1;
    for (int i = 0; i < times; ++i) AppendSlipFrame(answer.octets, body);
  }
  Append(answer.octets, follow_up_);
  return answer;
}

std::uint8_t StubLoader::Dispatch(ByteSpan frame, LoaderWork& work) {
  opcode_ = frame[1];
  const ByteSpan data = frame.subspan(kHeaderBytes);
  if (!first() && frame[0] != 0) return kInvalidCommand;
  if (!first() && LoadLe16(frame, 2) != data.size()) return kBadLength;
  // The second generation reports what went wrong behind its back instead of the next command, the
  // first only where data are concerned.
  if (!first() && deferred_error_ != kNone) return std::exchange(deferred_error_, kNone);
  return Run(opcode_, LoadLe32(frame, 4), data, work);
}

std::uint8_t StubLoader::Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                             LoaderWork& work) {
  switch (opcode) {
    case kMemBegin:
      if (data.size() != 16) return kBadLength;
      ram_address_ = LoadLe32(data, 12);
      return kNone;
    case kMemData:
      return MemData(data, checksum);
    case kSync:
      return data.size() == kSyncBytes ? kNone : kBadLength;
    case kSetSpiParameters:
    case kSpiAttach:
    case kMemEnd:
      return kNone;
    case kWriteRegister:
      return WriteRegisters(data, work);
    case kReadRegister:
      if (data.size() != 4) return kBadLength;
      value_ = registers_.Read(LoadLe32(data, 0));
      return kNone;
    case kChangeBaud:
      return ChangeBaud(data);
    case kFlashMd5:
      return Digest(data, work);
    case kSecurityInfo:
      return kNotImplemented;
    case kEraseFlash:
      EraseAll(work);
      return kNone;
    case kEraseRegion:
      return EraseRegion(data, work);
    case kReadFlash:
      return StartReading(data);
    case kRunUserCode:
      silent_ = true;
      if (first()) leave_ = LoaderLeave::kRunFlash;
      return kNone;
    default:
      return RunTransfer(opcode, checksum, data, work);
  }
}

std::uint8_t StubLoader::RunTransfer(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                                     LoaderWork& work) {
  switch (opcode) {
    case kFlashBegin:
    case kDeflateBegin:
      return Begin(data, opcode == kDeflateBegin);
    case kFlashData:
    case kDeflateData:
      return Data(data, checksum, opcode == kDeflateData, work);
    case kFlashEnd:
    case kDeflateEnd:
      return End(data);
    default:
      return first() ? kNotImplemented : kInvalidCommand;
  }
}

std::uint8_t StubLoader::Begin(ByteSpan data, bool compressed) {
  if (data.size() != 16 && (first() || data.size() != 20)) return Collapsed(kBadLength);
  if (first() && LoadLe32(data, 8) > kBlockMax) return kBadBlockSize;
  deferred_error_ = kNone;
  transfer_ = {};
  transfer_.active = true;
  transfer_.compressed = compressed;
  transfer_.left = LoadLe32(data, 0);
  transfer_.write_at = LoadLe32(data, 12);
  transfer_.erased_to = transfer_.write_at / kSectorSize * kSectorSize;
  transfer_.erase_end = SectorsUp(transfer_.write_at + transfer_.left);
  inflater_ = compressed ? std::make_unique<Inflater>() : nullptr;
  return kNone;
}

std::uint8_t StubLoader::Data(ByteSpan data, std::uint32_t checksum, bool compressed,
                              LoaderWork& work) {
  if (!transfer_.active || transfer_.compressed != compressed) return kNotInFlashMode;
  if (data.size() < kSubHeaderBytes) return kBadLength;
  const ByteSpan block = data.subspan(kSubHeaderBytes);
  const bool length_fits = LoadLe32(data, 0) == block.size();
  if (!first()) {
    // It means to let a lone Adler-32 through, and takes the sub-header for a part of it.
    if (compressed && transfer_.left == 0) return kTooMuchData;
    if (!compressed && !length_fits) return kTooMuchData;
  }
  if (ChecksumOf(block) != static_cast<std::uint8_t>(checksum)) return kBadChecksum;
  if (first() && !length_fits) return kBadLength;
  if (deferred_error_ != kNone) return deferred_error_;  // the first generation's, until BEGIN
  work.answer_first = true;
  if (compressed) {
    Unpack(block, work);
  } else {
    Write(block.first(std::min<std::size_t>(block.size(), transfer_.left)), work);
  }
  return kNone;
}

// Behind the acknowledgement.
void StubLoader::Unpack(ByteSpan block, LoaderWork& work) {
  constexpr std::size_t kAdlerBytes = 4;
  if (transfer_.left == 0) {
    if (block.size() > kAdlerBytes) deferred_error_ = kTooMuchData;
    return;
  }
  const std::size_t room = transfer_.left - transfer_.unpacked.size();
  const auto content = inflater_->Add(block, room);
  if (!content) {
    deferred_error_ = kInflate;
    return;
  }
  work.pause += TimesOctets(kInflatePerOctet, content->size());
  if (content->size() > room && !first()) {
    deferred_error_ = kTooMuchData;
    return;
  }
  Append(transfer_.unpacked, ByteSpan(*content).first(std::min(content->size(), room)));
  WriteUnpacked(work);
  if (first() && inflater_->done() && transfer_.left > 0) deferred_error_ = kNotEnoughData;
}

// In pieces of a buffer's size; the rest only when the stream's end has come, Adler-32 included.
void StubLoader::WriteUnpacked(LoaderWork& work) {
  ByteSpan rest = transfer_.unpacked;
  while (rest.size() >= kUnpackedPiece || (inflater_->done() && !rest.empty())) {
    const ByteSpan piece = rest.first(std::min(rest.size(), kUnpackedPiece));
    Write(piece, work);
    rest = rest.subspan(piece.size());
  }
  transfer_.unpacked = Bytes(rest.begin(), rest.end());
}

void StubLoader::Write(ByteSpan content, LoaderWork& work) {
  EraseUpTo(transfer_.write_at + static_cast<std::uint32_t>(content.size()), work);
  AddProgramming(work.flash, transfer_.write_at, content);
  transfer_.write_at += static_cast<std::uint32_t>(content.size());
  transfer_.left -= static_cast<std::uint32_t>(content.size());
}

void StubLoader::EraseUpTo(std::uint32_t end, LoaderWork& work) {
  while (transfer_.erased_to < end) {
    const std::uint32_t at = transfer_.erased_to;
    const bool block = at % kBlockSize == 0 && transfer_.erase_end - at >= kBlockSize;
    const std::uint32_t length = block ? kBlockSize : kSectorSize;
    transfer_.erased_to += length;
    if (!SkipsBlank(at, length)) AddErases(at, at + length, work.flash);
  }
}

bool StubLoader::SkipsBlank(std::uint32_t address, std::uint32_t length) {
  if (first() || transfer_.met_content) return false;
  transfer_.met_content = !IsBlank(flash_.Read(address, length));
  return !transfer_.met_content;
}

// With something missing both stay in the transfer. Only the first generation knows how to reboot.
std::uint8_t StubLoader::End(ByteSpan data) {
  if (!first() && data.size() != 4) return kBadLength;
  if (!transfer_.active) return kNotInFlashMode;
  if (transfer_.left > 0) return first() ? kNotEnoughData : kBadLength;
  transfer_.active = false;
  if (deferred_error_ != kNone) return deferred_error_;
  const bool reboot = first() && data.size() >= 4 && LoadLe32(data, 0) == 0;
  if (reboot) leave_ = LoaderLeave::kRunFlash;
  return kNone;
}

// Where the first generation joins two tests by "or", the truth of it is the error.
std::uint8_t StubLoader::Collapsed(std::uint8_t error) const {
  constexpr std::uint8_t kTrue = 1;
  return first() ? kTrue : error;
}

std::uint8_t StubLoader::Digest(ByteSpan data, LoaderWork& work) {
  if (data.size() != 16) return Collapsed(kBadLength);
  const std::uint32_t length = LoadLe32(data, 4);
  work.digest_octets += length;
  work.pause += TimesOctets(kDigestPerOctet, length);
  const Md5Digest digest = Md5(flash_.Read(LoadLe32(data, 0), length));
  payload_.assign(digest.octets.begin(), digest.octets.end());
  return kNone;
}

std::uint8_t StubLoader::EraseRegion(ByteSpan data, LoaderWork& work) const {
  if (data.size() != 8) return Collapsed(kBadLength);
  const std::uint32_t begin = LoadLe32(data, 0);
  const std::uint32_t length = LoadLe32(data, 4);
  if (begin % kSectorSize != 0 || length % kSectorSize != 0) return Collapsed(kBadLength);
  AddErases(begin, begin + length, work.flash);
  return kNone;
}

void StubLoader::EraseAll(LoaderWork& work) const { AddErases(0, flash_.size_bytes(), work.flash); }

std::uint8_t StubLoader::StartReading(ByteSpan data) {
  if (data.size() != 16) return kBadLength;
  Reading reading;
  reading.begin = LoadLe32(data, 0);
  reading.length = LoadLe32(data, 4);
  reading.packet = LoadLe32(data, 8);
  // The first generation counts the octets that are on their way, whatever the host means; the
  // second sends one packet at a time.
  reading.window = first() ? std::max(LoadLe32(data, 12), 1U) : 1U;
  if (reading.packet == 0 || reading.packet > kSectorSize) return kBadBlockSize;
  reading_ = reading;
  LoaderWork unused;
  ReadOn(0, unused);
  return kNone;
}

void StubLoader::ReadOn(std::uint32_t acknowledged, LoaderWork& work) {
  Reading& reading = *reading_;
  if (acknowledged >= reading.length) {
    const Md5Digest digest = Md5(flash_.Read(reading.begin, reading.length));
    AppendSlipFrame(follow_up_, digest.octets);
    reading_.reset();
    return;
  }
  while (reading.sent < reading.length && reading.sent - acknowledged < reading.window) {
    const std::uint32_t size = std::min(reading.packet, reading.length - reading.sent);
    AppendSlipFrame(follow_up_, flash_.Read(reading.begin + reading.sent, size));
    reading.sent += size;
    work.pause += TimesOctets(kReadPerOctet + kDigestPerOctet, size);
  }
}

// Both compute a divider for the UART; what comes out depends on what they believe it to be now.
std::uint8_t StubLoader::ChangeBaud(ByteSpan data) {
  if (data.size() != 8) return kBadLength;
  const std::uint64_t wanted = LoadLe32(data, 0);
  const std::uint64_t believed = first() ? LoadLe32(data, 4) : kDividerBaud;
  if (wanted == 0 || believed == 0) return first() ? kNotImplemented : kInvalidCommand;
  baud_ = static_cast<std::uint32_t>(baud_ * wanted / believed);
  new_baud_ = baud_;
  return kNone;
}

std::uint8_t StubLoader::WriteRegisters(ByteSpan data, LoaderWork& work) {
  if (data.size() % 16 != 0 || (data.empty() && !first()))
    return first() ? kBadLength : kNotEnoughData;
  for (; data.size() >= 16; data = data.subspan(16)) {
    work.pause += microseconds(LoadLe16(data, 12));
    registers_.Write(LoadLe32(data, 0), LoadLe32(data, 4), LoadLe32(data, 8));
  }
  return kNone;
}

std::uint8_t StubLoader::MemData(ByteSpan data, std::uint32_t checksum) {
  if (data.size() < kSubHeaderBytes) return kBadLength;
  const ByteSpan block = data.subspan(kSubHeaderBytes);
  if (LoadLe32(data, 0) != block.size()) return kBadLength;
  if (ChecksumOf(block) != static_cast<std::uint8_t>(checksum)) return kBadChecksum;
  registers_.WriteRam(ram_address_, block);
  ram_address_ += static_cast<std::uint32_t>(block.size());
  return kNone;
}

}  // namespace lastgood::sim
