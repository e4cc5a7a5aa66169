// SPDX-License-Identifier: MIT
#include "image/unpack.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "image/archive_reader.h"
#include "image/crc32.h"

namespace lastgood {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::array kMagics = {kGzip, "BZh"sv,
                                "\xfd"
                                "7zXZ"sv,
                                "\x28\xb5\x2f\xfd"sv};
constexpr std::size_t kGzipTrailer = 8;  // CRC-32 and length of the content

bool StartsWith(ByteSpan bytes, std::string_view magic) {
  return AsText(bytes).substr(0, magic.size()) == magic;
}

// libarchive passes over gzip's own checks.
Result<void> CheckGzipTrailer(ByteSpan packed, ByteSpan content) {
  const ByteSpan trailer = packed.last(kGzipTrailer);
  if (LoadLe32(trailer, 0) == Crc32(content) &&
      LoadLe32(trailer, 4) == static_cast<std::uint32_t>(content.size()))
    return {};
  return Fail(ExitCode::kNotTrusted,
              "the gzip file's check values do not match its content: it is damaged, cut off or "
              "holds more than one content");
}

}  // namespace

bool IsCompressed(ByteSpan bytes) {
  for (const std::string_view magic : kMagics)
    if (StartsWith(bytes, magic)) return true;
  return false;
}

Result<Bytes> Unpack(ByteSpan bytes, std::uint64_t size_max) {
  TRY(ArchiveReader reader, ArchiveReader::Open(bytes, ArchiveKind::kCompressed));
  TRY(const auto entry, reader.Next());
  // What only looks like a compressed file would be passed on as it is.
  if (reader.compressions() == 0)
    return Fail(ExitCode::kNotTrusted, "archive is damaged or cut off: its header makes no sense");
  if (reader.compressions() > 1)
    return Fail(ExitCode::kNotTrusted, "the archive is compressed more than once");
  Bytes content;
  if (entry) {
    TRY(content, reader.Content(size_max));
  }
  if (content.size() > size_max) {
    return Fail(
        ExitCode::kNotTrusted,
        fmt::format("the archive unpacks to more than {} bytes, the most that is read", size_max));
  }
  const std::uint64_t used = reader.consumed();
  if (used < bytes.size()) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("the compressed archive is followed by {} bytes of other data",
                            bytes.size() - used));
  }
  if (StartsWith(bytes, kGzip) && bytes.size() > kGzipTrailer)
    TRY_DO(CheckGzipTrailer(bytes, content));
  return content;
}

}  // namespace lastgood
