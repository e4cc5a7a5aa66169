// SPDX-License-Identifier: MIT
#include "flash/loader_link.h"

#include <algorithm>
#include <array>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

// A stub sends flash content in frames of up to 4096 octets, each of which may be escaped.
constexpr std::size_t kFrameMax = 2 * 4096 + 64;
constexpr std::size_t kNoiseMax = 8192;
constexpr int kForeignFramesMax = 100;
// More than any loader says in answer to one request, less than a chattering line says in a while.
constexpr std::size_t kOctetsPerAnswerMax = 256 * 1024;
constexpr milliseconds kSlice{100};  // how long an interrupt may go unnoticed
// Longer than the gaps between replies, a USB adapter's 16 ms of gathering included.
constexpr milliseconds kQuiet{20};
constexpr milliseconds kSettleMax{500};
constexpr int kSyncReplies = 8;

}  // namespace

LoaderLink::LoaderLink(SerialPort& serial_port, Clock& clock, std::uint32_t baud,
                       const Interrupt& interrupt)
    : serial_port_(serial_port),
      clock_(clock),
      baud_(baud),
      interrupt_(interrupt),
      decoder_(kFrameMax, kNoiseMax) {}

milliseconds LoaderLink::WireTime(std::size_t octets) const {
  return milliseconds(octets * 10 * 1000 / std::max(baud_, 1U) + 1);
}

Result<void> LoaderLink::Post(ByteSpan framed) {
  octets_sent_ += framed.size();
  return serial_port_.Write(framed);
}

Result<std::optional<LoaderReply>> LoaderLink::Exchange(const LoaderRequest& request,
                                                        milliseconds timeout) {
  const Bytes framed = SlipFrame(request.Encode());
  TRY_DO(Post(framed));
  return Await(request.opcode, timeout + WireTime(framed.size()));
}

std::optional<LoaderReply> LoaderLink::NextReply() {
  while (std::optional<Bytes> frame = decoder_.NextFrame()) {
    if (std::optional<LoaderReply> reply = ParseReply(*frame)) return reply;
    if (LooksLikeRequest(*frame)) heard_own_frames_ = true;
    decoder_.AddNoise(*frame);
  }
  return std::nullopt;
}

Result<std::size_t> LoaderLink::ReadSome(milliseconds timeout) {
  TRY_DO(interrupt_.Check());
  std::array<std::uint8_t, 512> buffer;
  TRY(const std::size_t count, serial_port_.Read(buffer, std::min(timeout, kSlice)));
  decoder_.Feed(ByteSpan(buffer).first(count));
  return count;
}

Result<std::optional<LoaderReply>> LoaderLink::Await(LoaderOpcode opcode, milliseconds timeout) {
  const Deadline deadline(clock_, timeout);
  int foreign = 0;
  std::size_t octets = 0;
  for (;;) {
    while (std::optional<LoaderReply> reply = NextReply()) {
      if (reply->Answers(opcode)) return reply;
      if (++foreign == kForeignFramesMax) return std::optional<LoaderReply>();
    }
    if (deadline.Expired() || octets > kOctetsPerAnswerMax) return std::optional<LoaderReply>();
    TRY(const std::size_t count, ReadSome(deadline.Remaining()));
    octets += count;
  }
}

Result<std::optional<Bytes>> LoaderLink::AwaitFrame(milliseconds timeout) {
  const Deadline deadline(clock_, timeout);
  std::size_t octets = 0;
  for (;;) {
    while (std::optional<Bytes> frame = decoder_.NextFrame())
      if (!ParseReply(*frame)) return frame;
    if (deadline.Expired() || octets > kOctetsPerAnswerMax) return std::optional<Bytes>();
    TRY(const std::size_t count, ReadSome(deadline.Remaining()));
    octets += count;
  }
}

Result<Answerer> LoaderLink::Synchronise(int tries) {
  const Bytes once = SlipFrame(SyncRequest().Encode());
  Bytes twice = once;
  Append(twice, once);
  for (int i = 0; i < tries; ++i) {
    const Bytes& framed = i == 0 ? twice : once;
    TRY_DO(Post(framed));
    TRY(const std::optional<LoaderReply> reply,
        Await(LoaderOpcode::kSync, kSyncTimeout + WireTime(framed.size())));
    if (!reply || reply->failed) continue;
    TRY_DO(SwallowSyncReplies());
    heard_stub_ = reply->value == 0;
    return heard_stub_ ? Answerer::kStub : Answerer::kRom;
  }
  return Answerer::kNobody;
}

// Later ones, if any, are skipped: they answer nothing that is asked.
Result<void> LoaderLink::SwallowSyncReplies() {
  const Deadline deadline(clock_, kSettleMax);
  for (int left = kSyncReplies - 1; left > 0 && !deadline.Expired();) {
    while (const std::optional<LoaderReply> reply = NextReply())
      if (reply->opcode == static_cast<std::uint8_t>(LoaderOpcode::kSync)) --left;
    if (left <= 0) break;
    TRY(const std::size_t count, ReadSome(kQuiet));
    if (count == 0) break;
  }
  return {};
}

Result<void> LoaderLink::SetBaudRate(std::uint32_t baud) {
  TRY_DO(serial_port_.SetBaudRate(baud));
  baud_ = baud;
  return {};
}

Result<void> LoaderLink::Settle() {
  const Deadline deadline(clock_, kSettleMax);
  while (!deadline.Expired()) {
    TRY(const std::size_t count, ReadSome(kQuiet));
    while (NextReply()) {
    }
    if (count == 0) break;
  }
  return {};
}

Result<void> LoaderLink::Forget() {
  decoder_.Clear();
  heard_own_frames_ = false;
  heard_stub_ = false;
  return serial_port_.DiscardInput();
}

}  // namespace lastgood
