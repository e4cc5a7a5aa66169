// SPDX-License-Identifier: MIT
#include "flash/flash_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "digest/digest.h"
#include "flash/slip.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kPieceSize = 65536;
constexpr std::uint32_t kPacketSize = 0x1000;
// The first generation counts octets in flight, the second sends packet by packet whatever it is
// told.
constexpr std::uint32_t kWindow = 8 * kPacketSize;
constexpr std::uint32_t kSlowSize = 64;  // what a ROM reads at once
constexpr int kAttempts = 3;             // of a piece

}  // namespace

Result<Bytes> FlashReader::Read(std::uint32_t offset, std::uint32_t size_bytes,
                                const WriteProgress& progress) {
  Bytes content;
  content.reserve(size_bytes);
  while (content.size() < size_bytes) {
    if (progress) progress(content.size(), size_bytes);
    const auto done = static_cast<std::uint32_t>(content.size());
    const std::uint32_t size = std::min(kPieceSize, size_bytes - done);
    for (int attempt = 1;; ++attempt) {
      Bytes piece;
      TRY(const Failure failure, ReadPiece(offset + done, size, piece));
      if (!failure) {
        Append(content, piece);
        break;
      }
      if (attempt == kAttempts) {
        return Fail(ExitCode::kBoard,
                    fmt::format("cannot read the flash on '{}' at {} baud: {} (attempt {})",
                                session_.link().serial_port().Name(), session_.link().baud(),
                                *failure, attempt),
                    "try a lower baud rate; check the wires");
      }
      TRY_DO(session_.Recover());
    }
  }
  if (progress) progress(size_bytes, size_bytes);
  return content;
}

Result<Failure> FlashReader::ReadPiece(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out) {
  if (session_.stub()) return Stream(offset, size_bytes, out);
  TRY(const Failure failure, AskForAll(offset, size_bytes, out));
  if (failure) return failure;
  TRY(const std::optional<Md5Digest> digest, session_.Digest(offset, size_bytes));
  if (digest == Md5(out)) return Failure();
  return Failure(fmt::format("what came from 0x{:x} has another digest", offset));
}

// The stub's own digest of what it sent ends the stream.
Result<Failure> FlashReader::Stream(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out) {
  LoaderLink& link = session_.link();
  TRY(const Failure failure, session_.Ask(WordsRequest(LoaderOpcode::kReadFlash,
                                                       {offset, size_bytes, kPacketSize, kWindow}),
                                          kReplyTimeout, fmt::format("reading at 0x{:x}", offset)));
  if (failure) return failure;
  while (out.size() < size_bytes) {
    TRY(const std::optional<Bytes> packet, link.AwaitFrame(kReplyTimeout));
    const std::size_t expected = std::min<std::size_t>(kPacketSize, size_bytes - out.size());
    if (!packet || packet->size() != expected)
      return Failure(fmt::format("octets are missing at 0x{:x}", offset + out.size()));
    Append(out, *packet);
    Bytes received;
    AppendLe32(received, static_cast<std::uint32_t>(out.size()));
    TRY_DO(link.Post(SlipFrame(received)));
  }
  TRY(const std::optional<Bytes> digest, link.AwaitFrame(kReplyTimeout));
  const Md5Digest expected = Md5(out);
  if (digest &&
      std::equal(digest->begin(), digest->end(), expected.octets.begin(), expected.octets.end()))
    return Failure();
  return Failure(fmt::format("what came from 0x{:x} has another digest", offset));
}

Result<Failure> FlashReader::AskForAll(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out) {
  while (out.size() < size_bytes) {
    const auto at = static_cast<std::uint32_t>(out.size());
    const std::uint32_t size = std::min(kSlowSize, size_bytes - at);
    TRY(const std::optional<LoaderReply> reply,
        session_.link().Exchange(WordsRequest(LoaderOpcode::kReadFlashSlowly, {offset + at, size}),
                                 kReplyTimeout));
    if (!reply || reply->failed || reply->payload.size() < size)
      return Failure(fmt::format("reading at 0x{:x} was not answered", offset + at));
    Append(out, ByteSpan(reply->payload).first(size));
  }
  return Failure();
}

}  // namespace lastgood
