// SPDX-License-Identifier: MIT
// From what files and directories are to be, to the changes that make them so: what is missing
// above them is part of it, and what is right already is none.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "setup/change.h"
#include "setup/file_fields.h"
#include "setup/setup_host.h"

namespace lastgood {

// What is at a path of the host now, links followed.
struct FilePlace {
  std::string path;
  FileState now;
};
// kSetupFailed when it can not be looked at.
Result<FilePlace> FindPlace(std::string_view path, const SetupHost& host);
// The same, when a file is there or nothing; kSetupFailed for anything else.
Result<FilePlace> FindFile(std::string_view path, const SetupHost& host);

// For claims: two spellings of a path are one thing.
std::string FileClaim(std::string_view path, const SetupHost& host);

class FilePlan {
 public:
  explicit FilePlan(const SetupHost& host) : host_(host) {}

  // kSetupFailed when something else is in the way, or an owner is not known.
  Result<void> WantFile(std::string_view path, Bytes content, const FileAttributes& attributes);
  // The same, of a place that FindFile() found.
  Result<void> WantFile(const FilePlace& place, Bytes content, const FileAttributes& attributes);
  Result<void> WantDirectory(std::string_view path, const FileAttributes& attributes);

  // In the order in which they have to be made.
  std::vector<Change> Take() { return std::move(changes_); }

 private:
  Result<void> WantParentsOf(const std::string& path);
  Result<void> SetAttributes(FileState& state, const FileState& now,
                             const FileAttributes& attributes, std::uint32_t mode_of_new) const;
  void Become(std::string path, FileState now, FileState after);

  const SetupHost& host_;
  std::set<std::string> made_;  // directories that will be there by then
  std::vector<Change> changes_;
};

}  // namespace lastgood
