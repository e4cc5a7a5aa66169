// SPDX-License-Identifier: MIT
#include "verify/artifact_store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "digest/digest.h"
#include "host/files.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr std::string_view kPartSuffix = ".part";            // fetch/'s
constexpr std::string_view kTemporaryPrefix = ".lastgood-";  // host/files'
constexpr std::string_view kTemporarySuffix = ".tmp";

// What changes about a name when the file behind it is replaced.
struct Identity {
  dev_t device = 0;
  ino_t node = 0;
  off_t size = 0;
  bool operator==(const Identity&) const = default;
};

Identity IdentityOf(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size};
}

// `read` is what was found damaged: another process may have put a whole one in its place, or set
// it aside, since.
Result<void> SetAside(const std::filesystem::path& path, const Identity& read) {
  if (IdentityOf(path) != read) return {};
  std::filesystem::path damaged = path;
  damaged += kDamagedSuffix;
  return RenameDurably(path, damaged);
}

// The digest and what follows it; nullopt for names that no artifact has.
std::optional<std::pair<Sha256Digest, std::string_view>> Split(std::string_view name) {
  constexpr std::size_t kHexDigits = 64;
  if (name.size() < kHexDigits) return std::nullopt;
  const auto digest = ParseSha256(name.substr(0, kHexDigits));
  if (!digest || digest->ToHex() != name.substr(0, kHexDigits)) return std::nullopt;
  return std::pair(*digest, name.substr(kHexDigits));
}

std::optional<StoredKind> KindOf(std::string_view suffix) {
  if (suffix.empty()) return StoredKind::kImage;
  if (suffix == kDamagedSuffix) return StoredKind::kDamaged;
  if (suffix.starts_with(kPartSuffix)) return StoredKind::kPart;
  return std::nullopt;
}

std::optional<StoredFile> Describe(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  StoredFile file;
  file.path = path;
  file.size_bytes = static_cast<std::uint64_t>(status.st_size);
  file.modified = std::chrono::system_clock::from_time_t(status.st_mtime);
  const std::string name = path.filename().string();
  if (name.starts_with(kTemporaryPrefix) && name.ends_with(kTemporarySuffix)) {
    file.kind = StoredKind::kLeftover;
    return file;
  }
  const auto split = Split(name);
  const auto kind = split ? KindOf(split->second) : std::nullopt;
  if (!kind) return std::nullopt;
  file.kind = *kind;
  file.sha256 = split->first;
  if (*kind == StoredKind::kPart) file.path = path.parent_path() / split->first.ToHex();
  return file;
}

// NAME.part, NAME.part.etag and NAME.part.lock are one download.
void Add(std::vector<StoredFile>& files, StoredFile file) {
  const auto same = std::find_if(files.begin(), files.end(), [&file](const StoredFile& other) {
    return file.kind == StoredKind::kPart && other.kind == file.kind && other.path == file.path;
  });
  if (same == files.end()) {
    files.push_back(std::move(file));
    return;
  }
  same->size_bytes += file.size_bytes;
  same->modified = std::max(same->modified, file.modified);
}

}  // namespace

Result<ArtifactStore> ArtifactStore::Open(const std::filesystem::path& root) {
  std::filesystem::path images = root / "images";
  TRY_DO(CreateDirectories(images));
  return ArtifactStore(std::move(images), /*writable=*/true);
}

ArtifactStore ArtifactStore::OpenReadOnly(const std::filesystem::path& root) {
  return ArtifactStore(root / "images", /*writable=*/false);
}

std::filesystem::path ArtifactStore::PathOf(const Sha256Digest& sha256) const {
  return images_ / sha256.ToHex();
}

Result<std::optional<Verified<Bytes>>> ArtifactStore::Load(const Sha256Digest& sha256,
                                                           std::uint64_t size_bytes) const {
  const std::filesystem::path path = PathOf(sha256);
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return std::optional<Verified<Bytes>>();
  if (!error && !std::filesystem::is_regular_file(status))
    return Fail(ExitCode::kInternal, fmt::format("'{}' is not a file", path.string()));
  const std::uint64_t actual_bytes = std::filesystem::file_size(path, error);
  if (error) {
    return Fail(ExitCode::kInternal,
                fmt::format("cannot read '{}': {}", path.string(), error.message()));
  }
  const Identity read = IdentityOf(path);
  // Looked at before reading: a damaged size must not decide how much memory is taken.
  if (actual_bytes == size_bytes) {
    TRY(Bytes bytes, ReadFile(path, size_bytes));
    auto verified = ArtifactVerifier::Verify(std::move(bytes), sha256, size_bytes, path.string());
    if (verified) return std::optional<Verified<Bytes>>(*std::move(verified));
  } else {
    // A manifest's slip in `size` must not evict a good image that another manifest counts on.
    TRY(const Sha256Digest actual, Sha256OfFile(path));
    if (actual == sha256) {
      return Fail(ExitCode::kNotTrusted,
                  fmt::format("the image {} has {} bytes, the manifest says {}", Abbreviate(sha256),
                              actual_bytes, size_bytes),
                  "correct size in the manifest");
    }
  }
  if (writable_) TRY_DO(SetAside(path, read));
  return std::optional<Verified<Bytes>>();
}

Result<std::vector<StoredFile>> ArtifactStore::List() const {
  std::vector<StoredFile> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(images_, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (auto file = Describe(entry->path())) Add(files, *std::move(file));
  if (error)
    return Fail(ExitCode::kInternal,
                fmt::format("cannot read '{}': {}", images_.string(), error.message()));
  std::sort(files.begin(), files.end(), [](const StoredFile& a, const StoredFile& b) {
    return std::pair(a.path, a.kind) < std::pair(b.path, b.kind);
  });
  return files;
}

Result<bool> ArtifactStore::Check(const Sha256Digest& sha256) const {
  const std::filesystem::path path = PathOf(sha256);
  const Identity read = IdentityOf(path);
  TRY(const Sha256Digest actual, Sha256OfFile(path));
  if (actual == sha256) return true;
  if (writable_) TRY_DO(SetAside(path, read));
  return false;
}

Result<void> ArtifactStore::Put(const Verified<Bytes>& bytes, const Sha256Digest& sha256) const {
  if (Sha256(*bytes) != sha256) {
    return Fail(ExitCode::kInternal,
                fmt::format("bytes of another digest for '{}'", PathOf(sha256).string()));
  }
  TRY(const auto stored, Load(sha256, bytes->size()));
  if (stored) return {};  // SD cards wear
  return WriteFileDurably(PathOf(sha256), *bytes);
}

}  // namespace lastgood
