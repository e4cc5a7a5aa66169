// SPDX-License-Identifier: MIT
#include "support/fake_serial_port.h"

#include <algorithm>
#include <utility>

namespace lastgood::test {

Result<void> FakeSerialPort::CheckThere() const {
  if (vanished_) return Fail(ExitCode::kBoard, "serial port '/dev/fake' vanished");
  return {};
}

void FakeSerialPort::Arrive(Bytes octets, std::chrono::microseconds delay) {
  if (octets.empty()) return;
  Arrival arrival{clock_.Now() + delay, std::move(octets)};
  const auto later = [](const Arrival& a, const Arrival& b) { return a.when < b.when; };
  arrivals_.insert(std::upper_bound(arrivals_.begin(), arrivals_.end(), arrival, later),
                   std::move(arrival));
}

Result<std::size_t> FakeSerialPort::Read(std::span<std::uint8_t> buffer,
                                         std::chrono::milliseconds timeout) {
  TRY_DO(CheckThere());
  const TimePoint deadline = clock_.Now() + timeout;
  if (arrivals_.empty() || arrivals_.front().when > deadline) {
    clock_.SleepUntil(deadline);
    return std::size_t{0};
  }
  clock_.SleepUntil(arrivals_.front().when);
  Bytes& octets = arrivals_.front().octets;
  const std::size_t count = std::min(buffer.size(), octets.size());
  std::copy_n(octets.begin(), count, buffer.begin());
  octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(count));
  if (octets.empty()) arrivals_.pop_front();
  return count;
}

Result<void> FakeSerialPort::Write(ByteSpan data) {
  TRY_DO(CheckThere());
  Append(written, data);
  if (on_write) Arrive(on_write(data), answer_delay);
  return {};
}

Result<void> FakeSerialPort::Drain() { return CheckThere(); }

Result<void> FakeSerialPort::SetBaudRate(std::uint32_t baud) {
  TRY_DO(CheckThere());
  if (baud == refused_baud_)
    return Fail(ExitCode::kBoard, "serial port '/dev/fake' can not run at this rate");
  baud_rates.push_back(baud);
  return {};
}

Result<void> FakeSerialPort::DiscardInput() {
  TRY_DO(CheckThere());
  ++discards;
  while (!arrivals_.empty() && arrivals_.front().when <= clock_.Now()) arrivals_.pop_front();
  return {};
}

}  // namespace lastgood::test
