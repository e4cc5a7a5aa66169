// SPDX-License-Identifier: MIT
#include "host/tree_walk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>

namespace lastgood {
namespace {

constexpr int kLinksMax = 40;  // as the kernel's own limit

// The components of `path` become the next ones to go: the last of `parts` is gone first.
void GoFirst(std::vector<std::string>& parts, std::string_view path) {
  const std::size_t begin = parts.size();
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::reverse(parts.begin() + static_cast<std::ptrdiff_t>(begin), parts.end());
}

std::string TargetOf(const Descriptor& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlinkat(link.Get(), "", target.data(), target.size());
  return size < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

class TreeWalk {
 public:
  TreeWalk(Descriptor root, std::string_view path) : wanted_(path) {
    GoFirst(left_, path);
    levels_.push_back({std::move(root), ""});
  }

  Result<TreePlace> Go(LinkAtEnd end) {
    while (!left_.empty()) {
      std::string part = std::move(left_.back());
      left_.pop_back();
      if (part == ".") continue;
      if (part == "..") {
        Up();
      } else if (!missing_.empty() || (left_.empty() && end == LinkAtEnd::kKeep)) {
        missing_.push_back(std::move(part));
      } else {
        TRY_DO(Down(part));
      }
    }
    return Arrive();
  }

 private:
  struct Level {
    Descriptor opened;  // not set for what is no directory, which only the end may be
    std::string name;
  };

  // ".." of the root is the root.
  void Up() {
    if (!missing_.empty())
      missing_.pop_back();
    else if (levels_.size() > 1)
      levels_.pop_back();
  }

  Result<void> Down(const std::string& part) {
    Descriptor next(RetryOnInterrupt([&] {
      return openat(levels_.back().opened.Get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }));
    if (!next && errno == ENOENT) {
      missing_.push_back(part);
      return {};
    }
    struct stat status {};
    if (!next || fstat(next.Get(), &status) != 0) return FailWith(ErrnoText(errno));
    // As systemd's rule for the paths of daemons: whoever is not root leads to their own files
    // only.
    const bool is_safe = geteuid() != 0 || owner_ == 0 || owner_ == status.st_uid;
    owner_ = status.st_uid;
    if (!is_safe && (S_ISLNK(status.st_mode) || !left_.empty() || is_link_followed_))
      return FailWith(
          fmt::format("a link or directory of an unprivileged user leads to '{}'", part),
          "give the path without links");
    if (S_ISLNK(status.st_mode)) return Follow(next);
    if (!S_ISDIR(status.st_mode) && !left_.empty()) return FailWith(ErrnoText(ENOTDIR));
    levels_.push_back({S_ISDIR(status.st_mode) ? std::move(next) : Descriptor(), part});
    return {};
  }

  Result<void> Follow(const Descriptor& link) {
    if (++links_ > kLinksMax) return FailWith(ErrnoText(ELOOP));
    const std::string target = TargetOf(link);
    if (target.empty()) return FailWith("its link can not be read");
    if (target.front() == '/') levels_.erase(levels_.begin() + 1, levels_.end());
    GoFirst(left_, target);
    is_link_followed_ = true;
    return {};
  }

  Result<TreePlace> Arrive() {
    TreePlace place;
    for (const Level& level : levels_)
      if (!level.name.empty()) place.path += "/" + level.name;
    for (const std::string& name : missing_) place.path += "/" + name;
    if (!missing_.empty()) {
      place.name = std::move(missing_.back());
      missing_.pop_back();
    } else if (levels_.size() > 1) {
      place.name = std::move(levels_.back().name);
      levels_.pop_back();
    } else {
      place.name = ".";
      place.path = "/";
    }
    place.directory = std::move(levels_.back().opened);
    place.missing = std::move(missing_);
    if (!place.directory) return FailWith(ErrnoText(ENOTDIR));
    return place;
  }

  tl::unexpected<Error> FailWith(const std::string& why, std::string hint = {}) const {
    return Fail(ExitCode::kSetupFailed, fmt::format("cannot reach '{}': {}", wanted_, why),
                std::move(hint));
  }

  std::string_view wanted_;
  std::vector<std::string> left_;  // the next one last
  std::vector<Level> levels_;      // from the root on
  std::vector<std::string> missing_;
  uid_t owner_ = 0;  // of the last directory or link that was gone through
  bool is_link_followed_ = false;
  int links_ = 0;
};

}  // namespace

Result<TreePlace> WalkTo(const std::filesystem::path& root, std::string_view path, LinkAtEnd end) {
  Descriptor opened(
      RetryOnInterrupt([&] { return open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  if (!opened)
    return Fail(ExitCode::kSetupFailed, fmt::format("cannot open root directory '{}': {}",
                                                    root.string(), ErrnoText(errno)));
  return TreeWalk(std::move(opened), path).Go(end);
}

}  // namespace lastgood
