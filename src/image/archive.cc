// SPDX-License-Identifier: MIT
// Rules: the whole directory of the archive is read before anything is handed out; a name that
// leaves it, or the wanted name twice, spoils the whole archive. Every number has a limit.
#include "image/archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/archive_walk.h"

namespace lastgood {
namespace {

constexpr std::size_t kNamesShown = 8;

tl::unexpected<Error> NotTrusted(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

std::string_view BaseName(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

class MemberSearch {
 public:
  MemberSearch(std::string_view member, std::uint64_t size_max)
      : member_(member), size_max_(size_max) {}

  Result<Bytes> Run(const ArchiveContainer& container) {
    const auto look = [this](const ArchiveEntry& entry, std::string_view name,
                             ArchiveReader& reader) -> Result<void> {
      if (entry.is_file) files_.emplace_back(name);
      return name == WithoutDot(member_) ? Take(entry, reader) : Result<void>();
    };
    TRY_DO(WalkMembers(container, look));
    if (!content_) return NotFound();
    return *std::move(content_);
  }

 private:
  Result<void> Take(const ArchiveEntry& entry, ArchiveReader& reader) {
    if (content_)
      return NotTrusted(fmt::format("archive holds '{}' twice", PrintableName(member_)));
    if (entry.is_encrypted)
      return NotTrusted(fmt::format("member '{}' is encrypted", PrintableName(member_)));
    if (!entry.is_file) {
      return Fail(
          ExitCode::kInvalidManifest,
          fmt::format("member '{}' of the archive is {}, not a file", PrintableName(member_),
                      entry.is_directory ? "a directory" : "a link or a device"),
          "name the file that it stands for");
    }
    TRY(content_, reader.Content(size_max_));
    if (content_->size() <= size_max_) return {};
    return NotTrusted(fmt::format("member '{}' has more than {} bytes, the most that is read",
                                  PrintableName(member_), size_max_));
  }

  tl::unexpected<Error> NotFound() const {
    for (const std::string& file : files_) {
      if (BaseName(file) != BaseName(member_)) continue;
      return Missing(fmt::format("did you mean '{}'?", PrintableName(file)));
    }
    std::vector<std::string> shown;
    for (const std::string& file : files_)
      if (shown.size() < kNamesShown) shown.push_back(PrintableName(file));
    const std::string rest = files_.size() > shown.size()
                                 ? fmt::format(" and {} more", files_.size() - shown.size())
                                 : "";
    return Missing(files_.empty() ? "it holds no file"
                                  : fmt::format("it holds: {}{}", fmt::join(shown, ", "), rest));
  }

  tl::unexpected<Error> Missing(std::string hint) const {
    const std::string what =
        member_ == kOnlyContent ? "member \"*\" is for a single compressed file; this is an archive"
                                : fmt::format("archive has no member '{}'", PrintableName(member_));
    return Fail(ExitCode::kInvalidManifest, what, std::move(hint));
  }

  std::string_view member_;
  std::uint64_t size_max_;
  std::vector<std::string> files_;
  std::optional<Bytes> content_;
};

Result<Bytes> OnlyContent(Bytes content, std::string_view member, std::uint64_t size_max) {
  if (member != kOnlyContent)
    return Fail(ExitCode::kInvalidManifest,
                fmt::format("'{}' asked for of a single compressed file", PrintableName(member)),
                "its one content is called member = \"*\"");
  if (content.size() <= size_max) return content;
  return NotTrusted(fmt::format("the archive unpacks to {} bytes, at most {} are possible",
                                content.size(), size_max));
}

}  // namespace

Result<Bytes> ExtractMember(ByteSpan archive, std::string_view member, std::uint64_t size_max) {
  TRY(ArchiveContainer container, OpenContainer(archive));
  if (container.kind == ArchiveKind::kCompressed)
    return OnlyContent(std::move(container.unpacked), member, size_max);
  return MemberSearch(member, size_max).Run(container);
}

}  // namespace lastgood
