// SPDX-License-Identifier: MIT
// Zstandard in both directions, piece by piece and in bounded memory. The only file that knows
// libzstd is its .cc.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

// The plain octets of a compressed file.
class ZstdReader {
 public:
  // kUsage when there is no such file or it cannot be read.
  static Result<ZstdReader> Open(const std::filesystem::path& path);
  ~ZstdReader();
  ZstdReader(ZstdReader&&) noexcept;
  ZstdReader& operator=(ZstdReader&&) noexcept;

  // Fills `out` from its beginning; less than the whole of it only at the end. kNotTrusted: no
  // Zstandard, damaged, cut off, or in need of more memory than 8 MiB to look back; kInternal: the
  // disk fails.
  Result<std::size_t> Read(std::span<std::uint8_t> out);

 private:
  struct State;
  explicit ZstdReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Takes compressed octets.
using ZstdOutput = std::function<Result<void>(ByteSpan)>;

// The same octets in the same pieces always give the same file (of one version of libzstd).
class ZstdWriter {
 public:
  explicit ZstdWriter(ZstdOutput output);
  ~ZstdWriter();
  ZstdWriter(ZstdWriter&&) noexcept;
  ZstdWriter& operator=(ZstdWriter&&) noexcept;

  // The output's errors; kInternal when there is no memory.
  Result<void> Write(ByteSpan plain);
  Result<void> Finish();  // once, last

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lastgood
