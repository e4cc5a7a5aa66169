// SPDX-License-Identifier: MIT
#include "bundle/zstd_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <string>
#include <utility>

#include "host/descriptor.h"

namespace lastgood {
namespace {

// What `zstd -19` needs; a file that wants more would take it from a small computer.
constexpr int kWindowLogMax = 23;
constexpr int kLevel = 12;

std::string DescribeError(std::size_t code) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_prefix_unknown) return "it is not compressed with zstd";
  return fmt::format("the compressed data make no sense ({})", ZSTD_getErrorName(code));
}

}  // namespace

struct ZstdReader::State {
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  Descriptor file;
  std::string path;
  Bytes piece = Bytes(ZSTD_DStreamInSize());
  ZSTD_inBuffer input{piece.data(), 0, 0};
  bool inside_frame = false;
  bool at_end = false;

  Result<void> Refill() {
    const ssize_t count =
        RetryOnInterrupt([&] { return read(file.Get(), piece.data(), piece.size()); });
    if (count < 0)
      return Fail(ExitCode::kInternal, fmt::format("cannot read '{}': {}", path, ErrnoText(errno)));
    input = {piece.data(), static_cast<std::size_t>(count), 0};
    at_end = count == 0;
    return {};
  }
};

ZstdReader::ZstdReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZstdReader::~ZstdReader() = default;
ZstdReader::ZstdReader(ZstdReader&&) noexcept = default;
ZstdReader& ZstdReader::operator=(ZstdReader&&) noexcept = default;

Result<ZstdReader> ZstdReader::Open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  // Non-blocking: a FIFO would wait for a writer for ever.
  state->file = Descriptor(RetryOnInterrupt(
      [&] { return open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); }));
  struct stat status {};
  if (!state->file || fstat(state->file.Get(), &status) != 0)
    return Fail(ExitCode::kUsage,
                fmt::format("cannot read '{}': {}", path.string(), ErrnoText(errno)));
  if (!S_ISREG(status.st_mode))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is not a file", path.string()));
  if (state->context == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(
                                       state->context.get(), ZSTD_d_windowLogMax, kWindowLogMax)))
    return Fail(ExitCode::kInternal, "no memory to decompress");
  return ZstdReader(std::move(state));
}

Result<std::size_t> ZstdReader::Read(std::span<std::uint8_t> out) {
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  while (output.pos < output.size) {
    if (state_->input.pos == state_->input.size) TRY_DO(state_->Refill());
    if (state_->at_end) {
      if (state_->inside_frame)
        return Fail(ExitCode::kNotTrusted, "the compressed data end in the middle");
      break;
    }
    const std::size_t hint = ZSTD_decompressStream(state_->context.get(), &output, &state_->input);
    if (ZSTD_isError(hint)) return Fail(ExitCode::kNotTrusted, DescribeError(hint));
    state_->inside_frame = hint != 0;
  }
  return output.pos;
}

struct ZstdWriter::State {
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  ZstdOutput output;
  Bytes piece = Bytes(ZSTD_CStreamOutSize());

  Result<void> Compress(ByteSpan plain, ZSTD_EndDirective how) {
    if (context == nullptr) return Fail(ExitCode::kInternal, "no memory to compress");
    ZSTD_inBuffer input{plain.data(), plain.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context.get(), &out, &input, how);
      if (ZSTD_isError(left))
        return Fail(ExitCode::kInternal,
                    fmt::format("cannot compress: {}", ZSTD_getErrorName(left)));
      if (out.pos > 0) TRY_DO(output(ByteSpan(piece).first(out.pos)));
      if (how == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  }
};

ZstdWriter::ZstdWriter(ZstdOutput output) : state_(std::make_unique<State>()) {
  state_->output = std::move(output);
  if (state_->context == nullptr) return;
  // One thread, so that the octets do not depend on the computer.
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_windowLog, kWindowLogMax);
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_checksumFlag, 1);
}
ZstdWriter::~ZstdWriter() = default;
ZstdWriter::ZstdWriter(ZstdWriter&&) noexcept = default;
ZstdWriter& ZstdWriter::operator=(ZstdWriter&&) noexcept = default;

Result<void> ZstdWriter::Write(ByteSpan plain) { return state_->Compress(plain, ZSTD_e_continue); }
Result<void> ZstdWriter::Finish() { return state_->Compress({}, ZSTD_e_end); }

}  // namespace lastgood
