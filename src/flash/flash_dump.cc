// SPDX-License-Identifier: MIT
#include "flash/flash_dump.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "digest/digest.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kSector = 4096;
constexpr std::uint32_t kRegion = 16 * kSector;
// One read costs a request, an acknowledgement and a digest; longer ones would only make a failure
// dearer.
constexpr std::uint32_t kReadMax = kRegion;

// What `known` says about [offset, offset + size); nullopt when it says nothing.
std::optional<Bytes> Expected(const KnownContent& known, std::uint32_t offset, std::uint32_t size) {
  const std::uint64_t end = known.offset + std::uint64_t{known.bytes.size()};
  if (offset + std::uint64_t{size} <= known.offset || offset >= end) return std::nullopt;
  Bytes bytes(size, 0xFF);
  const std::uint64_t from = std::max<std::uint64_t>(offset, known.offset);
  const std::uint64_t to = std::min<std::uint64_t>(offset + std::uint64_t{size}, end);
  const ByteSpan piece = known.bytes.subspan(from - known.offset, to - from);
  std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from - offset));
  return bytes;
}

class Dumper {
 public:
  Dumper(const FlashAccess& access, std::uint32_t size_bytes, std::span<const KnownContent> known,
         const DumpProgress& progress)
      : access_(access), known_(known), progress_(progress) {
    dump_.content.assign(size_bytes, 0xFF);
  }

  Result<FlashDump> Run() {
    const auto size = static_cast<std::uint32_t>(dump_.content.size());
    for (std::uint32_t at = 0; at < size; at += kRegion) {
      const std::uint32_t region = std::min(kRegion, size - at);
      TRY(const bool recognised, Recognise(at, region));
      if (!recognised) TRY_DO(Narrow(at, region));
      if (progress_) progress_(at + region, size);
    }
    TRY_DO(ReadPending());
    return std::move(dump_);
  }

 private:
  const Md5Digest& BlankDigest(std::uint32_t size) {
    std::optional<Md5Digest>& digest = size == kSector ? blank_sector_ : blank_region_;
    if (!digest) digest = Md5(Bytes(size, 0xFF));
    return *digest;
  }

  // True: the octets there are known without reading them.
  Result<bool> Recognise(std::uint32_t at, std::uint32_t size) {
    TRY(const Md5Digest there, access_.digest(at, size));
    if (there == BlankDigest(size)) {
      dump_.bytes_blank += size;
      return true;
    }
    for (const KnownContent& known : known_) {
      const std::optional<Bytes> expected = Expected(known, at, size);
      if (!expected || Md5(*expected) != there) continue;
      Fill(at, *expected);
      dump_.bytes_known += size;
      return true;
    }
    return false;
  }

  Result<void> Narrow(std::uint32_t at, std::uint32_t size) {
    for (std::uint32_t sector = at; sector < at + size; sector += kSector) {
      TRY(const bool recognised, Recognise(sector, kSector));
      if (!recognised) TRY_DO(WantSector(sector));
    }
    return {};
  }

  // Neighbouring sectors are read in one go.
  Result<void> WantSector(std::uint32_t sector) {
    if (pending_size_ != 0 && (pending_at_ + pending_size_ != sector || pending_size_ == kReadMax))
      TRY_DO(ReadPending());
    if (pending_size_ == 0) pending_at_ = sector;
    pending_size_ += kSector;
    return {};
  }

  Result<void> ReadPending() {
    if (pending_size_ == 0) return {};
    TRY(const Bytes bytes, access_.read(pending_at_, pending_size_));
    Fill(pending_at_, bytes);
    dump_.bytes_read += bytes.size();
    pending_size_ = 0;
    return {};
  }

  void Fill(std::uint32_t at, ByteSpan bytes) {
    std::copy(bytes.begin(), bytes.end(), dump_.content.begin() + at);
  }

  const FlashAccess& access_;
  std::span<const KnownContent> known_;
  const DumpProgress& progress_;
  FlashDump dump_;
  std::uint32_t pending_at_ = 0;
  std::uint32_t pending_size_ = 0;
  std::optional<Md5Digest> blank_sector_;
  std::optional<Md5Digest> blank_region_;
};

}  // namespace

Result<FlashDump> DumpFlash(const FlashAccess& access, std::uint32_t size_bytes,
                            std::span<const KnownContent> known, const DumpProgress& progress) {
  return Dumper(access, size_bytes, known, progress).Run();
}

}  // namespace lastgood
