// SPDX-License-Identifier: MIT
// States of files that belong to whoever runs the test.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

#include "host/host_tree.h"

namespace lastgood::test {

inline FileState FileWith(std::string_view text, std::uint32_t mode = 0644) {
  FileState state;
  state.kind = FileKind::kFile;
  state.content.assign(text.begin(), text.end());
  state.mode = mode;
  state.uid = geteuid();
  state.gid = getegid();
  return state;
}

inline FileState DirectoryWith(std::uint32_t mode) {
  FileState state = FileWith("", mode);
  state.kind = FileKind::kDirectory;
  return state;
}

inline FileState LinkTo(const std::string& target) {
  FileState state = FileWith("", 0);
  state.kind = FileKind::kLink;
  state.target = target;
  return state;
}

}  // namespace lastgood::test
