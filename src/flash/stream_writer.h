// SPDX-License-Identifier: MIT
// One run of sectors into the flash, as one stream of blocks (protocol reference, 5.3, 5.4 and 10).
// One block is on its way at a time and the next is framed meanwhile: a loader works on a block
// while it receives another, has room for two, and ignores sequence numbers, so that more in flight
// gains 1 to 3 % and a lost octet would go unnoticed for longer. Whatever goes wrong ends the
// stream; a block is never sent twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "flash/loader_session.h"
#include "flash/write_runs.h"

namespace lastgood {

// The stream of a run, ready to be cut into blocks; what is sent and what the estimate counts.
class RunStream {
 public:
  // `content` must outlive it when it does not get smaller by compression.
  RunStream(const FlashRange& range, ByteSpan content, bool stub);

  std::uint32_t blocks() const { return static_cast<std::uint32_t>(cuts_.size()); }
  std::uint32_t size_bytes() const { return static_cast<std::uint32_t>(content_.size()); }
  LoaderOpcode block_opcode() const {
    return compressed_ ? LoaderOpcode::kDeflateData : LoaderOpcode::kFlashData;
  }
  // `encryption_word`: the ROMs of the later chips want a fifth one.
  LoaderRequest Begin(bool encryption_word) const;
  LoaderRequest Block(std::uint32_t index) const;
  LoaderRequest End() const;  // and stay in the loader
  // How much of the run's content has been sent with this block, about.
  std::uint32_t BytesAfter(std::uint32_t index) const;
  // For the answer to a block: it may wait until the block before it is in the flash.
  std::chrono::milliseconds BlockTimeout() const;

 private:
  struct Cut {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  ByteSpan Octets() const { return compressed_ ? ByteSpan(*compressed_) : content_; }

  FlashRange range_;
  ByteSpan content_;
  std::optional<Bytes> compressed_;
  std::uint32_t block_size_;
  std::vector<Cut> cuts_;
};

class StreamWriter {
 public:
  // bytes of the run's content that have been sent
  using AfterBlock = std::function<void(std::uint32_t)>;

  explicit StreamWriter(LoaderSession& session) : session_(session) {}

  // The run's sectors are erased and written; done means in the flash.
  Result<Failure> Write(const FlashRange& range, ByteSpan content, const AfterBlock& after_block);
  Result<Failure> Erase(const FlashRange& range);

 private:
  Result<Failure> SendBlocks(const RunStream& stream, const FlashRange& range,
                             const AfterBlock& after_block);

  LoaderSession& session_;
};

}  // namespace lastgood
