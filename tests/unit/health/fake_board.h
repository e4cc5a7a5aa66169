// SPDX-License-Identifier: MIT
// A board on a virtual clock, for health checks: what it says is scripted, and travels as levels on
// a wire. A host that listens at another rate hears what a UART would make of it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood::test {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

inline constexpr std::string_view kHealthyRom =
    "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\nload 0x40100000, len 31264, room 16 \n"
    "tail 0\nchksum 0x7a\nload 0x3ffe8000, len 1092, room 8 \ntail 12\nchksum 0x17\nho 0 tail 12 "
    "room 4\nload 0x3ffe8450, len 3000, room 12 \ntail 12\nchksum 0x2b\ncsum 0x2b\n";

class FakeBoard;

class FakeApplication {
 public:
  virtual ~FakeApplication() = default;
  virtual void Start(FakeBoard& board) = 0;  // after every reset anew: its memory is wiped
  virtual void Receive(FakeBoard& /*board*/, std::uint8_t /*octet*/) {}
};

class FakeBoard final : public SerialPort, public BoardLines {
 public:
  explicit FakeBoard(VirtualClock& clock, FakeApplication* application = nullptr)
      : clock_(clock), application_(application) {}

  // How it behaves.
  std::string rom_text{kHealthyRom};
  std::uint32_t rom_baud = 74880;
  bool hangs_in_rom = false;    // the application never starts
  bool deaf = false;            // the host's TX reaches nobody
  bool unpowered = false;       // says nothing
  bool loopback = false;        // the host's TX is wired to its RX
  int loopback_loses_each = 0;  // so many octets of that, one is lost
  milliseconds loopback_delay{0};
  std::uint32_t console_baud = 115200;  // of the application
  bool refuses_rom_rate = false;
  int boots_at_most = 1'000'000;           // then it stays dead
  std::optional<milliseconds> gone_after;  // the serial device vanishes
  std::optional<milliseconds> interrupt_after;
  Interrupt interrupt;

  // What was done to it.
  int resets_by_line = 0;
  int boots = 0;
  std::string received;
  std::set<std::uint32_t> rates;  // that the host has listened at

  // For applications.
  void Say(std::uint32_t baud, std::string_view text) {
    if (unpowered) return;
    for (const char c : text) {
      const TimePoint start = std::max(clock_.Now(), wire_free_at_);
      wire_.push_back({start, BitOf(baud), static_cast<std::uint8_t>(c)});
      wire_free_at_ = start + 10 * BitOf(baud);
    }
  }
  void Say(std::string_view text) { Say(console_baud, text); }
  void After(nanoseconds delay, std::function<void()> action) {
    events_.emplace(clock_.Now() + delay, std::move(action));
  }
  void ResetItself() { Boot(); }

  // BoardLines
  Result<void> Reset(BoardMode /*mode*/, int /*patience*/) override {
    ++resets_by_line;
    clock_.SleepFor(milliseconds(100));
    Boot();
    return {};
  }

  // SerialPort
  Result<std::size_t> Read(std::span<std::uint8_t> buffer, milliseconds timeout) override {
    const TimePoint deadline = clock_.Now() + timeout;
    while (true) {
      Catch();
      if (gone_after && clock_.Now() >= TimePoint(*gone_after))
        return Fail(ExitCode::kBoard, "serial device is gone");
      if (!input_.empty()) return TakeInput(buffer);
      const TimePoint next = NextEvent();
      if (next > deadline) break;
      // A driver hands over what has gathered, not octet by octet.
      AdvanceTo(std::min(std::max(next, clock_.Now()) + milliseconds(1), deadline));
    }
    AdvanceTo(deadline);
    Catch();
    return input_.empty() ? 0 : TakeInput(buffer);
  }
  Result<void> Write(ByteSpan data) override {
    for (const std::uint8_t octet : data) {
      AdvanceTo(clock_.Now() + 10 * BitOf(baud_));
      received += static_cast<char>(octet);
      if (loopback) Echo(octet);
      if (!deaf && running_ && baud_ == console_baud) application_->Receive(*this, octet);
    }
    return {};
  }
  Result<void> Drain() override { return {}; }
  Result<void> SetBaudRate(std::uint32_t baud) override {
    if (refuses_rom_rate && baud == 74880) return Fail(ExitCode::kBoard, "rate not supported");
    Catch();
    baud_ = baud;
    rates.insert(baud);
    heard_until_ = clock_.Now();
    return {};
  }
  Result<void> DiscardInput() override {
    Catch();
    input_.clear();
    return {};
  }
  std::string Name() const override { return "fake"; }

 private:
  struct Sent {
    TimePoint start;
    nanoseconds bit;
    std::uint8_t octet;
    TimePoint End() const { return start + 10 * bit; }
    bool Level(int index) const {
      if (index == 0) return false;
      return index > 8 || ((octet >> (index - 1)) & 1) != 0;
    }
  };

  static nanoseconds BitOf(std::uint32_t baud) { return nanoseconds(1'000'000'000 / baud); }

  void Echo(std::uint8_t octet) {
    if (loopback_loses_each != 0 && ++echoed_ % loopback_loses_each == 0) return;
    After(loopback_delay, [this, octet] { input_.push_back(octet); });
  }

  void Boot() {
    if (++boots > boots_at_most) unpowered = true;
    running_ = false;
    events_.clear();
    while (!wire_.empty() && wire_.back().start >= clock_.Now()) wire_.pop_back();
    wire_free_at_ = clock_.Now();
    Say(rom_baud, rom_text);
    if (hangs_in_rom || unpowered || application_ == nullptr) return;
    After(wire_free_at_ - clock_.Now(), [this] {
      running_ = true;
      application_->Start(*this);
    });
  }

  TimePoint NextEvent() {
    const TimePoint event = events_.empty() ? TimePoint::max() : events_.begin()->first;
    return std::min(event, NextArrival());
  }

  void AdvanceTo(TimePoint when) {
    while (!events_.empty() && events_.begin()->first <= when) {
      auto event = events_.extract(events_.begin());
      clock_.SleepUntil(event.key());
      event.mapped()();
    }
    clock_.SleepUntil(when);
    if (interrupt_after && clock_.Now() >= TimePoint(*interrupt_after)) interrupt.Request();
  }

  // The receiver waits for a falling edge, then samples the middle of each bit at its own rate.
  void Catch() {
    while (NextArrival() <= clock_.Now()) {
      const TimePoint edge = *NextEdge();
      const nanoseconds bit = BitOf(baud_);
      unsigned octet = 0;
      for (int i = 0; i < 8; ++i)
        if (LevelAt(edge + bit + bit / 2 + i * bit)) octet |= 1U << i;
      input_.push_back(static_cast<std::uint8_t>(octet));
      heard_until_ = edge + 9 * bit + bit / 2;
    }
  }

  TimePoint NextArrival() {
    const auto edge = NextEdge();
    return edge ? *edge + 10 * BitOf(baud_) : TimePoint::max();
  }

  std::optional<TimePoint> NextEdge() {
    while (!wire_.empty() && wire_.front().End() <= heard_until_) wire_.pop_front();
    for (const Sent& sent : wire_)
      for (int i = 0; i < 9; ++i) {
        const bool falls = !sent.Level(i) && (i == 0 || sent.Level(i - 1));
        if (falls && sent.start + i * sent.bit >= heard_until_) return sent.start + i * sent.bit;
      }
    return std::nullopt;
  }

  bool LevelAt(TimePoint when) const {
    for (const Sent& sent : wire_) {
      if (when < sent.start) return true;
      if (when < sent.End()) return sent.Level(static_cast<int>((when - sent.start) / sent.bit));
    }
    return true;
  }

  Result<std::size_t> TakeInput(std::span<std::uint8_t> buffer) {
    const std::size_t size = std::min(buffer.size(), input_.size());
    for (std::size_t i = 0; i < size; ++i) {
      buffer[i] = input_.front();
      input_.pop_front();
    }
    return size;
  }

  VirtualClock& clock_;
  FakeApplication* application_;
  std::uint32_t baud_ = 115200;
  bool running_ = false;
  int echoed_ = 0;
  std::multimap<TimePoint, std::function<void()>> events_;
  std::deque<Sent> wire_;
  TimePoint wire_free_at_{};
  TimePoint heard_until_{};
  std::deque<std::uint8_t> input_;
};

}  // namespace lastgood::test
