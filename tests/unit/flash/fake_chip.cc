// SPDX-License-Identifier: MIT
#include "unit/flash/fake_chip.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "digest/digest.h"

namespace lastgood::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint32_t kSector = 4096;
constexpr microseconds kSectorErase{45'000}, kBlockErase{200'000}, kPageProgram{700};
constexpr std::uint32_t kDigestBytesPerMs = 2200;

struct SpiPlace {
  std::uint32_t base, user, user1_or_length, user2, data0;
  std::uint32_t length_word;  // that asks for 24 bits
};

SpiPlace SpiOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return {0x60000200, 0x1C, 0x20, 0x24, 0x40, 0x1700};
    case Chip::kEsp32:
      return {0x3FF42000, 0x1C, 0x2C, 0x24, 0x80, 23};
    case Chip::kEsp32S2:
      return {0x3F402000, 0x18, 0x28, 0x20, 0x58, 23};
    case Chip::kEsp32C6:
      return {0x60003000, 0x18, 0x28, 0x20, 0x58, 23};
    default:
      return {0x60002000, 0x18, 0x28, 0x20, 0x58, 23};
  }
}

std::uint32_t MagicOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp8266:
      return 0xFFF0C101;
    case Chip::kEsp32:
      return 0x00F01D83;
    case Chip::kEsp32S2:
      return 0x000007C6;
    case Chip::kEsp32S3:
      return 9;
    case Chip::kEsp32C3:
      return 0x1B31506F;
    default:
      return 0x2CE0806F;
  }
}

std::uint32_t IdOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp32S3:
      return 9;
    case Chip::kEsp32C3:
      return 5;
    default:
      return 13;
  }
}

std::uint32_t MacAddressOf(Chip chip) {
  switch (chip) {
    case Chip::kEsp32:
      return 0x3FF5A004;
    case Chip::kEsp32S2:
      return 0x3F41A044;
    case Chip::kEsp32S3:
      return 0x60007044;
    case Chip::kEsp32C3:
      return 0x60008844;
    default:
      return 0x600B0844;
  }
}

}  // namespace

struct FakeChip::Stream {
  bool deflated = false;
  std::uint32_t offset = 0, size = 0, written = 0, erased_to = 0;
  z_stream inflate{};
  Bytes pending;  // inflated, not programmed yet
  ~Stream() {
    if (deflated) inflateEnd(&inflate);
  }
};

FakeChip::FakeChip(const FakeChipOptions& options, Clock& clock)
    : flash(options.flash_size, 0xFF), options_(options), clock_(clock) {
  registers_[0x40001000] = MagicOf(options.chip);
  if (Family()) {
    registers_[MacAddressOf(options.chip)] = 0x5634ABCD;
    registers_[MacAddressOf(options.chip) + 4] = 0x00002462;
  } else {
    registers_[0x3FF00050] = 0xEF000000;
    registers_[0x3FF00054] = 0x0000ABCD;
  }
  if (options.adopts_stub) {
    mode_ = Mode::kStub;
    baud_ = 115200;
  }
}
FakeChip::~FakeChip() = default;

void FakeChip::ExpectStub(std::uint32_t text_start, Bytes text, std::uint32_t entry) {
  stub_text_ = text_start;
  stub_bytes_ = std::move(text);
  stub_entry_ = entry;
}

void FakeChip::Reset(BoardMode mode) {
  ++counters.resets;
  if (options_.adopts_stub) return;
  mode_ = mode == BoardMode::kDownload ? Mode::kRom : Mode::kFirmware;
  baud_ = next_baud_ = 0;
  in_frame_ = escaped_ = attached_ = false;
  frame_.clear();
  ram_.clear();
  stream_.reset();
  reading_.reset();
  deferred_error_ = 0;
  to_host_.clear();
  wire_free_ = ready_at_ = clock_.Now();
}

void FakeChip::Receive(TimePoint at, std::uint8_t octet, std::uint32_t baud) {
  if (loses_octet && loses_octet(octets_from_host_++)) return;
  if (mode_ == Mode::kFirmware || mode_ == Mode::kDead) return;
  if (next_baud_ != 0 && at >= baud_changes_) baud_ = std::exchange(next_baud_, 0);
  if (baud_ == 0) {
    // The first frame trains the rate and is lost.
    if (baud > options_.sync_baud_max) return;
    frame_.push_back(octet);
    if (octet != 0xC0 || frame_.size() < 10) return;
    frame_.clear();
    baud_ = baud;
    return;
  }
  if (baud != baud_) return;
  if (octet == 0xC0) {
    if (in_frame_ && !frame_.empty()) {
      Handle(at, std::exchange(frame_, {}));
      in_frame_ = false;
      return;
    }
    in_frame_ = true;
    escaped_ = false;
    return;
  }
  if (!in_frame_) return;
  if (escaped_) {
    frame_.push_back(octet == 0xDC ? 0xC0 : 0xDB);
    escaped_ = false;
  } else if (octet == 0xDB) {
    escaped_ = true;
  } else {
    frame_.push_back(octet);
  }
}

void FakeChip::Handle(TimePoint at, Bytes frame) {
  if (reading_ && frame.size() == 4) return ContinueReading(at, LoadLe32(frame, 0));
  if (frame.size() < 8) return;
  const std::uint8_t opcode = frame[1];
  const int n = counters.requests[opcode]++;
  const Fault fault = fault_at ? fault_at(opcode, n) : Fault::kNone;
  const auto middle = frame.begin() + static_cast<std::ptrdiff_t>(frame.size() / 2);
  if (fault == Fault::kLoseOctet) frame.erase(middle);
  if (fault == Fault::kCorruptOctet) *middle ^= 0x24;
  Execute(at, frame, fault);
}

void FakeChip::Execute(TimePoint at, const Bytes& frame, Fault fault) {
  at = std::max(at, ready_at_);
  if (fault == Fault::kReset) {
    mode_ = Mode::kFirmware;
    return SayRaw(at, ToBytes("\r\n ets garbage \xC0 ready\r\n"));
  }
  if (fault == Fault::kStubDies) {
    mode_ = Mode::kDead;
    return;
  }
  if (fault == Fault::kNoise) SayRaw(at, Bytes{0x00, 0xFF, 0xC0, 0x41, 0xDB, 0x00});
  reply_fault_ = fault;
  const bool good_length = LoadLe16(frame, 2) == frame.size() - 8 && frame[0] == 0;
  const ByteSpan data = ByteSpan(frame).subspan(8);
  if (mode_ == Mode::kStub) {
    if (good_length) {
      ExecuteStub(at, frame[1], data, frame[4]);
    } else {
      Reply(at, frame[1], {}, 0xC0, 0);
    }
  } else {
    if (good_length) {
      ExecuteRom(at, frame[1], data, frame[4]);
    } else {
      Reply(at, last_opcode_, {}, 1, 5);
    }
  }
  reply_fault_ = Fault::kNone;
}

void FakeChip::ExecuteCommon(TimePoint at, std::uint8_t opcode, ByteSpan data, std::uint32_t) {
  switch (opcode) {
    case 0x08:
      value_ = mode_ == Mode::kStub ? 0 : 0x20120707;
      for (int i = 0; i < 8; ++i) Reply(at, 8, {}, 0, 0);
      return;
    case 0x09:
      for (std::size_t i = 0; i + 16 <= data.size(); i += 16)
        WriteRegister(LoadLe32(data, i), LoadLe32(data, i + 4), LoadLe32(data, i + 8));
      return Reply(at, 9, {}, 0, 0);
    case 0x0A:
      if ((options_.security_flags & 4) != 0) return Reply(at, 0x0A, {}, 1, 1);
      value_ = registers_[LoadLe32(data, 0)];
      return Reply(at, 0x0A, {}, 0, 0);
    case 0x0B:
      return Reply(at, 0x0B, {}, data.size() == 24 ? 0 : 1, 5);
    case 0x0D:
      attached_ = true;
      return Reply(at, 0x0D, {}, data.size() == (mode_ == Mode::kStub ? 4U : 8U) ? 0 : 1, 5);
    default: {  // 0x14
      Bytes info;
      AppendLe32(info, options_.security_flags);
      info.resize(12);
      if (options_.chip != Chip::kEsp32S2) {
        AppendLe32(info, IdOf(options_.chip));
        AppendLe32(info, 0);
      }
      return Reply(at, 0x14, info, 0, 0);
    }
  }
}

void FakeChip::ExecuteRom(TimePoint at, std::uint8_t opcode, ByteSpan data,
                          std::uint32_t checksum) {
  const bool has_info = Family() && options_.chip != Chip::kEsp32;
  if (opcode == 8 || opcode == 9 || opcode == 0x0A || (opcode == 0x0B && Family()) ||
      (opcode == 0x0D && Family()) || (opcode == 0x14 && has_info)) {
    last_opcode_ = opcode;
    return ExecuteCommon(at, opcode, data, checksum);
  }
  const bool known = (opcode >= 2 && opcode <= 7) || (Family() && opcode >= 0x0E && opcode <= 0x13);
  if (!known) {
    for (int i = 0; i < (last_opcode_ == 8 ? 8 : 1); ++i) Reply(at, last_opcode_, {}, 1, 5);
    return;
  }
  last_opcode_ = opcode;
  switch (opcode) {
    case 0x02:
    case 0x10: {
      if (!Family()) attached_ = true;
      const std::size_t words = has_info ? 5 : 4;
      if (data.size() != 4 * words || !attached_) return Reply(at, opcode, {}, 1, 5);
      work_ = microseconds(0);
      if (!Begin(at, data, opcode == 0x10)) return Reply(at, opcode, {}, 1, 6);
      if (Family()) {
        EraseRange(stream_->offset, stream_->size);
        stream_->erased_to = stream_->offset + stream_->size;
      } else {
        // It erases up to a 64 KiB boundary and then everything again; data go where they go.
        const std::uint32_t n = (stream_->size + kSector - 1) / kSector;
        const std::uint32_t head = std::min(16 - stream_->offset / kSector % 16, n);
        EraseRange(stream_->offset, (head + n) * kSector);
        stream_->size = stream_->erased_to = static_cast<std::uint32_t>(flash.size());
        stream_->size -= stream_->offset;
      }
      ready_at_ = at + work_;
      return Reply(ready_at_, opcode, {}, 0, 0);
    }
    case 0x03:
    case 0x11: {
      const int error = TakeData(data, checksum);
      if (error == 0) Work(at, data.subspan(16));
      const int status = error != 0 ? 7 : std::exchange(deferred_error_, 0) != 0 ? 0x0B : 0;
      return Reply(ready_at_, opcode, {}, status == 0 ? 0 : 1, status);
    }
    case 0x05:
      ram_address_ = LoadLe32(data, 12);
      return Reply(at, 5, {}, 0, 0);
    case 0x07: {
      std::uint32_t sum = 0xEF;
      for (const std::uint8_t octet : data.subspan(16)) sum ^= octet;
      if (sum != checksum) return Reply(at, 7, {}, 1, 7);
      for (const std::uint8_t octet : data.subspan(16)) ram_[ram_address_++] = octet;
      return Reply(at, 7, {}, 0, 0);
    }
    case 0x06: {
      Reply(at, 6, {}, 0, 0);
      bool right = LoadLe32(data, 4) == stub_entry_ && options_.generation != 0;
      for (std::size_t i = 0; i < stub_bytes_.size(); ++i)
        right &= ram_[stub_text_ + static_cast<std::uint32_t>(i)] == stub_bytes_[i];
      mode_ = right ? Mode::kStub : Mode::kDead;
      if (!right) return;
      ++counters.stub_starts;
      Say(at + milliseconds(10), ToBytes("OHAI"));
      ready_at_ = at + milliseconds(20);
      return;
    }
    case 0x0E:
      return Reply(at, 0x0E, ByteSpan(flash).subspan(LoadLe32(data, 0), 64), 0, 0);
    case 0x13: {
      const Bytes digest = DigestOf(LoadLe32(data, 0), LoadLe32(data, 4));
      Bytes hex;
      for (const std::uint8_t octet : digest)
        for (const int shift : {4, 0})
          hex.push_back(static_cast<std::uint8_t>("0123456789abcdef"[octet >> shift & 15]));
      ready_at_ = at + milliseconds(1 + LoadLe32(data, 4) / kDigestBytesPerMs);
      counters.bytes_digested += LoadLe32(data, 4);
      return Reply(ready_at_, 0x13, hex, 0, 0);
    }
    default:
      mode_ = Mode::kDead;  // it has left the loader
      return;
  }
}

void FakeChip::ExecuteStub(TimePoint at, std::uint8_t opcode, ByteSpan data,
                           std::uint32_t checksum) {
  const bool second = options_.generation == 2;
  const bool takes_deferred =
      second || opcode == 3 || opcode == 4 || opcode == 0x11 || opcode == 0x12;
  if (deferred_error_ != 0 && takes_deferred)
    return Reply(at, opcode, {}, std::exchange(deferred_error_, 0), 0);
  work_ = microseconds(0);
  switch (opcode) {
    case 0x02:
    case 0x10:
      if (!Begin(at, data, opcode == 0x10)) return Reply(at, opcode, {}, 0xC2, 0);
      return Reply(at, opcode, {}, 0, 0);
    case 0x03:
    case 0x11: {
      if (!stream_) return Reply(at, opcode, {}, 0xC6, 0);
      const int error = TakeData(data, checksum);
      Reply(at, opcode, {}, error == 0 ? 0 : error, 0);
      if (error == 0) Work(at, data.subspan(16));
      return;
    }
    case 0x04:
    case 0x12: {
      if (!stream_) return Reply(at, opcode, {}, 0xC6, 0);
      const bool whole = stream_->written == stream_->size;
      stream_.reset();
      return Reply(at, opcode, {}, whole ? 0 : second ? 0xC0 : 0xC8, 0);
    }
    case 0x0F:
      Reply(at, 0x0F, {}, 0, 0);
      // The second generation on an ESP8266 takes the present rate for 115200.
      next_baud_ = LoadLe32(data, 0);
      if (second && !Family()) next_baud_ = next_baud_ * (baud_ / 100) / 1152;
      if (options_.stub_mistakes_rate) next_baud_ = next_baud_ * 3 / 4;
      baud_changes_ = wire_free_ + milliseconds(11);
      return;
    case 0x13: {
      const std::uint32_t size = LoadLe32(data, 4);
      counters.bytes_digested += size;
      ready_at_ = at + microseconds(size * 1000ULL / kDigestBytesPerMs);
      return Reply(ready_at_, 0x13, DigestOf(LoadLe32(data, 0), size), 0, 0);
    }
    case 0xD1:
      EraseRange(LoadLe32(data, 0), LoadLe32(data, 4));
      ready_at_ = at + work_;
      return Reply(ready_at_, 0xD1, {}, 0, 0);
    case 0xD2:
      return StartReading(at, data);
    case 0x08:
    case 0x09:
    case 0x0A:
    case 0x0B:
    case 0x0D:
      return ExecuteCommon(at, opcode, data, checksum);
    case 0x14:
      if (Family() && options_.chip != Chip::kEsp32)
        return ExecuteCommon(at, opcode, data, checksum);
      return Reply(at, 0x14, {}, 0xFF, 0);
    default:
      return Reply(at, opcode, {}, second ? 0xC3 : 0xFF, 0);
  }
}

bool FakeChip::Begin(TimePoint, ByteSpan data, bool deflated) {
  stream_ = std::make_unique<Stream>();
  stream_->size = LoadLe32(data, 0);
  stream_->offset = stream_->erased_to = LoadLe32(data, 12);
  if (stream_->offset % kSector != 0 || stream_->offset + stream_->size > flash.size())
    return false;
  if (deflated) {
    stream_->deflated = true;
    inflateInit(&stream_->inflate);
  }
  return true;
}

int FakeChip::TakeData(ByteSpan data, std::uint32_t checksum) {
  if (!stream_ || data.size() < 16 || LoadLe32(data, 0) != data.size() - 16) return 0xC0;
  std::uint32_t sum = 0xEF;
  for (const std::uint8_t octet : data.subspan(16)) sum ^= octet;
  return sum == checksum ? 0 : 0xC1;
}

void FakeChip::Work(TimePoint at, ByteSpan data) {
  work_ = microseconds(0);
  Stream& stream = *stream_;
  if (!stream.deflated) {
    Program(data.first(std::min<std::size_t>(data.size(), stream.size - stream.written)), true);
  } else {
    Bytes input(data.begin(), data.end());
    stream.inflate.next_in = input.data();
    stream.inflate.avail_in = static_cast<uInt>(input.size());
    const std::uint32_t before = stream.written + static_cast<std::uint32_t>(stream.pending.size());
    if (before >= stream.size && input.size() > 4) deferred_error_ = 0xC9;
    int result = Z_OK;
    while (result == Z_OK) {
      Bytes out(32768);
      stream.inflate.next_out = out.data();
      stream.inflate.avail_out = static_cast<uInt>(out.size());
      result = inflate(&stream.inflate, Z_NO_FLUSH);
      const std::size_t made = out.size() - stream.inflate.avail_out;
      Append(stream.pending, ByteSpan(out).first(made));
      if (stream.inflate.avail_in == 0 && stream.inflate.avail_out != 0) break;
    }
    if (result == Z_DATA_ERROR) deferred_error_ = 0xC7;
    // In pieces of 32 KiB, and the rest when everything is there.
    while (stream.pending.size() >= 32768 ||
           (!stream.pending.empty() && stream.written + stream.pending.size() >= stream.size)) {
      const std::size_t size =
          std::min<std::size_t>({32768, stream.pending.size(), stream.size - stream.written});
      if (size == 0) break;
      Program(ByteSpan(stream.pending).first(size), true);
      stream.pending.erase(stream.pending.begin(),
                           stream.pending.begin() + static_cast<std::ptrdiff_t>(size));
    }
  }
  ready_at_ = at + work_;
}

void FakeChip::Program(ByteSpan bytes, bool) {
  Stream& stream = *stream_;
  const std::uint32_t at = stream.offset + stream.written;
  EraseFor(at + static_cast<std::uint32_t>(bytes.size()));
  for (std::uint32_t i = 0; i < bytes.size(); ++i)
    if (stuck_sectors.count((at + i) / kSector * kSector) == 0) flash[at + i] &= bytes[i];
  stream.written += static_cast<std::uint32_t>(bytes.size());
  counters.bytes_programmed += static_cast<std::uint32_t>(bytes.size());
  work_ += kPageProgram * ((bytes.size() + 255) / 256);
}

void FakeChip::EraseFor(std::uint32_t end) {
  Stream& stream = *stream_;
  const std::uint32_t stop = stream.offset + stream.size;
  while (stream.erased_to < end) {
    const bool block = stream.erased_to % 65536 == 0 && stop - stream.erased_to >= 65536;
    for (std::uint32_t i = 0; i < (block ? 16U : 1U); ++i)
      EraseSector(stream.erased_to + i * kSector);
    stream.erased_to += block ? 65536 : kSector;
    work_ += block ? kBlockErase : kSectorErase;
    counters.blocks_erased += block ? 1 : 0;
  }
}

void FakeChip::EraseSector(std::uint32_t offset) {
  ++counters.sectors_erased;
  if (stuck_sectors.count(offset) == 0)
    std::fill_n(flash.begin() + offset, kSector, std::uint8_t{0xFF});
}

void FakeChip::EraseRange(std::uint32_t offset, std::uint32_t size) {
  for (std::uint32_t at = offset; at < offset + size;) {
    const bool block = at % 65536 == 0 && offset + size - at >= 65536;
    for (std::uint32_t i = 0; i < (block ? 16U : 1U); ++i) EraseSector(at + i * kSector);
    at += block ? 65536 : kSector;
    work_ += block ? kBlockErase : kSectorErase;
  }
}

Bytes FakeChip::DigestOf(std::uint32_t offset, std::uint32_t size) const {
  const Md5Digest digest = Md5(ByteSpan(flash).subspan(offset, size));
  return Bytes(digest.octets.begin(), digest.octets.end());
}

void FakeChip::WriteRegister(std::uint32_t address, std::uint32_t value, std::uint32_t mask) {
  registers_[address] = (value & mask) | (registers_[address] & ~mask);
  const SpiPlace spi = SpiOf(options_.chip);
  if (address != spi.base || (value & 1U << 18) == 0) return;
  registers_[address] = 0;
  const bool asks = registers_[spi.base + spi.user] == 0x90000000 &&
                    registers_[spi.base + spi.user2] == 0x7000009F &&
                    registers_[spi.base + spi.user1_or_length] == spi.length_word;
  const bool wired = attached_ || mode_ == Mode::kStub;
  registers_[spi.base + spi.data0] = asks && wired ? options_.flash_id : 0xFFFFFFFF;
}

void FakeChip::StartReading(TimePoint at, ByteSpan data) {
  reading_ =
      Reading{LoadLe32(data, 0), LoadLe32(data, 4), LoadLe32(data, 8), LoadLe32(data, 12), 0, 0};
  if (options_.generation == 2) reading_->window = 1;
  Reply(at, 0xD2, {}, 0, 0);
  ContinueReading(at, 0);
}

void FakeChip::ContinueReading(TimePoint at, std::uint32_t received) {
  Reading& r = *reading_;
  r.acknowledged = received;
  while (r.sent < r.size && (r.sent == r.acknowledged || r.sent - r.acknowledged < r.window)) {
    const std::uint32_t size = std::min(r.packet, r.size - r.sent);
    const int n = counters.requests[0]++;  // packets are counted as opcode 0
    reply_fault_ = fault_at ? fault_at(0, n) : Fault::kNone;
    Say(at, ByteSpan(flash).subspan(r.offset + r.sent, size));
    reply_fault_ = Fault::kNone;
    r.sent += size;
  }
  if (r.acknowledged < r.size) return;
  Say(at, DigestOf(r.offset, r.size));
  reading_.reset();
}

void FakeChip::Reply(TimePoint at, std::uint8_t opcode, ByteSpan payload, int status, int error) {
  const std::size_t status_size = mode_ == Mode::kStub || !Family() ? 2 : 4;
  Bytes body = {1, opcode};
  AppendLe16(body, static_cast<std::uint16_t>(payload.size() + status_size));
  AppendLe32(body, value_);
  Append(body, payload);
  body.push_back(static_cast<std::uint8_t>(status));
  body.push_back(static_cast<std::uint8_t>(status == 0 ? 0 : error));
  body.resize(8 + payload.size() + status_size);
  Say(at, body);
  if (reply_fault_ == Fault::kDuplicateReply) Say(at, body);
}

void FakeChip::Say(TimePoint at, ByteSpan payload) {
  if (reply_fault_ == Fault::kLoseReply) return;
  Bytes out = {0xC0};
  for (const std::uint8_t octet : payload) {
    if (octet == 0xC0 || octet == 0xDB) out.push_back(0xDB);
    out.push_back(octet == 0xC0 ? 0xDC : octet == 0xDB ? 0xDD : octet);
  }
  out.push_back(0xC0);
  if (reply_fault_ == Fault::kCorruptReply) out[out.size() / 2] ^= 0x11;
  if (reply_fault_ == Fault::kLoseReplyOctet)
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(out.size() / 2));
  SayRaw(at, out);
}

void FakeChip::SayRaw(TimePoint at, ByteSpan octets) {
  wire_free_ = std::max(wire_free_, at);
  for (const std::uint8_t octet : octets) {
    wire_free_ += OctetTime(baud_ == 0 ? 115200 : baud_);
    to_host_.emplace_back(wire_free_, octet);
  }
}

}  // namespace lastgood::test
