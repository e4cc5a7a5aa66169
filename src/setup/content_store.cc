// SPDX-License-Identifier: MIT
#include "setup/content_store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "digest/digest.h"
#include "host/files.h"
#include "host/host_tree.h"

namespace lastgood {

// One that is there already is written again: it may be damaged, or not durable yet.
Result<void> ContentStore::Keep(ByteSpan content) const {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory_, ignored)) {
    TRY_DO(CreateDirectories(directory_));
    ::chmod(directory_.c_str(), 0700);
  }
  FileState file{FileKind::kFile, Bytes(content.begin(), content.end()), {}, 0600, 0, 0, 0};
  file.uid = ::geteuid();
  file.gid = ::getegid();
  auto kept = HostTree(directory_).Put("/" + Sha256(content).ToHex(), file);
  if (kept) return {};
  return Fail(
      ExitCode::kInternal,
      fmt::format("cannot keep a copy below '{}': {}", directory_.string(), kept.error().message),
      kept.error().hint);
}

Result<Bytes> ContentStore::Load(const Sha256Digest& sha256) const {
  TRY(Bytes content, ReadFile(directory_ / sha256.ToHex(), HostTree::kContentMax));
  if (Sha256(content) == sha256) return content;
  return Fail(ExitCode::kInternal,
              fmt::format("the kept copy '{}' is damaged", (directory_ / sha256.ToHex()).string()));
}

}  // namespace lastgood
