// SPDX-License-Identifier: MIT
#include "sim/wire.h"

#include <algorithm>

namespace lastgood::sim {
namespace {

constexpr unsigned kBitsPerFrame = 10;
constexpr unsigned kStopBit = 9;

std::chrono::nanoseconds HalfBits(unsigned count, std::uint32_t baud) {
  return std::chrono::nanoseconds(count * 500'000'000ULL / baud);
}

}  // namespace

std::chrono::nanoseconds OctetTime(std::uint32_t baud) { return HalfBits(2 * kBitsPerFrame, baud); }

bool Wire::Level(const Frame& frame, unsigned bit) {
  const unsigned levels = 1U << kStopBit | static_cast<unsigned>(frame.octet) << 1;
  return (levels >> bit & 1) != 0;
}

void Wire::Send(TimePoint now, std::uint8_t octet, std::uint32_t baud) {
  const TimePoint start = std::max(now, idle_from_);
  idle_from_ = start + OctetTime(baud);
  frames_.push_back({start, idle_from_, baud, octet, true});
}

void Wire::CutOff(TimePoint now) {
  while (!frames_.empty() && frames_.back().start >= now) frames_.pop_back();
  if (!frames_.empty() && frames_.back().end > now) {
    frames_.back().end = now;
    frames_.back().whole = false;
  }
  idle_from_ = std::min(idle_from_, now);
}

void Wire::Retime(TimePoint now, std::uint32_t baud) {
  auto first = std::find_if(frames_.begin(), frames_.end(),
                            [now](const Frame& frame) { return frame.start > now; });
  if (first == frames_.end()) return;
  TimePoint start = first->start;
  for (; first != frames_.end(); ++first) {
    first->baud = baud;
    first->start = start;
    first->end = start += OctetTime(baud);
  }
  idle_from_ = start;
}

void Wire::ListenFrom(TimePoint at) {
  listen_from_ = at;
  ForgetHeard();
}

void Wire::ForgetHeard() {
  while (!frames_.empty() && frames_.front().end <= listen_from_) frames_.pop_front();
}

bool Wire::LevelAt(TimePoint when) const {
  for (const Frame& frame : frames_) {
    if (when < frame.start) return true;
    if (when >= frame.end) continue;
    const auto into = static_cast<std::uint64_t>((when - frame.start).count());
    return Level(frame, static_cast<unsigned>(into * frame.baud / 1'000'000'000U));
  }
  return true;
}

std::optional<Wire::FallingEdge> Wire::FirstFallingEdge() const {
  for (const Frame& frame : frames_) {
    if (frame.start >= listen_from_) return FallingEdge{frame.start, &frame};
    for (unsigned bit = 1; bit < kStopBit; ++bit) {
      const TimePoint at = frame.start + HalfBits(2 * bit, frame.baud);
      if (at < listen_from_ || at >= frame.end) continue;
      if (Level(frame, bit - 1) && !Level(frame, bit)) return FallingEdge{at, nullptr};
    }
  }
  return std::nullopt;
}

std::optional<Wire::Reception> Wire::Receive(TimePoint until, std::uint32_t baud) {
  while (const auto edge = FirstFallingEdge()) {
    const TimePoint done = edge->at + OctetTime(baud);
    if (done > until) return std::nullopt;
    const Frame* frame = edge->at_start_of;
    std::uint8_t octet = 0;
    if (frame != nullptr && frame->baud == baud && frame->whole) {
      octet = frame->octet;
    } else {
      if (LevelAt(edge->at + HalfBits(1, baud))) {  // too short for a start bit
        ListenFrom(edge->at + HalfBits(1, baud));
        continue;
      }
      for (unsigned bit = 0; bit < 8; ++bit) {
        if (LevelAt(edge->at + HalfBits(2 * bit + 3, baud)))
          octet = static_cast<std::uint8_t>(octet | 1U << bit);
      }
    }
    ListenFrom(edge->at + HalfBits(2 * kStopBit + 1, baud));
    return Reception{done, octet};
  }
  return std::nullopt;
}

std::optional<TimePoint> Wire::NextArrival(std::uint32_t baud) const {
  const auto edge = FirstFallingEdge();
  if (!edge) return std::nullopt;
  return edge->at + OctetTime(baud);
}

std::optional<Wire::Edge> Wire::EdgeSinceListening(unsigned number) const {
  for (const Frame& frame : frames_) {
    bool level = true;
    for (unsigned bit = 0; bit < kBitsPerFrame; ++bit) {
      const bool next = Level(frame, bit);
      const TimePoint at = frame.start + HalfBits(2 * bit, frame.baud);
      const bool counts = next != level && at >= listen_from_ && at < frame.end;
      level = next;
      if (counts && --number == 0) return Edge{at, frame.baud};
    }
  }
  return std::nullopt;
}

}  // namespace lastgood::sim
