// SPDX-License-Identifier: MIT
#include "capture/replay_wires.h"

#include <fmt/format.h>

#include <algorithm>

#include "capture/capture_text.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

bool IsStep(WireEventKind kind) {
  return kind == WireEventKind::kSent || kind == WireEventKind::kRate ||
         kind == WireEventKind::kReset;
}

// As the capture's file has it, without the time.
std::string Describe(WireEvent event) {
  event.octets.resize(std::min<std::size_t>(event.octets.size(), 40));
  std::string line = FormatWireEvent(event);
  line = line.substr(0, line.find('\n'));
  return line.substr(line.find(' ') + 1);
}

WireEvent Event(WireEventKind kind) {
  WireEvent event;
  event.kind = kind;
  return event;
}

}  // namespace

ReplayScript::ReplayScript(std::span<const WireEvent> events, Clock& clock)
    : events_(events), clock_(clock), step_now_(clock.Now()) {
  if (!events_.empty()) step_then_ = events_.front().at;
}

bool ReplayScript::SaysNext() {
  while (next_ < events_.size() && events_[next_].kind != WireEventKind::kHeard &&
         !IsStep(events_[next_].kind))
    ++next_;
  return next_ < events_.size() && events_[next_].kind == WireEventKind::kHeard;
}

void ReplayScript::TakeHeard() { Append(there_, events_[next_++].octets); }

Result<const WireEvent*> ReplayScript::TakeStep(const WireEvent& now) {
  if (divergence_) return Fail(ExitCode::kBoard, *divergence_);
  while (SaysNext()) TakeHeard();
  if (next_ == events_.size()) return Diverge(now, nullptr);
  const WireEvent& then = events_[next_];
  if (then.kind != now.kind) return Diverge(now, &then);
  return &then;
}

void ReplayScript::Done() {
  step_now_ = clock_.Now();
  step_then_ = events_[next_++].at;
  sent_ = 0;
}

tl::unexpected<Error> ReplayScript::Diverge(const WireEvent& now, const WireEvent* then) {
  const double at = std::chrono::duration<double>(then != nullptr ? then->at : step_then_).count();
  divergence_ = then != nullptr ? fmt::format("at {:.3f} s it has {}, and now it would be {}", at,
                                              Describe(*then), Describe(now))
                                : fmt::format("it ends after {:.3f} s, and now there would be {}",
                                              at, Describe(now));
  return Fail(ExitCode::kBoard, *divergence_);
}

std::size_t ReplayScript::Hear(std::span<std::uint8_t> buffer, milliseconds timeout) {
  if (taken_ == there_.size()) {
    there_.clear();
    taken_ = 0;
    const TimePoint until = clock_.Now() + timeout;
    clock_.SleepUntil(SaysNext() ? std::min(DueAt(events_[next_]), until) : until);
    while (SaysNext() && DueAt(events_[next_]) <= clock_.Now()) TakeHeard();
  }
  const std::size_t size = std::min(buffer.size(), there_.size() - taken_);
  std::copy_n(there_.begin() + static_cast<std::ptrdiff_t>(taken_), size, buffer.begin());
  taken_ += size;
  return size;
}

Result<void> ReplayScript::Send(ByteSpan data) {
  while (!data.empty()) {
    WireEvent now = Event(WireEventKind::kSent);
    now.octets.assign(data.begin(), data.end());
    TRY(const WireEvent* then, TakeStep(now));
    const ByteSpan rest = ByteSpan(then->octets).subspan(sent_);
    const std::size_t size = std::min(rest.size(), data.size());
    if (!std::equal(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size), rest.begin()))
      return Diverge(now, then);
    data = data.subspan(size);
    sent_ += size;
    if (sent_ == then->octets.size()) Done();
  }
  return {};
}

Result<void> ReplayScript::SetRate(std::uint32_t baud) {
  while (SaysNext()) TakeHeard();
  if (next_ == events_.size() || events_[next_].kind != WireEventKind::kRate ||
      events_[next_].baud != baud)
    return Fail(ExitCode::kBoard, fmt::format("the capture does not go on at {} baud", baud));
  Done();
  return {};
}

Result<void> ReplayScript::Reset(bool to_download) {
  WireEvent now = Event(WireEventKind::kReset);
  now.to_download = to_download;
  TRY(const WireEvent* then, TakeStep(now));
  if (then->to_download != to_download) return Diverge(now, then);
  Done();
  for (std::size_t i = next_; i < events_.size() && !IsStep(events_[i].kind); ++i)
    if (events_[i].kind == WireEventKind::kResetDone) clock_.SleepUntil(DueAt(events_[i]));
  return {};
}

Result<std::size_t> ReplaySerialPort::Read(std::span<std::uint8_t> buffer, milliseconds timeout) {
  return script_.Hear(buffer, timeout);
}

Result<void> ReplaySerialPort::Write(ByteSpan data) {
  TRY_DO(script_.Send(data));
  constexpr std::int64_t kBitsOfOctet = 10;
  const auto takes = std::chrono::nanoseconds(std::chrono::seconds(1)) *
                     static_cast<std::int64_t>(data.size()) * kBitsOfOctet / baud_;
  sent_at_ = std::max(sent_at_, script_.clock().Now()) + takes;
  return {};
}

Result<void> ReplaySerialPort::Drain() {
  script_.clock().SleepUntil(sent_at_);
  return {};
}

Result<void> ReplaySerialPort::SetBaudRate(std::uint32_t baud) {
  TRY_DO(script_.SetRate(baud));
  baud_ = baud;
  return {};
}

Result<void> ReplayLines::Reset(BoardMode mode, int) {
  return script_.Reset(mode == BoardMode::kDownload);
}

}  // namespace lastgood
