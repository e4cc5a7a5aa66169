// SPDX-License-Identifier: MIT
// Flash content to the host (protocol reference, section 10), piece by piece, each checked against
// the chip's digest and read again when it differs.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "flash/esp_loader.h"
#include "flash/loader_session.h"

namespace lastgood {

class FlashReader {
 public:
  // Precondition: the session's loader digests.
  explicit FlashReader(LoaderSession& session) : session_(session) {}

  Result<Bytes> Read(std::uint32_t offset, std::uint32_t size_bytes, const WriteProgress& progress);

 private:
  Result<Failure> ReadPiece(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out);
  Result<Failure> Stream(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out);
  Result<Failure> AskForAll(std::uint32_t offset, std::uint32_t size_bytes, Bytes& out);

  LoaderSession& session_;
};

}  // namespace lastgood
