// SPDX-License-Identifier: MIT
#include "flash/rom_link.h"

#include <algorithm>
#include <array>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

// A reply has 10 octets (14 on later chips); a request of ours that comes back while syncing, 44.
constexpr std::size_t kFrameMax = 256;
constexpr std::size_t kNoiseMax = 8192;
constexpr int kForeignFramesMax = 100;
// More than any loader says in answer to one request, less than a chattering line says in a while.
constexpr std::size_t kOctetsPerAnswerMax = 256 * 1024;
constexpr milliseconds kSlice{100};  // how long an interrupt may go unnoticed
// Longer than the gaps between replies, a USB adapter's 16 ms of gathering included.
constexpr milliseconds kQuiet{20};
constexpr milliseconds kSettleMax{500};

}  // namespace

RomLink::RomLink(SerialPort& serial_port, Clock& clock, std::uint32_t baud,
                 const Interrupt& interrupt)
    : serial_port_(serial_port),
      clock_(clock),
      baud_(baud),
      interrupt_(interrupt),
      decoder_(kFrameMax, kNoiseMax) {}

milliseconds RomLink::WireTime(std::size_t octets) const {
  return milliseconds(octets * 10 * 1000 / std::max(baud_, 1U) + 1);
}

Result<void> RomLink::Send(const RomRequest& request, int copies) {
  const Bytes frame = SlipFrame(request.Encode());
  Bytes octets;
  for (int i = 0; i < copies; ++i) Append(octets, frame);
  return serial_port_.Write(octets);
}

Result<std::optional<RomReply>> RomLink::Exchange(const RomRequest& request, milliseconds timeout) {
  TRY_DO(Send(request, 1));
  return Await(request.opcode, timeout + WireTime(request.data.size()));
}

std::optional<RomReply> RomLink::NextReply() {
  while (std::optional<Bytes> frame = decoder_.NextFrame()) {
    if (std::optional<RomReply> reply = ParseReply(*frame)) return reply;
    if (LooksLikeRequest(*frame)) heard_own_frames_ = true;
    decoder_.AddNoise(*frame);
  }
  return std::nullopt;
}

Result<std::size_t> RomLink::ReadSome(milliseconds timeout) {
  TRY_DO(interrupt_.Check());
  std::array<std::uint8_t, 512> buffer;
  TRY(const std::size_t count, serial_port_.Read(buffer, std::min(timeout, kSlice)));
  decoder_.Feed(ByteSpan(buffer).first(count));
  return count;
}

Result<std::optional<RomReply>> RomLink::Await(RomOpcode opcode, milliseconds timeout) {
  const Deadline deadline(clock_, timeout);
  int foreign = 0;
  std::size_t octets = 0;
  for (;;) {
    while (std::optional<RomReply> reply = NextReply()) {
      if (reply->Answers(opcode)) return reply;
      if (++foreign == kForeignFramesMax) return std::optional<RomReply>();
    }
    if (deadline.Expired() || octets > kOctetsPerAnswerMax) return std::optional<RomReply>();
    TRY(const std::size_t count, ReadSome(deadline.Remaining()));
    octets += count;
  }
}

Result<bool> RomLink::Synchronise(int tries) {
  for (int i = 0; i < tries; ++i) {
    TRY_DO(Send(SyncRequest(), i == 0 ? 2 : 1));
    TRY(const std::optional<RomReply> reply, Await(RomOpcode::kSync, kSyncTimeout));
    if (!reply || reply->failed) continue;
    TRY_DO(Settle());
    // A stub loader still runs, so there was no reset; its flash commands mean other things.
    heard_stub_ = reply->value == 0;
    if (!heard_stub_) return true;
  }
  return false;
}

Result<void> RomLink::Settle() {
  const Deadline deadline(clock_, kSettleMax);
  while (!deadline.Expired()) {
    TRY(const std::size_t count, ReadSome(kQuiet));
    while (NextReply()) {
    }
    if (count == 0) break;
  }
  return {};
}

Result<void> RomLink::Forget() {
  decoder_.Clear();
  heard_own_frames_ = false;
  heard_stub_ = false;
  return serial_port_.DiscardInput();
}

}  // namespace lastgood
