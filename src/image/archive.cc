// SPDX-License-Identifier: MIT
// Rules: the whole directory of the archive is read before anything is handed out; a name that
// leaves it, or the wanted name twice, spoils the whole archive. Every number has a limit.
#include "image/archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/archive_reader.h"
#include "image/content_kind.h"
#include "image/unpack.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kUnpackedMax = 64U << 20;
constexpr std::size_t kMembersMax = 4096;
constexpr std::size_t kNameSizeMax = 512;
constexpr std::size_t kNamesShown = 8;
constexpr std::size_t kTarMagicAt = 257;
constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kTarTypeAt = 156;

tl::unexpected<Error> NotTrusted(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

tl::unexpected<Error> TooManyMembers() {
  return NotTrusted(fmt::format("archive holds more than {} members", kMembersMax));
}

std::string Printable(std::string_view name) {
  std::string text(name.substr(0, kNameSizeMax));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

// "./a/b" is "a/b".
std::string_view WithoutDot(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
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

std::string_view BaseName(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
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

class MemberSearch {
 public:
  MemberSearch(std::string_view member, std::uint64_t size_max)
      : member_(member), size_max_(size_max) {}

  Result<Bytes> Run(ByteSpan archive, ArchiveKind kind) {
    TRY(ArchiveReader reader, ArchiveReader::Open(archive, kind));
    for (;;) {
      TRY(std::optional<ArchiveEntry> entry, reader.Next());
      if (!entry) break;
      TRY_DO(Look(*entry, reader));
    }
    if (!content_) return NotFound();
    return *std::move(content_);
  }

 private:
  Result<void> Look(const ArchiveEntry& entry, ArchiveReader& reader) {
    if (++count_ > kMembersMax) return TooManyMembers();
    if (entry.name.empty()) return NotTrusted("archive holds a member whose name is not text");
    if (entry.name.size() > kNameSizeMax) {
      return NotTrusted(fmt::format("archive holds a name of {} octets, at most {} are read",
                                    entry.name.size(), kNameSizeMax));
    }
    if (LeavesDirectory(entry.name)) {
      return NotTrusted(fmt::format("archive holds '{}', a name that leaves its directory",
                                    Printable(entry.name)));
    }
    const std::string_view name = WithoutDot(entry.name);
    if (entry.is_file) files_.emplace_back(name);
    return name == WithoutDot(member_) ? Take(entry, reader) : Result<void>();
  }

  Result<void> Take(const ArchiveEntry& entry, ArchiveReader& reader) {
    if (content_) return NotTrusted(fmt::format("archive holds '{}' twice", Printable(member_)));
    if (entry.is_encrypted)
      return NotTrusted(fmt::format("member '{}' is encrypted", Printable(member_)));
    if (!entry.is_file) {
      return Fail(ExitCode::kInvalidManifest,
                  fmt::format("member '{}' of the archive is {}, not a file", Printable(member_),
                              entry.is_directory ? "a directory" : "a link or a device"),
                  "name the file that it stands for");
    }
    TRY(content_, reader.Content(size_max_));
    if (content_->size() <= size_max_) return {};
    return NotTrusted(fmt::format("member '{}' has more than {} bytes, the most that is read",
                                  Printable(member_), size_max_));
  }

  tl::unexpected<Error> NotFound() const {
    for (const std::string& file : files_) {
      if (BaseName(file) != BaseName(member_)) continue;
      return Missing(fmt::format("did you mean '{}'?", Printable(file)));
    }
    std::vector<std::string> shown;
    for (const std::string& file : files_)
      if (shown.size() < kNamesShown) shown.push_back(Printable(file));
    const std::string rest = files_.size() > shown.size()
                                 ? fmt::format(" and {} more", files_.size() - shown.size())
                                 : "";
    return Missing(files_.empty() ? "it holds no file"
                                  : fmt::format("it holds: {}{}", fmt::join(shown, ", "), rest));
  }

  tl::unexpected<Error> Missing(std::string hint) const {
    const std::string what =
        member_ == kOnlyContent ? "member \"*\" is for a single compressed file; this is an archive"
                                : fmt::format("archive has no member '{}'", Printable(member_));
    return Fail(ExitCode::kInvalidManifest, what, std::move(hint));
  }

  std::string_view member_;
  std::uint64_t size_max_;
  std::size_t count_ = 0;
  std::vector<std::string> files_;
  std::optional<Bytes> content_;
};

Result<Bytes> ExtractFromTar(ByteSpan tar, std::string_view member, std::uint64_t size_max) {
  if (MayHoldSparseFiles(tar)) return NotTrusted("archive holds sparse files, which are not read");
  return MemberSearch(member, size_max).Run(tar, ArchiveKind::kTar);
}

Result<Bytes> ExtractFromZip(ByteSpan zip, std::string_view member, std::uint64_t size_max) {
  if (CountZipMembers(zip) > kMembersMax) return TooManyMembers();
  return MemberSearch(member, size_max).Run(zip, ArchiveKind::kZip);
}

Result<Bytes> ExtractCompressed(ByteSpan archive, std::string_view member, std::uint64_t size_max) {
  TRY(Bytes content, Unpack(archive, kUnpackedMax));
  if (IsTar(content)) return ExtractFromTar(content, member, size_max);
  if (member != kOnlyContent) {
    return Fail(ExitCode::kInvalidManifest,
                fmt::format("'{}' asked for of a single compressed file", Printable(member)),
                "its one content is called member = \"*\"");
  }
  if (content.size() <= size_max) return content;
  return NotTrusted(fmt::format("the archive unpacks to {} bytes, at most {} are possible",
                                content.size(), size_max));
}

}  // namespace

Result<Bytes> ExtractMember(ByteSpan archive, std::string_view member, std::uint64_t size_max) {
  if (IsCompressed(archive)) return ExtractCompressed(archive, member, size_max);
  if (AsText(archive).starts_with("PK")) return ExtractFromZip(archive, member, size_max);
  if (IsTar(archive)) return ExtractFromTar(archive, member, size_max);
  return NotTrusted(fmt::format("not an archive: it looks like {}", DescribeContent(archive)));
}

}  // namespace lastgood
