// SPDX-License-Identifier: MIT
// A simulated board in virtual time and a host that speaks to it in bytes written out by hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "host/clock.h"
#include "sim/console.h"
#include "sim/simulated_board.h"

namespace lastgood::sim {

using std::chrono::milliseconds;

struct Request {
  std::uint8_t opcode = 0;
  Bytes data;
  std::uint32_t checksum = 0;
  std::uint8_t direction = 0;
};

inline Bytes Words(std::initializer_list<std::uint32_t> words) {
  Bytes out;
  for (const std::uint32_t word : words) AppendLe32(out, word);
  return out;
}

inline Bytes Escaped(ByteSpan payload) {
  Bytes out = {0xC0};
  for (const std::uint8_t octet : payload) {
    if (octet == 0xC0) {
      Append(out, Bytes{0xDB, 0xDC});
    } else if (octet == 0xDB) {
      Append(out, Bytes{0xDB, 0xDD});
    } else {
      out.push_back(octet);
    }
  }
  out.push_back(0xC0);
  return out;
}

inline Bytes Encode(const Request& request) {
  Bytes payload = {request.direction, request.opcode};
  AppendLe16(payload, static_cast<std::uint16_t>(request.data.size()));
  AppendLe32(payload, request.checksum);
  Append(payload, request.data);
  return Escaped(payload);
}

// FLASH_DATA (3) or MEM_DATA (7) with a right checksum.
inline Request DataRequest(std::uint8_t opcode, std::uint32_t sequence, ByteSpan block) {
  Request request{opcode, Words({static_cast<std::uint32_t>(block.size()), sequence, 0, 0}), 0xEF};
  Append(request.data, block);
  for (const std::uint8_t octet : block) request.checksum ^= octet;
  return request;
}

inline const Bytes& SyncFrame() {
  static const Bytes frame = [] {
    Bytes octets = {0xC0, 0x00, 0x08, 0x24, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x07, 0x12, 0x20};
    octets.insert(octets.end(), 32, 0x55);
    octets.push_back(0xC0);
    return octets;
  }();
  return frame;
}

struct Reply {
  std::uint8_t opcode = 0;
  std::uint32_t value = 0;
  std::uint8_t status = 0xFF;
  std::uint8_t error = 0xFF;
};

// Payloads of the frames in `octets`; what is outside of frames is left out.
inline std::vector<Bytes> Frames(ByteSpan octets) {
  std::vector<Bytes> frames;
  std::optional<Bytes> open;
  bool escape = false;
  for (std::uint8_t octet : octets) {
    if (octet == 0xC0) {
      if (open && !open->empty()) {
        frames.push_back(*open);
        open.reset();
      } else {
        open = Bytes();
      }
    } else if (octet == 0xDB) {
      escape = true;
    } else if (open) {
      if (std::exchange(escape, false)) octet = octet == 0xDC ? 0xC0 : 0xDB;
      open->push_back(octet);
    }
  }
  return frames;
}

inline std::vector<Reply> Replies(ByteSpan octets) {
  std::vector<Reply> replies;
  for (const Bytes& frame : Frames(octets)) {
    if (frame.size() != 10 || frame[0] != 0x01) continue;
    replies.push_back({frame[1], LoadLe32(frame, 4), frame[8], frame[9]});
  }
  return replies;
}

class Rig {
 public:
  explicit Rig(const BoardOptions& options = {}, std::unique_ptr<Console> console = nullptr)
      : board_(*SimulatedBoard::Make(options, clock_, std::move(console))),
        serial_(board_->OpenSerialPort()),
        lines_(board_->OpenLines()) {}

  VirtualClock& clock() { return clock_; }
  SimulatedBoard& board() { return *board_; }
  SerialPort& serial() { return *serial_; }
  BoardLines& lines() { return *lines_; }

  void SetBaud(std::uint32_t baud) { ASSERT_TRUE(serial_->SetBaudRate(baud)); }
  void Write(ByteSpan octets) { ASSERT_TRUE(serial_->Write(octets)); }

  // Everything that arrives within `duration`.
  Bytes Listen(milliseconds duration) {
    Bytes all;
    const Deadline deadline(clock_, duration);
    while (!deadline.Expired()) {
      std::uint8_t buffer[512];
      const auto count = serial_->Read(buffer, deadline.Remaining());
      EXPECT_TRUE(count.has_value());
      Append(all, ByteSpan(buffer, *count));
    }
    return all;
  }
  std::string ListenText(milliseconds duration, std::uint32_t baud = 74880) {
    SetBaud(baud);
    return std::string(AsText(Listen(duration)));
  }

  // Boots into `mode` and returns what is said at 74880 until `duration` after reset was released.
  std::string Reset(BoardMode mode, milliseconds duration = milliseconds(0), int patience = 0) {
    SetBaud(74880);
    EXPECT_TRUE(serial_->DiscardInput());
    EXPECT_TRUE(lines_->Reset(mode, patience));
    return std::string(AsText(Listen(duration)));
  }

  // Download mode, auto-baud trained, answers to the sync read away.
  void Sync(std::uint32_t baud = 115200) {
    Reset(BoardMode::kDownload);
    SetBaud(baud);
    Write(SyncFrame());
    Listen(milliseconds(60));
    Write(SyncFrame());
    Listen(milliseconds(200));
  }

  std::vector<Reply> AskAll(const Request& request, milliseconds patience = milliseconds(100)) {
    Write(Encode(request));
    EXPECT_TRUE(serial_->Drain());
    return Replies(Listen(patience));
  }
  // The first answer; status 0xFF when there is none.
  Reply Ask(const Request& request, milliseconds patience = milliseconds(100)) {
    const auto replies = AskAll(request, patience);
    return replies.empty() ? Reply{} : replies.front();
  }
  std::uint32_t ReadRegister(std::uint32_t address) { return Ask({0x0A, Words({address})}).value; }

 private:
  VirtualClock clock_;
  std::unique_ptr<SimulatedBoard> board_;
  std::unique_ptr<SerialPort> serial_;
  std::unique_ptr<BoardLines> lines_;
};

}  // namespace lastgood::sim
