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

#include "host/path_parts.h"

namespace lastgood {
namespace {

constexpr int kLinksMax = 40;  // as the kernel's own limit

std::string TargetOf(const Descriptor& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlinkat(link.Get(), "", target.data(), target.size());
  return size < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

class TreeWalk {
 public:
  TreeWalk(Descriptor root, uid_t root_owner, std::string_view path) : wanted_(path) {
    GoFirst(left_, path);
    levels_.push_back({std::move(root), "", root_owner});
  }

  Result<TreePlace> Go(LinkAtEnd end) {
    while (!left_.empty()) {
      std::string part = std::move(left_.back());
      left_.pop_back();
      if (part == ".") continue;
      if (part == "..") {
        TRY_DO(Up());
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
    uid_t owner = 0;
  };

  // As systemd's rule for the paths of daemons: whoever is not root leads to their own files only.
  static bool MayLead(uid_t from, uid_t to) { return geteuid() != 0 || from == 0 || from == to; }
  // Whoever gave the root directory trusts it.
  bool MayLeadTo(uid_t owner) const {
    return levels_.size() == 1 || MayLead(levels_.back().owner, owner);
  }

  // ".." of the root is the root.
  Result<void> Up() {
    if (!missing_.empty()) {
      missing_.pop_back();
      return {};
    }
    if (levels_.size() == 1) return {};
    const uid_t owner = levels_.back().owner;
    levels_.pop_back();
    // Without a link it is a person who says so.
    if (links_ > 0 && !MayLead(owner, levels_.back().owner)) return FailAstray("..");
    return {};
  }

  Result<void> Down(const std::string& part) {
    if (!levels_.back().opened) return FailWith(ErrnoText(ENOTDIR));
    Descriptor next(RetryOnInterrupt([&] {
      return openat(levels_.back().opened.Get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }));
    if (!next && errno == ENOENT) {
      missing_.push_back(part);
      return {};
    }
    struct stat status {};
    if (!next || fstat(next.Get(), &status) != 0) {
      const int error = errno;
      return FailWith(ErrnoText(error), error == EACCES ? "run lastgood with sudo" : "");
    }
    const bool is_named_end = !S_ISLNK(status.st_mode) && left_.empty() && links_ == 0;
    if (!MayLeadTo(status.st_uid) && !is_named_end) return FailAstray(part);
    if (S_ISLNK(status.st_mode)) return Follow(next, status.st_uid, part);
    if (!S_ISDIR(status.st_mode) && !left_.empty()) return FailWith(ErrnoText(ENOTDIR));
    levels_.push_back(
        {S_ISDIR(status.st_mode) ? std::move(next) : Descriptor(), part, status.st_uid});
    return {};
  }

  // A link leads from where its target is looked up: its owner must be root, or be at home there.
  // What follows, missing names too, is then that directory's affair.
  Result<void> Follow(const Descriptor& link, uid_t owner, const std::string& part) {
    if (++links_ > kLinksMax) return FailWith(ErrnoText(ELOOP));
    const std::string target = TargetOf(link);
    if (target.empty()) return FailWith("its link can not be read");
    if (target.front() == '/') levels_.erase(levels_.begin() + 1, levels_.end());
    if (!MayLead(owner, levels_.back().owner)) return FailAstray(part);
    GoFirst(left_, target);
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
      // Not "=": GCC 12 warns of an overlap that there is not (its bug 105651).
      place.name.assign(1, '.');
      place.path.assign(1, '/');
    }
    place.directory = std::move(levels_.back().opened);
    place.missing = std::move(missing_);
    if (!place.directory) return FailWith(ErrnoText(ENOTDIR));
    return place;
  }

  tl::unexpected<Error> FailAstray(const std::string& part) const {
    return FailWith(fmt::format("a link or directory of an unprivileged user leads to '{}'", part),
                    "give the path without links");
  }

  tl::unexpected<Error> FailWith(const std::string& why, std::string hint = {}) const {
    return Fail(ExitCode::kSetupFailed, fmt::format("cannot reach '{}': {}", wanted_, why),
                std::move(hint));
  }

  std::string_view wanted_;
  std::vector<std::string> left_;  // the next one last
  std::vector<Level> levels_;      // from the root on
  std::vector<std::string> missing_;
  int links_ = 0;  // followed so far
};

}  // namespace

Result<TreePlace> WalkTo(const std::filesystem::path& root, std::string_view path, LinkAtEnd end) {
  if (path.find('\0') != path.npos)
    return Fail(ExitCode::kSetupFailed, "a path must not contain a NUL character");
  Descriptor opened(
      RetryOnInterrupt([&] { return open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  struct stat status {};
  if (!opened || fstat(opened.Get(), &status) != 0)
    return Fail(ExitCode::kSetupFailed, fmt::format("cannot open root directory '{}': {}",
                                                    root.string(), ErrnoText(errno)));
  return TreeWalk(std::move(opened), status.st_uid, path).Go(end);
}

}  // namespace lastgood
