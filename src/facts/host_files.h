// SPDX-License-Identifier: MIT
// Files of a host as they stand under a root directory, for reading only. Links are followed as
// that host would follow them: an absolute target begins at the root, and ".." does not lead out of
// it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

class HostFiles {
 public:
  enum class State { kFound, kMissing, kUnreadable };

  struct Text {
    State state = State::kMissing;
    std::string text;  // kFound
    std::string why;   // kUnreadable: "permission denied", "it has more than 65536 octets"
  };

  explicit HostFiles(std::filesystem::path root) : root_(std::move(root)) {}

  bool IsRunningHost() const { return root_ == "/"; }
  const std::filesystem::path& root() const { return root_; }

  // Paths are absolute, as on that host: "/etc/os-release". Of a regular file; never waits.
  Text Read(std::string_view path) const;
  // The first octets of a regular file, at most `size`; empty when it can not be read.
  std::string ReadStart(std::string_view path, std::size_t size) const;
  // The text without its end of line or NUL; empty when there is none, for files of a word.
  std::string ReadWord(std::string_view path) const;

  State Look(std::string_view path) const;
  bool Exists(std::string_view path) const { return Look(path) == State::kFound; }
  bool IsDirectory(std::string_view path) const;

  // `path` with its links followed as far as they lead, also when the end does not exist; nullopt
  // when they go round in circles.
  std::optional<std::string> Resolve(std::string_view path) const;
  // What the link `path` itself says; nullopt when it is none.
  std::optional<std::string> LinkTarget(std::string_view path) const;

  // Names in a directory, sorted, at most a few thousand; none when it is missing or unreadable.
  std::vector<std::string> List(std::string_view path) const;

 private:
  Text ReadUpTo(std::string_view path, std::size_t size_max) const;
  std::filesystem::path Outside(std::string_view path) const;
  std::filesystem::path root_;
};

}  // namespace lastgood
