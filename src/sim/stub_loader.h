// SPDX-License-Identifier: MIT
// The two generations of stub loaders, as programs that run in the chip's RAM (protocol reference,
// 5.3, 5.4, 6, 9 and 10): not their code, what they do on the wire and in the flash. Both
// acknowledge a block of data before they work on it, ignore its sequence number, and tell of a
// failure only later: the first generation with every block until the next BEGIN and with END, the
// second once, instead of whatever comes next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "sim/chip_facts.h"
#include "sim/chip_registers.h"
#include "sim/flash_chip.h"
#include "sim/inflater.h"
#include "sim/loader.h"
#include "sim/slip.h"

namespace lastgood::sim {

class StubLoader final : public Loader {
 public:
  static constexpr std::size_t kBlockMax = 0x4000;
  // The one frame that comes unasked: "OHAI".
  static Bytes Greeting();

  // `baud`: what the link runs at.
  StubLoader(StubGeneration generation, const FlashChip& flash, ChipRegisters& registers,
             std::uint32_t baud);

  std::optional<LoaderWork> Receive(std::uint8_t octet) override;
  LoaderAnswer Finish() override;
  // Two frames of the largest size, escapes included.
  std::size_t receive_buffer_bytes() const override { return 4 * (kBlockMax + 64); }

 private:
  enum Error : std::uint8_t {
    kNone = 0,
    kBadLength = 0xC0,
    kBadChecksum = 0xC1,
    kBadBlockSize = 0xC2,
    kInvalidCommand = 0xC3,
    kNotInFlashMode = 0xC6,
    kInflate = 0xC7,
    kNotEnoughData = 0xC8,
    kTooMuchData = 0xC9,
    kNotImplemented = 0xFF,
  };
  // Between a BEGIN and its END.
  struct Transfer {
    bool active = false;
    bool compressed = false;
    std::uint32_t write_at = 0;
    std::uint32_t left = 0;  // octets of the image that are still to come
    std::uint32_t erased_to = 0;
    std::uint32_t erase_end = 0;
    Bytes unpacked;            // not yet in the flash
    bool met_content = false;  // generation 2 skips blank sectors up to the first that is not
  };
  // READ_FLASH: what is still to be sent, and what the host has acknowledged.
  struct Reading {
    std::uint32_t begin = 0;
    std::uint32_t length = 0;
    std::uint32_t packet = 0;
    std::uint32_t window = 0;
    std::uint32_t sent = 0;
  };

  bool first() const { return generation_ == StubGeneration::kFirst; }
  std::uint8_t Dispatch(ByteSpan frame, LoaderWork& work);
  std::uint8_t Run(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data, LoaderWork& work);
  std::uint8_t RunTransfer(std::uint8_t opcode, std::uint32_t checksum, ByteSpan data,
                           LoaderWork& work);
  std::uint8_t Begin(ByteSpan data, bool compressed);
  std::uint8_t Data(ByteSpan data, std::uint32_t checksum, bool compressed, LoaderWork& work);
  std::uint8_t End(ByteSpan data);
  void Unpack(ByteSpan block, LoaderWork& work);
  void WriteUnpacked(LoaderWork& work);
  void Write(ByteSpan content, LoaderWork& work);
  void EraseUpTo(std::uint32_t end, LoaderWork& work);
  bool SkipsBlank(std::uint32_t address, std::uint32_t length);
  std::uint8_t Collapsed(std::uint8_t error) const;
  std::uint8_t Digest(ByteSpan data, LoaderWork& work);
  std::uint8_t EraseRegion(ByteSpan data, LoaderWork& work) const;
  void EraseAll(LoaderWork& work) const;
  std::uint8_t StartReading(ByteSpan data);
  void ReadOn(std::uint32_t acknowledged, LoaderWork& work);
  std::uint8_t ChangeBaud(ByteSpan data);
  std::uint8_t WriteRegisters(ByteSpan data, LoaderWork& work);
  std::uint8_t MemData(ByteSpan data, std::uint32_t checksum);

  StubGeneration generation_;
  const FlashChip& flash_;
  ChipRegisters& registers_;
  std::uint32_t baud_;
  SlipReceiver slip_;

  std::uint8_t deferred_error_ = kNone;
  Transfer transfer_;
  std::unique_ptr<Inflater> inflater_;
  std::optional<Reading> reading_;
  std::uint32_t ram_address_ = 0;

  // Of the request being answered.
  std::uint8_t opcode_ = 0;
  std::uint8_t error_ = kNone;
  std::uint32_t value_ = 0;
  Bytes payload_;
  Bytes follow_up_;  // raw frames behind the answer, or instead of it
  bool silent_ = false;
  LoaderLeave leave_ = LoaderLeave::kStay;
  std::uint32_t new_baud_ = 0;
};

}  // namespace lastgood::sim
