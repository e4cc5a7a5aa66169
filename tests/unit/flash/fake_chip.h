// SPDX-License-Identifier: MIT
// A chip of any kind with a ROM loader and either generation of stub behind paced wires on a
// virtual clock (protocol reference, sections 2 to 10), with faults. It decodes and answers by
// itself and uses nothing of the code under test.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"

namespace lastgood::test {

// Start bit, eight data bits, stop bit.
inline std::chrono::nanoseconds OctetTime(std::uint32_t baud) {
  return std::chrono::nanoseconds(10'000'000'000ULL / baud);
}

struct FakeChipOptions {
  Chip chip = Chip::kEsp8266;
  int generation = 1;  // of a stub that is started; 0: it never says that it runs
  std::uint32_t flash_size = 4U << 20;
  std::uint32_t flash_id = 0x1640EF;
  std::uint32_t sync_baud_max = 4'000'000;  // the ROM measures no higher rate
  std::uint32_t security_flags = 0;         // of GET_SECURITY_INFO
  bool stub_mistakes_rate = false;          // after a change of rate it is at another one
  bool adopts_stub = false;  // a stub runs already, at 115200, and no reset reaches the chip
};

class FakeChip {
 public:
  enum class Fault {
    kNone,
    kLoseOctet,       // of the request, on the way to the chip
    kCorruptOctet,    // the same
    kLoseReply,       // done, but the answer is lost
    kCorruptReply,    // one octet of it
    kLoseReplyOctet,  // the same
    kDuplicateReply,
    kReset,     // the chip resets into its firmware instead of answering
    kStubDies,  // and answers nothing more until it is reset
    kNoise,     // before the answer
  };
  struct Counters {
    std::uint32_t sectors_erased = 0;
    std::uint32_t blocks_erased = 0;  // 64 KiB at once
    std::uint32_t bytes_programmed = 0;
    std::uint32_t bytes_digested = 0;
    std::map<std::uint8_t, int> requests;  // by opcode
    int stub_starts = 0;
    int resets = 0;
  };

  FakeChip(const FakeChipOptions& options, Clock& clock);
  ~FakeChip();

  // Of the n-th request with this opcode (from 0) since the test began.
  std::function<Fault(std::uint8_t opcode, int n)> fault_at;
  // Of every octet from the host, counted from 0: whether it is lost.
  std::function<bool(std::uint64_t n)> loses_octet;
  std::set<std::uint32_t> stuck_sectors;  // by offset; they keep what they hold
  bool vanished = false;                  // the serial device, from the next call on
  Bytes flash;
  Counters counters;

  std::unique_ptr<SerialPort> OpenPort();
  std::unique_ptr<BoardLines> OpenLines();

  // The text that a stub's upload must bring, at its address; anything else does not run.
  void ExpectStub(std::uint32_t text_start, Bytes text, std::uint32_t entry);

 private:
  class Port;
  class Lines;
  struct Stream;

  void Reset(BoardMode mode);
  void Receive(TimePoint at, std::uint8_t octet, std::uint32_t baud);
  void Handle(TimePoint at, Bytes frame);
  void Execute(TimePoint at, const Bytes& frame, Fault fault);
  void ExecuteRom(TimePoint at, std::uint8_t opcode, ByteSpan data, std::uint32_t checksum);
  void ExecuteStub(TimePoint at, std::uint8_t opcode, ByteSpan data, std::uint32_t checksum);
  void ExecuteCommon(TimePoint at, std::uint8_t opcode, ByteSpan data, std::uint32_t checksum);
  void Reply(TimePoint at, std::uint8_t opcode, ByteSpan payload, int status, int error);
  void Say(TimePoint at, ByteSpan payload);
  void SayRaw(TimePoint at, ByteSpan octets);
  bool Begin(TimePoint at, ByteSpan data, bool deflated);
  int TakeData(ByteSpan data, std::uint32_t checksum);
  void Work(TimePoint at, ByteSpan data);
  void Program(ByteSpan bytes, bool last);
  void EraseFor(std::uint32_t end);
  void EraseSector(std::uint32_t offset);
  void EraseRange(std::uint32_t offset, std::uint32_t size);
  Bytes DigestOf(std::uint32_t offset, std::uint32_t size) const;
  void WriteRegister(std::uint32_t address, std::uint32_t value, std::uint32_t mask);
  void StartReading(TimePoint at, ByteSpan data);
  void ContinueReading(TimePoint at, std::uint32_t received);
  bool Family() const { return options_.chip != Chip::kEsp8266; }

  FakeChipOptions options_;
  Clock& clock_;
  enum class Mode { kFirmware, kRom, kStub, kDead } mode_ = Mode::kFirmware;
  std::uint32_t baud_ = 0;  // of the loader; 0: not measured yet
  std::uint32_t next_baud_ = 0;
  TimePoint baud_changes_{};
  std::deque<std::pair<TimePoint, std::uint8_t>> to_host_;
  TimePoint wire_free_{};  // of the way to the host
  TimePoint ready_at_{};   // the chip is done with its work
  std::chrono::microseconds work_{0};
  bool in_frame_ = false;
  bool escaped_ = false;
  Bytes frame_;
  std::uint64_t octets_from_host_ = 0;
  std::uint32_t value_ = 0;
  std::uint8_t last_opcode_ = 8;
  bool attached_ = false;
  Fault reply_fault_ = Fault::kNone;
  int deferred_error_ = 0;
  std::map<std::uint32_t, std::uint32_t> registers_;
  std::map<std::uint32_t, std::uint8_t> ram_;
  std::uint32_t ram_address_ = 0;
  std::uint32_t stub_text_ = 0, stub_entry_ = 0;
  Bytes stub_bytes_;
  std::unique_ptr<Stream> stream_;
  struct Reading {
    std::uint32_t offset = 0, size = 0, packet = 0, window = 0, sent = 0, acknowledged = 0;
  };
  std::optional<Reading> reading_;
};

}  // namespace lastgood::test
