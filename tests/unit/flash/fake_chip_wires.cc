// SPDX-License-Identifier: MIT
// The host's ends of the fake chip's wires.
#include <algorithm>

#include "unit/flash/fake_chip.h"

namespace lastgood::test {

using std::chrono::milliseconds;

class FakeChip::Port final : public SerialPort {
 public:
  explicit Port(FakeChip& chip) : chip_(chip) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer, milliseconds timeout) override {
    TRY_DO(Check());
    auto& queue = chip_.to_host_;
    const TimePoint deadline = chip_.clock_.Now() + timeout;
    if (queue.empty() || queue.front().first > deadline) {
      chip_.clock_.SleepUntil(deadline);
      return 0;
    }
    chip_.clock_.SleepUntil(queue.front().first);
    std::size_t count = 0;
    while (count < buffer.size() && !queue.empty() && queue.front().first <= chip_.clock_.Now()) {
      buffer[count++] = queue.front().second;
      queue.pop_front();
    }
    return count;
  }
  Result<void> Write(ByteSpan data) override {
    TRY_DO(Check());
    for (const std::uint8_t octet : data) {
      free_ = std::max(free_, chip_.clock_.Now()) + OctetTime(baud_);
      chip_.Receive(free_, octet, baud_);
    }
    return {};
  }
  Result<void> Drain() override {
    chip_.clock_.SleepUntil(free_);
    return Check();
  }
  Result<void> SetBaudRate(std::uint32_t baud) override {
    TRY_DO(Check());
    baud_ = baud;
    return {};
  }
  Result<void> DiscardInput() override {
    TRY_DO(Check());
    auto& queue = chip_.to_host_;
    while (!queue.empty() && queue.front().first <= chip_.clock_.Now()) queue.pop_front();
    return {};
  }
  std::string Name() const override { return "/dev/fake"; }

 private:
  Result<void> Check() const {
    if (chip_.vanished) return Fail(ExitCode::kBoard, "serial port '/dev/fake' vanished");
    return {};
  }
  FakeChip& chip_;
  std::uint32_t baud_ = 115200;
  TimePoint free_{};
};

class FakeChip::Lines final : public BoardLines {
 public:
  explicit Lines(FakeChip& chip) : chip_(chip) {}
  Result<void> Reset(BoardMode mode, int) override {
    chip_.clock_.SleepFor(milliseconds(20));
    chip_.Reset(mode);
    chip_.clock_.SleepFor(milliseconds(50));
    return {};
  }
  std::string Name() const override { return "GPIO17/GPIO27"; }

 private:
  FakeChip& chip_;
};

std::unique_ptr<SerialPort> FakeChip::OpenPort() { return std::make_unique<Port>(*this); }
std::unique_ptr<BoardLines> FakeChip::OpenLines() { return std::make_unique<Lines>(*this); }

}  // namespace lastgood::test
