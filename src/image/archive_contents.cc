// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "image/archive.h"
#include "image/archive_walk.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kAnyExecuteBit = 0111;

tl::unexpected<Error> NotTrusted(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

// Without the first `strip` components; empty when there are no more.
std::string Stripped(std::string_view name, std::size_t strip) {
  std::vector<std::string_view> parts;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  parts.erase(parts.begin(),
              parts.begin() + static_cast<std::ptrdiff_t>(std::min(strip, parts.size())));
  return fmt::format("{}", fmt::join(parts, "/"));
}

class Unpacking {
 public:
  explicit Unpacking(std::size_t strip) : strip_(strip) {}

  Result<std::vector<ArchiveMember>> Run(const ArchiveContainer& container) {
    const auto take = [this](const ArchiveEntry& entry, std::string_view name,
                             ArchiveReader& reader) { return Take(entry, name, reader); };
    TRY_DO(WalkMembers(container, take));
    TRY_DO(CheckFilesHaveNothingBelow());
    if (members_.empty())
      return Fail(ExitCode::kInvalidManifest,
                  fmt::format("archive has nothing below {} leading directories", strip_),
                  left_out_.empty() ? "it is empty"
                                    : fmt::format("it holds '{}'", PrintableName(left_out_)));
    return std::move(members_);
  }

 private:
  Result<void> Take(const ArchiveEntry& entry, std::string_view name, ArchiveReader& reader) {
    if (!entry.is_file && !entry.is_directory)
      return NotTrusted(fmt::format("archive holds '{}', which is neither file nor directory",
                                    PrintableName(name)));
    ArchiveMember member{Stripped(name, strip_), entry.is_directory, false, {}};
    if (member.name.empty()) {
      left_out_ = name;
      return {};
    }
    if (!is_directory_.emplace(member.name, entry.is_directory).second)
      return NotTrusted(fmt::format("archive holds '{}' twice", PrintableName(member.name)));
    if (entry.is_file) {
      TRY(member.content, Read(entry, name, reader));
      member.is_executable = (entry.mode & kAnyExecuteBit) != 0;
    }
    members_.push_back(std::move(member));
    return {};
  }

  Result<Bytes> Read(const ArchiveEntry& entry, std::string_view name, ArchiveReader& reader) {
    if (entry.is_encrypted)
      return NotTrusted(fmt::format("member '{}' is encrypted", PrintableName(name)));
    TRY(Bytes content, reader.Content(kMemberSizeMax));
    if (content.size() > kMemberSizeMax)
      return NotTrusted(fmt::format("member '{}' has more than {} bytes, the most that is read",
                                    PrintableName(name), kMemberSizeMax));
    size_ += content.size();
    if (size_ > kUnpackedMax)
      return NotTrusted(fmt::format(
          "the archive unpacks to more than {} bytes, the most that is read", kUnpackedMax));
    return content;
  }

  Result<void> CheckFilesHaveNothingBelow() const {
    for (const ArchiveMember& member : members_) {
      for (std::size_t slash = member.name.find('/'); slash != std::string::npos;
           slash = member.name.find('/', slash + 1)) {
        const auto above = is_directory_.find(member.name.substr(0, slash));
        if (above != is_directory_.end() && !above->second)
          return NotTrusted(
              fmt::format("archive holds '{}', which is below a file", PrintableName(member.name)));
      }
    }
    return {};
  }

  std::size_t strip_;
  std::uint64_t size_ = 0;
  std::map<std::string, bool> is_directory_;
  std::string left_out_;  // the last one
  std::vector<ArchiveMember> members_;
};

}  // namespace

Result<std::vector<ArchiveMember>> ExtractAll(ByteSpan archive, std::size_t strip) {
  TRY(const ArchiveContainer container, OpenContainer(archive));
  if (container.kind == ArchiveKind::kCompressed)
    return Fail(ExitCode::kInvalidManifest, "it is a single compressed file, not an archive",
                "give a .zip or a .tar");
  return Unpacking(strip).Run(container);
}

}  // namespace lastgood
