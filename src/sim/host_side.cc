// SPDX-License-Identifier: MIT
#include "sim/host_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "device/reset_sequence.h"

namespace lastgood::sim {
namespace {

using std::chrono::milliseconds;

// As much as a driver keeps for a reader that does not come.
constexpr std::size_t kReceivedMax = 65536;
constexpr std::uint32_t kDefaultBaud = 115200;
constexpr std::uint32_t kBaudMax = 4'000'000;

// Octets that follow each other closely are read together, as a UART's FIFO delivers them.
constexpr milliseconds kCoalesce{2};

class SimulatedSerialPort final : public SerialPort {
 public:
  explicit SimulatedSerialPort(HostSide& host) : host_(host) {}

  Result<std::size_t> Read(std::span<std::uint8_t> buffer, milliseconds timeout) override {
    if (vanished_) return FailVanished();
    WaitForFirst(host_.clock().Now() + std::max(timeout, milliseconds(0)), buffer.size());
    Bytes& received = host_.received();
    const std::size_t count = std::min(buffer.size(), received.size());
    const auto taken = received.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(received.begin(), taken, buffer.begin());
    received.erase(received.begin(), taken);
    return count;
  }

  Result<void> Write(ByteSpan data) override {
    if (vanished_) return FailVanished();
    host_.Send(data, host_.baud());
    vanished_ = host_.DeviceVanishes();
    return {};
  }

  Result<void> Drain() override {
    SleepUntil(host_.chip().from_host().IdleFrom());
    return {};
  }

  Result<void> SetBaudRate(std::uint32_t baud) override {
    if (baud == 0 || baud > kBaudMax)
      return Fail(ExitCode::kBoard,
                  fmt::format("serial port '{}' cannot run at {} baud", Name(), baud));
    host_.SetBaudRate(baud);
    return {};
  }

  Result<void> DiscardInput() override {
    host_.Advance();
    host_.received().clear();
    return {};
  }

  std::string Name() const override { return "simulated board"; }

 private:
  static tl::unexpected<Error> FailVanished() {
    return Fail(ExitCode::kBoard, "serial device 'simulated board' has vanished",
                "was the board unplugged?");
  }

  void SleepUntil(TimePoint when) {
    host_.clock().SleepUntil(when);
    host_.Advance();
  }

  void WaitForFirst(TimePoint deadline, std::size_t wanted) {
    host_.Advance();
    while (host_.received().empty() && host_.clock().Now() < deadline)
      SleepUntil(std::min(host_.NextEvent(), deadline));
    if (host_.received().empty()) return;
    const TimePoint last = std::min(deadline, host_.clock().Now() + kCoalesce);
    while (host_.received().size() < wanted) {
      const auto arrival = host_.NextArrival();
      if (!arrival || *arrival > last) return;
      SleepUntil(std::max(*arrival, std::min(last, host_.chip().to_host().IdleFrom())));
    }
  }

  HostSide& host_;
  bool vanished_ = false;  // pulled out; opened again, it is there
};

class SimulatedLines final : public BoardLines {
 public:
  explicit SimulatedLines(HostSide& host) : host_(host) {}

  Result<void> Reset(BoardMode mode, int patience) override {
    return PlaySequence(SequenceFor(mode, patience), host_.clock(),
                        [this](bool reset_asserted, bool boot_asserted) -> Result<void> {
                          host_.Advance();
                          host_.chip().SetLines(reset_asserted, boot_asserted);
                          TellWatcher(reset_asserted, boot_asserted);
                          return {};
                        });
  }

  std::string Name() const override { return "simulated lines"; }

 private:
  HostSide& host_;
};

}  // namespace

HostSide::HostSide(const BoardOptions& options, Clock& clock, std::unique_ptr<FlashChip> flash,
                   std::unique_ptr<Console> console)
    : clock_(clock),
      rx_cut_(options.rx_cut),
      tx_cut_(options.tx_cut),
      joined_(options.rx_tx_joined),
      flash_(std::move(flash)),
      chip_(options, *flash_, std::move(console), clock.Now()),
      faults_(options.faults, options.seed),
      baud_(kDefaultBaud) {}

void HostSide::Advance() {
  const TimePoint now = clock_.Now();
  chip_.AdvanceTo(now);
  while (const auto reception = chip_.to_host().Receive(now, baud_)) {
    if (!tx_cut_ && received_.size() < kReceivedMax) received_.push_back(reception->octet);
  }
}

void HostSide::SetBaudRate(std::uint32_t baud) {
  Advance();
  chip_.from_host().Retime(clock_.Now(), baud);
  baud_ = baud;
}

void HostSide::Send(ByteSpan octets, std::uint32_t baud) {
  Advance();
  const TimePoint now = clock_.Now();
  for (const std::uint8_t octet : octets) {
    if (!rx_cut_) chip_.from_host().Send(now, octet, baud);
    if (joined_) chip_.to_host().Send(now, octet, baud);
  }
  octets_sent_ += octets.size();
}

std::optional<TimePoint> HostSide::NextArrival() const {
  return chip_.to_host().NextArrival(baud_);
}

TimePoint HostSide::NextEvent() const {
  return std::min(chip_.NextEvent(), NextArrival().value_or(TimePoint::max()));
}

std::unique_ptr<SerialPort> MakeSimulatedSerialPort(HostSide& host) {
  return std::make_unique<SimulatedSerialPort>(host);
}

std::unique_ptr<BoardLines> MakeSimulatedLines(HostSide& host) {
  return std::make_unique<SimulatedLines>(host);
}

}  // namespace lastgood::sim
