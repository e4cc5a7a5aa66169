// SPDX-License-Identifier: MIT
#include "flash/stream_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "flash/deflate.h"
#include "flash/slip.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kStubBlockSize = 0x4000;
constexpr std::uint32_t kRomBlockSize = 0x400;
// A last block that holds the end of the stream and no data is refused when it is longer than a
// checksum, so the block before it leaves it some data.
constexpr std::size_t kLastBlockMin = 64;
// How much more than its share a block may hold, where the content is uneven.
constexpr std::uint64_t kUnevenness = 4;
constexpr std::uint32_t kStay = 1;

std::string At(const char* what, const FlashRange& range) {
  return fmt::format("{} at 0x{:x}", what, range.offset);
}

}  // namespace

RunStream::RunStream(const FlashRange& range, ByteSpan content, bool stub)
    : range_(range),
      content_(content),
      compressed_(Deflate(content)),
      block_size_(stub ? kStubBlockSize : kRomBlockSize) {
  const std::size_t size = Octets().size();
  for (std::size_t at = 0; at < size;) {
    std::size_t length = std::min<std::size_t>(block_size_, size - at);
    const std::size_t left = size - at - length;
    if (compressed_ && left > 0 && left < kLastBlockMin) length -= kLastBlockMin;
    cuts_.push_back({at, length});
    at += length;
  }
}

LoaderRequest RunStream::Begin(bool encryption_word) const {
  LoaderRequest request =
      WordsRequest(compressed_ ? LoaderOpcode::kDeflateBegin : LoaderOpcode::kFlashBegin,
                   {size_bytes(), blocks(), block_size_, range_.offset});
  if (encryption_word) AppendLe32(request.data, 0);
  return request;
}

LoaderRequest RunStream::Block(std::uint32_t index) const {
  const Cut& cut = cuts_[index];
  return DataRequest(block_opcode(), Octets().subspan(cut.begin, cut.size), index);
}

LoaderRequest RunStream::End() const {
  return WordsRequest(compressed_ ? LoaderOpcode::kDeflateEnd : LoaderOpcode::kFlashEnd, {kStay});
}

std::uint32_t RunStream::BytesAfter(std::uint32_t index) const {
  const Cut& cut = cuts_[index];
  const std::uint64_t sent = cut.begin + cut.size;
  return static_cast<std::uint32_t>(sent * content_.size() / Octets().size());
}

milliseconds RunStream::BlockTimeout() const {
  const std::uint64_t share = content_.size() / std::max<std::uint64_t>(blocks(), 1);
  const std::uint64_t bytes = std::min<std::uint64_t>(content_.size(), kUnevenness * share);
  return EraseTimeout(bytes + kFlashBlockSize);  // a whole block is erased at once
}

Result<Failure> StreamWriter::Write(const FlashRange& range, ByteSpan content,
                                    const AfterBlock& after_block) {
  const RunStream stream(range, content, session_.stub());
  // A ROM erases before it answers.
  const milliseconds begin_timeout =
      session_.stub() ? kReplyTimeout : EraseTimeout(range.size_bytes);
  const bool encryption_word = !session_.stub() && session_.row().begin_has_encryption;
  TRY(Failure failure,
      session_.Ask(stream.Begin(encryption_word), begin_timeout, At("starting to write", range)));
  if (failure) return failure;
  TRY(failure, SendBlocks(stream, range, after_block));
  // A ROM would leave its loader, and has done its work when it answers.
  if (failure || !session_.stub()) return failure;
  return session_.Ask(stream.End(), stream.BlockTimeout(), At("ending the write", range));
}

Result<Failure> StreamWriter::SendBlocks(const RunStream& stream, const FlashRange& range,
                                         const AfterBlock& after_block) {
  LoaderLink& link = session_.link();
  Bytes framed = SlipFrame(stream.Block(0).Encode());
  for (std::uint32_t i = 0; i < stream.blocks(); ++i) {
    TRY_DO(link.interrupt().Check());
    TRY_DO(link.Post(framed));
    const milliseconds timeout = stream.BlockTimeout() + link.WireTime(framed.size());
    if (i + 1 < stream.blocks()) framed = SlipFrame(stream.Block(i + 1).Encode());
    TRY(const std::optional<LoaderReply> reply, link.Await(stream.block_opcode(), timeout));
    const std::uint32_t at = range.offset + (i == 0 ? 0 : stream.BytesAfter(i - 1));
    if (!reply) return Failure(fmt::format("writing near 0x{:x} was not answered", at));
    if (reply->failed) {
      return Failure(
          fmt::format("writing near 0x{:x} failed: {}", at, DescribeLoaderError(reply->error)));
    }
    after_block(stream.BytesAfter(i));
  }
  return Failure();
}

Result<Failure> StreamWriter::Erase(const FlashRange& range) {
  const bool encryption_word = session_.row().begin_has_encryption;
  LoaderRequest request =
      session_.stub() ? WordsRequest(LoaderOpcode::kEraseRegion, {range.offset, range.size_bytes})
                      : FlashBeginRequest(range.size_bytes, 0, kRomBlockSize, range.offset);
  if (!session_.stub() && encryption_word) AppendLe32(request.data, 0);
  return session_.Ask(request, EraseTimeout(range.size_bytes), At("erasing", range));
}

}  // namespace lastgood
