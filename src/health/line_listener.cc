// SPDX-License-Identifier: MIT
#include "health/line_listener.h"

#include <algorithm>
#include <array>

#include "health/readable_text.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterruptCheck{100};
constexpr std::size_t kSinceMarkMax = 64 * 1024;
constexpr std::size_t kNoiseWindow = 32;
constexpr std::size_t kNoiseUnreadable = 10;
constexpr std::size_t kPieceSize = 128;
constexpr milliseconds kPieceGap{10};
constexpr std::size_t kSentKept = 256;

void KeepTail(std::string& text, std::size_t size_max) {
  if (text.size() > size_max) text.erase(0, text.size() - size_max);
}

}  // namespace

Result<void> LineListener::SetRate(std::uint32_t baud) {
  TRY_DO(serial_port_.SetBaudRate(baud));
  rate_ = baud;
  last_heard_.clear();
  return {};
}

Result<void> LineListener::Send(std::string_view text) {
  sent_ += text.substr(0, kSentKept - sent_.size());
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kPieceSize);
    TRY_DO(serial_port_.Write(AsBytes(piece)));
    TRY_DO(serial_port_.Drain());
    text.remove_prefix(piece.size());
    if (!text.empty()) TRY_DO(Pause(kPieceGap));
  }
  return {};
}

Result<std::size_t> LineListener::Hear(milliseconds wait) {
  std::array<std::uint8_t, 1024> buffer;
  const Deadline deadline(clock_, wait);
  do {
    TRY_DO(interrupt_.Check());
    TRY(const std::size_t size,
        serial_port_.Read(buffer, std::min(deadline.Remaining(), kInterruptCheck)));
    if (size > 0) {
      Keep(ByteSpan(buffer).first(size));
      return size;
    }
  } while (!deadline.Expired());
  return 0;
}

Result<bool> LineListener::HearUntilQuiet(milliseconds quiet, milliseconds limit) {
  const Deadline deadline(clock_, limit);
  while (!deadline.Expired()) {
    TRY(const std::size_t size, Hear(quiet));
    if (size == 0) return true;
  }
  return false;
}

Result<bool> LineListener::WaitFor(std::string_view text, milliseconds limit) {
  const Deadline deadline(clock_, limit);
  while (since_mark_.find(text) == std::string::npos) {
    if (deadline.Expired()) return false;
    TRY_DO(Hear(deadline.Remaining()));
  }
  return true;
}

Result<void> LineListener::Pause(milliseconds duration) {
  const Deadline deadline(clock_, duration);
  while (!deadline.Expired()) TRY_DO(Hear(deadline.Remaining()));
  return {};
}

bool LineListener::HearsNoise() const {
  return Measure(last_heard_).unreadable >= kNoiseUnreadable;
}

void LineListener::Keep(ByteSpan heard) {
  const std::string_view text = AsText(heard);
  transcript_.Add(heard);
  since_mark_ += text;
  KeepTail(since_mark_, kSinceMarkMax);
  last_heard_ += text;
  KeepTail(last_heard_, kNoiseWindow);
}

}  // namespace lastgood
