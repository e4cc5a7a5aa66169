// SPDX-License-Identifier: MIT
#include "image/archive_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "image/content_kind.h"
#include "image/unpack.h"

namespace lastgood {
namespace {

constexpr std::size_t kMembersMax = 4096;
constexpr std::size_t kNameSizeMax = 512;
constexpr std::size_t kTarMagicAt = 257;
constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kTarTypeAt = 156;

tl::unexpected<Error> NotTrusted(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

tl::unexpected<Error> TooManyMembers() {
  return NotTrusted(fmt::format("archive holds more than {} members", kMembersMax));
}

bool LeavesDirectory(std::string_view name) {
  if (name.starts_with('/') || name.find('\\') != std::string_view::npos) return true;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return false;
}

bool IsTar(ByteSpan bytes) {
  return bytes.size() >= kTarMagicAt + 5 && AsText(bytes).substr(kTarMagicAt, 5) == "ustar";
}

// A sparse file's map may have an entry for every few octets of it, and libarchive takes memory for
// each before it hands out the member's name: 4 KB packed were measured to take 500 MB. GNU tar
// marks such a file by its type, or by keys in an extended head.
bool MayHoldSparseFiles(ByteSpan tar) {
  if (AsText(tar).find("GNU.sparse.") != std::string_view::npos) return true;
  for (std::size_t at = 0; at + kTarBlock <= tar.size(); at += kTarBlock) {
    const ByteSpan block = tar.subspan(at, kTarBlock);
    if (block[kTarTypeAt] == 'S' && IsTar(block)) return true;
  }
  return false;
}

// The same of a .zip's directory, which libarchive reads whole; a nested archive's members count.
std::size_t CountZipMembers(ByteSpan zip) {
  constexpr std::string_view kDirectoryEntry = "PK\x01\x02";
  const std::string_view text = AsText(zip);
  std::size_t count = 0;
  for (std::size_t at = text.find(kDirectoryEntry); at != std::string_view::npos;
       at = text.find(kDirectoryEntry, at + kDirectoryEntry.size()))
    ++count;
  return count;
}

Result<void> CheckName(const std::string& name) {
  if (name.empty()) return NotTrusted("archive holds a member whose name is not text");
  if (name.size() > kNameSizeMax)
    return NotTrusted(fmt::format("archive holds a name of {} octets, at most {} are read",
                                  name.size(), kNameSizeMax));
  if (LeavesDirectory(name))
    return NotTrusted(
        fmt::format("archive holds '{}', a name that leaves its directory", PrintableName(name)));
  return {};
}

}  // namespace

std::string_view WithoutDot(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

std::string PrintableName(std::string_view name) {
  std::string text(name.substr(0, kNameSizeMax));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

Result<ArchiveContainer> OpenContainer(ByteSpan archive) {
  ArchiveContainer container{ArchiveKind::kZip, archive, {}};
  if (IsCompressed(archive)) {
    TRY(container.unpacked, Unpack(archive, kUnpackedMax));
    container.kind = IsTar(container.unpacked) ? ArchiveKind::kTar : ArchiveKind::kCompressed;
  } else if (AsText(archive).starts_with("PK")) {
    if (CountZipMembers(archive) > kMembersMax) return TooManyMembers();
  } else if (IsTar(archive)) {
    container.kind = ArchiveKind::kTar;
  } else {
    return NotTrusted(fmt::format("not an archive: it looks like {}", DescribeContent(archive)));
  }
  if (container.kind == ArchiveKind::kTar && MayHoldSparseFiles(container.bytes()))
    return NotTrusted("archive holds sparse files, which are not read");
  return container;
}

Result<void> WalkMembers(const ArchiveContainer& container, const VisitMember& visit) {
  TRY(ArchiveReader reader, ArchiveReader::Open(container.bytes(), container.kind));
  for (std::size_t count = 0;; ++count) {
    TRY(const std::optional<ArchiveEntry> entry, reader.Next());
    if (!entry) return {};
    if (count == kMembersMax) return TooManyMembers();
    TRY_DO(CheckName(entry->name));
    TRY_DO(visit(*entry, WithoutDot(entry->name), reader));
  }
}

}  // namespace lastgood
