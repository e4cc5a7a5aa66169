// SPDX-License-Identifier: MIT
#include "setup/boot_files.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace lastgood {
namespace {

constexpr std::size_t kSizeMax = 65536;  // what facts about the host are read from, too

}  // namespace

Result<BootFile> ReadBootFile(const SetupHost& host, const std::string& name) {
  if (host.facts.boot_directory.empty())
    return Fail(ExitCode::kSetupFailed,
                fmt::format("no Raspberry Pi boot files: there is no config.txt in "
                            "/boot/firmware or /boot of {}",
                            host.tree.IsRunningHost() ? "this host" : host.tree.root().string()),
                "leave the step out of other hosts with: when = { model = \"Raspberry Pi*\" }");
  BootFile file{host.facts.boot_directory + "/" + name, {}, {}};
  TRY(file.path, host.tree.Resolve(file.name));
  TRY(file.state, host.tree.Look(file.path));
  if (file.state.kind == FileKind::kAbsent)
    return Fail(ExitCode::kSetupFailed, fmt::format("there is no {}", file.name),
                "see whether the boot partition is mounted");
  if (file.state.kind != FileKind::kFile || file.Text().find('\0') != std::string_view::npos)
    return Fail(ExitCode::kSetupFailed, fmt::format("{} is no text", file.name),
                "bring it back from a copy, or from another card of the same release");
  if (file.state.content.size() > kSizeMax)
    return Fail(ExitCode::kSetupFailed,
                fmt::format("{} has more than {} octets", file.name, kSizeMax),
                "bring it back from a copy, or from another card of the same release");
  return file;
}

std::vector<Change> ChangesOf(const BootFile& file, std::string_view text) {
  if (file.Text() == text) return {};
  FileState after = file.state;
  after.content = ToBytes(text);
  after.modified_ns = 0;
  return {Change{FileChange{file.path, file.state, std::move(after)}, {}}};
}

}  // namespace lastgood
