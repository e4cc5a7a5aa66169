// SPDX-License-Identifier: MIT
#include "setup/archive_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/archive.h"
#include "setup/file_plan.h"
#include "setup/step_artifacts.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::int64_t kStripMax = 16;
constexpr std::uint32_t kFileMode = 0644;
constexpr std::uint32_t kProgramMode = 0755;

// What the distribution leaves to others, or to packages that keep to a directory of their own.
constexpr std::array<std::string_view, 5> kRoots = {"/opt", "/srv", "/usr/local", "/usr/share",
                                                    "/var/lib"};
// lastgood's own records.
constexpr std::string_view kState = "/var/lib/lastgood";

bool IsBelow(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && path.size() > directory.size() &&
         path[directory.size()] == '/';
}

Refusal WhyNotDestination(std::string_view path) {
  if (auto refusal = WhyNotHostPath(path)) return refusal;
  if (path == kState || IsBelow(path, kState)) return "must not lie in lastgood's own state";
  const bool is_allowed =
      path == "/usr/local" ||
      std::any_of(kRoots.begin(), kRoots.end(), [path](auto root) { return IsBelow(path, root); });
  if (is_allowed) return std::nullopt;
  return fmt::format("must lie below one of {}", fmt::join(kRoots, ", "));
}

struct ArchiveFields {
  StepArtifact artifact;
  std::string into;
  std::size_t strip = 0;
};

class ArchiveStep final : public Step {
 public:
  ArchiveStep(ArchiveFields fields, const SetupHost& host)
      : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override {
    const std::string& url = fields_.artifact.urls.at(0);
    return fmt::format("archive: {} into {}", url.substr(url.rfind('/') + 1), fields_.into);
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const std::string into, Destination());
    TRY(const Verified<Bytes> archive, Load());
    TRY(std::vector<ArchiveMember> members, ExtractAll(*archive, fields_.strip));
    FilePlan plan(host_);
    for (ArchiveMember& member : members)
      TRY_DO(Want(plan, fmt::format("{}/{}", into, member.name), member));
    return plan.Take();
  }

 private:
  // The administrator's own link in place of such a directory is followed, none below it.
  Result<std::string> Destination() const {
    const auto root =
        std::find_if(kRoots.begin(), kRoots.end(), [this](std::string_view candidate) {
          return fields_.into == candidate || IsBelow(fields_.into, candidate);
        });
    TRY(const std::string resolved, host_.tree.Resolve(*root));
    return resolved + fields_.into.substr(root->size());
  }

  Result<Verified<Bytes>> Load() const {
    if (host_.load_artifact)
      return host_.load_artifact(fields_.artifact.sha256, fields_.artifact.size_bytes);
    return Fail(ExitCode::kCannotDownload,
                fmt::format("what it would change is known when its {} bytes are here; a run "
                            "would download them from '{}'",
                            fields_.artifact.size_bytes, fields_.artifact.urls.at(0)));
  }

  Result<void> Want(FilePlan& plan, const std::string& path, ArchiveMember& member) const {
    // It goes into the record, which is text.
    if (const std::string shown = toml::Printable(member.name, path.size()); shown != member.name)
      return Fail(
          ExitCode::kNotTrusted,
          fmt::format("archive holds '{}', a name with control characters or not in UTF-8", shown));
    TRY(const std::string resolved, host_.tree.Resolve(path));
    if (resolved != path)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' is reached through a link, to '{}'", path, resolved),
                  "archives are unpacked without following links: replace it by a directory");
    if (member.is_directory) return plan.WantDirectory(path, {});
    FileAttributes attributes;
    attributes.mode = member.is_executable ? kProgramMode : kFileMode;
    return plan.WantFile(path, std::move(member.content), attributes);
  }

  ArchiveFields fields_;
  const SetupHost& host_;
};

}  // namespace

std::unique_ptr<Step> MakeArchiveStep(const StepSpec&, toml::TableReader& reader,
                                      toml::Diagnostics& mistakes, SetupHost& host) {
  ArchiveFields fields;
  fields.artifact = ReadStepArtifact(reader, mistakes);
  fields.into = reader.RequiredString("into");
  if (!fields.into.empty()) Accept(reader, "into", WhyNotDestination(fields.into));
  fields.strip =
      static_cast<std::size_t>(reader.OptionalInteger("strip", 0, kStripMax).value_or(0));
  return std::make_unique<ArchiveStep>(std::move(fields), host);
}

}  // namespace lastgood
