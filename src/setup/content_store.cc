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

Result<void> ContentStore::Keep(ByteSpan content) const {
  const Sha256Digest sha256 = Sha256(content);
  if (Load(sha256)) return {};
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory_, ignored)) {
    TRY_DO(CreateDirectories(directory_));
    ::chmod(directory_.c_str(), 0700);
  }
  FileState file{FileKind::kFile, Bytes(content.begin(), content.end()), {}, 0600, 0, 0, 0};
  file.uid = ::geteuid();
  file.gid = ::getegid();
  return HostTree(directory_).Put("/" + sha256.ToHex(), file);
}

Result<Bytes> ContentStore::Load(const Sha256Digest& sha256) const {
  TRY(Bytes content, ReadFile(directory_ / sha256.ToHex(), HostTree::kContentMax));
  if (Sha256(content) == sha256) return content;
  return Fail(ExitCode::kInternal,
              fmt::format("the kept copy '{}' is damaged", (directory_ / sha256.ToHex()).string()));
}

}  // namespace lastgood
