// SPDX-License-Identifier: MIT
#include "fetch/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "host/files.h"

namespace lastgood {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kEtagBytesMax = 256;
constexpr std::uint64_t kEtagFileBytesMax = 1024;

std::filesystem::path WithSuffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

// If-Range takes strong ETags only (RFC 9110, 13.1.5); the file may hold anything after a power
// cut.
bool IsStrongEtag(std::string_view etag) {
  const bool quoted = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
  return quoted && etag.size() <= kEtagBytesMax &&
         std::all_of(etag.begin(), etag.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

PartFile::PartFile(const std::filesystem::path& destination)
    : path_(WithSuffix(destination, ".part")), etag_path_(WithSuffix(destination, ".part.etag")) {}

Result<PartFile> PartFile::Open(const std::filesystem::path& destination, std::uint64_t size_max,
                                const Interrupt& interrupt) {
  PartFile part(destination);
  part.file_ = Descriptor(RetryOnInterrupt(
      [&] { return ::open(part.path_.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!part.file_ && errno == ENOENT) return part;
  if (!part.file_) return part.FailToWrite(errno);
  struct stat status = {};
  if (::fstat(part.file_.Get(), &status) != 0) return part.FailToWrite(errno);
  if (!S_ISREG(status.st_mode)) return part.FailToWrite(EEXIST);
  part.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  if (part.size_bytes_ == 0 || part.size_bytes_ > size_max) {
    TRY_DO(part.Discard());
  } else {
    TRY_DO(part.DigestWhatIsThere(interrupt));
  }
  return part;
}

Result<void> PartFile::DigestWhatIsThere(const Interrupt& interrupt) {
  Bytes piece(kPieceBytes);
  std::uint64_t done = 0;
  while (done < size_bytes_) {
    TRY_DO(interrupt.Check());
    const ssize_t got = RetryOnInterrupt(
        [&] { return ::pread(file_.Get(), piece.data(), piece.size(), static_cast<off_t>(done)); });
    // A bad sector under a partial file is no reason to fail: what is lost is fetched again.
    if (got <= 0) return Discard();
    hasher_.Update(ByteSpan(piece.data(), static_cast<std::size_t>(got)));
    done += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> PartFile::Create() {
  file_ = Descriptor(RetryOnInterrupt([&] {
    return ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  }));
  if (!file_) return FailToWrite(errno);
  return {};
}

Result<void> PartFile::Append(ByteSpan piece) {
  if (!file_) TRY_DO(Create());
  for (ByteSpan rest = piece; !rest.empty();) {
    const ssize_t written = RetryOnInterrupt([&] {
      return ::pwrite(file_.Get(), rest.data(), rest.size(), static_cast<off_t>(size_bytes_));
    });
    if (written <= 0) return FailToWrite(written < 0 ? errno : EIO);
    const auto count = static_cast<std::size_t>(written);
    hasher_.Update(rest.first(count));
    size_bytes_ += count;
    rest = rest.subspan(count);
  }
  return {};
}

Result<void> PartFile::Discard() {
  file_.Reset();
  size_bytes_ = 0;
  hasher_ = Sha256Hasher();
  std::error_code ignored;
  std::filesystem::remove(etag_path_, ignored);
  std::error_code error;
  std::filesystem::remove(path_, error);
  if (error) return FailToWrite(error.value());
  return {};
}

Bytes PartFile::Start(std::size_t size_max) const {
  Bytes start(size_max);
  const ssize_t got = file_ ? ::pread(file_.Get(), start.data(), start.size(), 0) : 0;
  start.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return start;
}

void PartFile::RememberEtag(const std::string& url, const std::string& etag) {
  std::error_code ignored;
  std::filesystem::remove(etag_path_, ignored);
  if (!IsStrongEtag(etag)) return;
  // The URL as a digest: it may hold a password. Without this file resuming goes without If-Range,
  // so a failure does not matter.
  (void)WriteFileDurably(etag_path_, AsBytes(etag + "\n" + Sha256(AsBytes(url)).ToHex() + "\n"));
}

std::string PartFile::RecallEtag(const std::string& url) const {
  const auto content = ReadFile(etag_path_, kEtagFileBytesMax);
  if (!content) return {};
  const std::string_view text = AsText(*content);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || text.substr(end + 1) != Sha256(AsBytes(url)).ToHex() + "\n")
    return {};
  const std::string_view etag = text.substr(0, end);
  return IsStrongEtag(etag) ? std::string(etag) : std::string();
}

Result<void> PartFile::Publish(const std::filesystem::path& destination) {
  TRY_DO(RenameDurably(path_, destination));
  file_.Reset();
  std::error_code ignored;
  std::filesystem::remove(etag_path_, ignored);
  return {};
}

tl::unexpected<Error> PartFile::FailToWrite(int error) const {
  const char* const hint = error == ENOSPC || error == EDQUOT ? "make room on this disk" : "";
  return Fail(ExitCode::kInternal,
              fmt::format("cannot write '{}': {}", path_.string(), ErrnoText(error)), hint);
}

}  // namespace lastgood
