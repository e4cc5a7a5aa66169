// SPDX-License-Identifier: MIT
// The ESP8266 ROM loader as the protocol reference's section 5.1 describes it, as small as the
// loader's tests allow, with faults at chosen requests. Decodes and answers by itself: it uses
// nothing of the code under test.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "support/fake_board_lines.h"
#include "support/fake_serial_port.h"

namespace lastgood::test {

class FakeRom {
 public:
  enum class Fault {
    kNone,
    kLoseRequest,    // as if it had never been sent
    kDropOctet,      // one octet of the payload is lost on the way
    kFlipBit,        // of the payload
    kBreakOpcode,    // the request arrives with opcode 0x73
    kLoseReply,      // done, but not acknowledged
    kFailFlash,      // error 6
    kRestart,        // the chip resets into its firmware instead
    kForeignFrames,  // the answer comes behind an answer to something else
    kTextBeforeReply,
    kLateReply,  // not on time, but before the answer to the next request
  };

  explicit FakeRom(std::size_t flash_size = 4U << 20) : flash(flash_size, 0x77) {
    registers[0x40001000] = 0xFFF0C101;
    registers[0x3FF00050] = 0xEF000000;
    registers[0x3FF00054] = 0x0000ABCD;
    registers[0x3FF0005C] = 0;
  }

  void ConnectTo(FakeSerialPort& port, FakeBoardLines& lines) {
    port.on_write = [this](ByteSpan octets) { return Receive(octets); };
    lines.on_reset = [this, &port](BoardMode mode, int) {
      Restart(mode == BoardMode::kDownload && boot_line_works);
      port.Arrive(reset_text);
    };
  }

  // Decides about the n-th request with this opcode (from 0) since the test began.
  std::function<Fault(std::uint8_t opcode, int n)> fault_at;
  Bytes flash;
  std::map<std::uint32_t, std::uint32_t> registers;
  std::uint32_t flash_id = 0x1640EF;
  std::uint32_t sync_value = 0x20120707;
  bool boot_line_works = true;
  bool deaf = false;
  Bytes reset_text;
  std::map<std::uint8_t, int> requests;                         // by opcode
  std::vector<std::pair<std::uint32_t, std::uint32_t>> begins;  // size word, offset
  std::vector<std::uint32_t> block_sizes;                       // of FLASH_DATA, as they came
  int sectors_erased = 0;

  void Restart(bool into_loader) {
    in_loader_ = into_loader;
    trained_ = false;
    attached_ = false;
    raw_.clear();
  }

 private:
  Bytes Receive(ByteSpan octets) {
    Bytes answers;
    if (deaf || !in_loader_) return answers;
    for (const std::uint8_t octet : octets) {
      if (octet != 0xC0) {
        raw_.push_back(octet);
        continue;
      }
      if (!raw_.empty()) Append(answers, Handle(raw_));
      raw_.clear();
    }
    return answers;
  }

  Bytes Handle(const Bytes& raw) {
    if (!trained_) {
      trained_ = true;
      return {};
    }
    Bytes frame;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == 0xDB && i + 1 < raw.size())
        frame.push_back(raw[++i] == 0xDC ? 0xC0 : 0xDB);
      else
        frame.push_back(raw[i]);
    }
    if (frame.size() < 8) return {};
    const std::uint8_t opcode = frame[1];
    const Fault fault = fault_at ? fault_at(opcode, requests[opcode]) : Fault::kNone;
    ++requests[opcode];
    return Suffer(fault, std::move(frame));
  }

  Bytes Suffer(Fault fault, Bytes frame) {
    Bytes late = std::exchange(late_, {});
    switch (fault) {
      case Fault::kLoseRequest:
        return late;
      case Fault::kDropOctet:
        frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(frame.size() / 2));
        break;
      case Fault::kFlipBit:
        frame.back() ^= 4;
        break;
      case Fault::kBreakOpcode:
        frame[1] = 0x73;
        break;
      case Fault::kLoseReply:
        Execute(frame);
        return late;
      case Fault::kFailFlash:
        return Reply(frame[1], 1, 6);
      case Fault::kRestart:
        Restart(false);
        return ToBytes("\xaa\x55 ets garbage \r\nready\r\n");
      case Fault::kForeignFrames: {
        Bytes answers = Reply(0x0B, 0, 0);
        Append(answers, Reply(0x08, 0, 0));
        Append(answers, Execute(frame));
        return answers;
      }
      case Fault::kTextBeforeReply: {
        Bytes answers = ToBytes("\r\nbrownout?\xc0\xc0");
        Append(answers, Execute(frame));
        return answers;
      }
      case Fault::kLateReply:
        late_ = Execute(frame);
        return late;
      case Fault::kNone:
        break;
    }
    Append(late, Execute(frame));
    return late;
  }

  Bytes Execute(const Bytes& frame) {
    const ByteSpan data = ByteSpan(frame).subspan(8);
    switch (frame[1]) {
      case 0x02:
        last_opcode_ = 2;
        return Begin(data);
      case 0x03:
        last_opcode_ = 3;
        return Data(frame[4], data);
      case 0x08: {
        last_opcode_ = 8;
        value_ = sync_value;
        Bytes answers;
        for (int i = 0; i < 8; ++i) Append(answers, Reply(8, 0, 0));
        return answers;
      }
      case 0x09:
        last_opcode_ = 9;
        for (std::size_t at = 0; at + 16 <= data.size(); at += 16)
          WriteRegister(LoadLe32(data, at), LoadLe32(data, at + 4));
        return Reply(9, 0, 0);
      case 0x0A:
        last_opcode_ = 10;
        value_ = registers[LoadLe32(data, 0)];
        return Reply(10, 0, 0);
      default:
        return Reply(last_opcode_, 1, 5);
    }
  }

  void WriteRegister(std::uint32_t address, std::uint32_t value) {
    registers[address] = value;
    if (address != 0x60000200 || (value & 1U << 18) == 0) return;
    registers[address] = 0;
    const bool asks_for_id = registers[0x6000021C] == 0x90000000 &&
                             registers[0x60000224] == 0x7000009F && registers[0x60000220] == 0x1700;
    registers[0x60000240] = attached_ && asks_for_id ? flash_id : 0xFFFFFFFF;
  }

  Bytes Begin(ByteSpan data) {
    if (data.size() != 16 || LoadLe32(data, 8) > 0x1800) return Reply(2, 1, 5);
    attached_ = true;
    const std::uint32_t size = LoadLe32(data, 0);
    offset_ = LoadLe32(data, 12);
    block_size_ = LoadLe32(data, 8);
    sequence_ = 0;
    begins.emplace_back(size, offset_);
    if (offset_ + size > 4U << 20 || offset_ % 4096 != 0) return Reply(2, 1, 6);
    return Reply(2, EraseArea(offset_ / 4096, (size + 4095) / 4096) ? 0 : 1, 6);
  }

  bool EraseArea(std::uint32_t sector, std::uint32_t count) {
    const std::uint32_t head = std::min(16 - sector % 16, count);
    for (std::uint32_t i = 0; i < head + count; ++i) {
      if (sector + i >= 1024) return false;
      const std::size_t at = std::size_t{sector + i} * 4096 % flash.size();
      std::fill_n(flash.begin() + static_cast<std::ptrdiff_t>(at), 4096, 0xFF);
      ++sectors_erased;
    }
    return true;
  }

  Bytes Data(std::uint8_t checksum, ByteSpan data) {
    if (data.size() < 16 || data.size() > 0x1810) return Reply(3, 1, 5);
    const std::uint32_t length = LoadLe32(data, 0);
    if (LoadLe32(data, 4) != sequence_ || length > block_size_ || length % 4 != 0)
      return Reply(3, 1, 5);
    ++sequence_;
    block_sizes.push_back(length);
    Bytes payload(data.begin() + 16, data.end());
    payload.resize(length, 0xA5);  // whatever the buffer held before
    std::uint8_t sum = 0xEF;
    for (const std::uint8_t octet : payload) sum ^= octet;
    if (sum != checksum) return Reply(3, 1, 7);
    for (std::size_t i = 0; i < length; ++i) flash[(offset_ + i) % flash.size()] &= payload[i];
    const bool same = std::equal(payload.begin(), payload.end(),
                                 flash.begin() + static_cast<std::ptrdiff_t>(offset_));
    offset_ += length;
    return Reply(3, same ? 0 : 1, 8);
  }

  Bytes Reply(std::uint8_t opcode, std::uint8_t status, std::uint8_t error) const {
    Bytes body = {1, opcode, 2, 0};
    AppendLe32(body, value_);
    body.push_back(status);
    body.push_back(status == 0 ? 0 : error);
    Bytes out = {0xC0};
    for (const std::uint8_t octet : body) {
      if (octet == 0xC0 || octet == 0xDB) out.push_back(0xDB);
      out.push_back(octet == 0xC0 ? 0xDC : octet == 0xDB ? 0xDD : octet);
    }
    out.push_back(0xC0);
    return out;
  }

  bool in_loader_ = false;
  bool trained_ = false;
  bool attached_ = false;
  std::uint8_t last_opcode_ = 8;
  std::uint32_t value_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint32_t offset_ = 0;
  std::uint32_t block_size_ = 0;
  Bytes raw_;
  Bytes late_;
};

}  // namespace lastgood::test
