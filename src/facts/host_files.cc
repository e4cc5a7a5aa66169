// SPDX-License-Identifier: MIT
#include "facts/host_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "host/descriptor.h"
#include "host/path_parts.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTextBytesMax = 65536;
constexpr std::size_t kNamesMax = 4096;
constexpr int kLinksMax = 40;  // as the kernel's own limit

bool IsForbidden(int error) { return error == EACCES || error == EPERM; }

}  // namespace

fs::path HostFiles::Outside(std::string_view path) const {
  return root_ / fs::path(path).relative_path();
}

std::optional<std::string> HostFiles::Resolve(std::string_view path) const {
  std::vector<std::string> left;  // the next one last
  GoFirst(left, path);
  std::string done;
  int links = 0;
  while (!left.empty()) {
    const std::string part = left.back();
    left.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      done.erase(std::min(done.rfind('/'), done.size()));
      continue;
    }
    const std::string next = done + "/" + part;
    std::error_code error;
    const fs::path target = fs::read_symlink(Outside(next), error);
    if (error) {
      done = next;
      continue;
    }
    if (++links > kLinksMax) return std::nullopt;
    if (target.is_absolute()) done.clear();
    GoFirst(left, target.string());
  }
  return done.empty() ? "/" : done;
}

std::optional<std::string> HostFiles::LinkTarget(std::string_view path) const {
  const fs::path name = fs::path(path).filename();
  const auto directory = Resolve(fs::path(path).parent_path().string());
  if (!directory) return std::nullopt;
  std::error_code error;
  const fs::path target = fs::read_symlink(Outside(*directory) / name, error);
  return error ? std::nullopt : std::optional(target.string());
}

HostFiles::State HostFiles::Look(std::string_view path) const {
  const auto resolved = Resolve(path);
  if (!resolved) return State::kMissing;
  struct stat status {};
  if (lstat(Outside(*resolved).c_str(), &status) == 0) return State::kFound;
  return IsForbidden(errno) ? State::kUnreadable : State::kMissing;
}

bool HostFiles::IsDirectory(std::string_view path) const {
  const auto resolved = Resolve(path);
  struct stat status {};
  return resolved && lstat(Outside(*resolved).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

HostFiles::Text HostFiles::Read(std::string_view path) const {
  Text result = ReadUpTo(path, kTextBytesMax + 1);
  if (result.text.size() <= kTextBytesMax) return result;
  return {State::kUnreadable, {}, fmt::format("it has more than {} octets", kTextBytesMax)};
}

std::string HostFiles::ReadStart(std::string_view path, std::size_t size) const {
  return ReadUpTo(path, size).text;
}

HostFiles::Text HostFiles::ReadUpTo(std::string_view path, std::size_t size_max) const {
  const auto resolved = Resolve(path);
  if (!resolved) return {State::kUnreadable, {}, "its links go round in circles"};
  const Descriptor file(RetryOnInterrupt([&] {
    return open(Outside(*resolved).c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  }));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!file) return {State::kUnreadable, {}, ErrnoText(errno)};
  struct stat status {};
  if (fstat(file.Get(), &status) != 0 || !S_ISREG(status.st_mode))
    return {State::kUnreadable, {}, "it is no regular file"};
  // To the end, not to st_size: the kernel's files have none.
  Text result{State::kFound, {}, {}};
  std::array<char, 4096> buffer;
  while (result.text.size() < size_max) {
    const std::size_t wanted = std::min(buffer.size(), size_max - result.text.size());
    const ssize_t got = RetryOnInterrupt([&] { return read(file.Get(), buffer.data(), wanted); });
    if (got < 0) return {State::kUnreadable, {}, ErrnoText(errno)};
    if (got == 0) break;
    result.text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return result;
}

std::string HostFiles::ReadWord(std::string_view path) const {
  std::string text = Read(path).text;
  text.erase(std::min({text.find('\n'), text.find('\0'), text.size()}));
  return text;
}

std::vector<std::string> HostFiles::List(std::string_view path) const {
  std::vector<std::string> names;
  const auto resolved = Resolve(path);
  if (!resolved) return names;
  std::error_code error;
  fs::directory_iterator entry(Outside(*resolved), error);
  for (; !error && entry != fs::directory_iterator() && names.size() < kNamesMax;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lastgood
