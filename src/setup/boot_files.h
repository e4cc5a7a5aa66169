// SPDX-License-Identifier: MIT
// The text files that a Raspberry Pi's firmware reads from its boot partition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "setup/change.h"
#include "setup/setup_host.h"

namespace lastgood {

struct BootFile {
  std::string name;  // as the firmware finds it: "/boot/firmware/config.txt"
  std::string path;  // links followed
  FileState state;

  std::string_view Text() const { return AsText(state.content); }
};

// A file of the boot directory, which may name one below it. kSetupFailed when there are no boot
// files, when this one is missing, or when it is no text.
Result<BootFile> ReadBootFile(const SetupHost& host, const std::string& name);

// What makes `text` of the file; nothing when it is.
std::vector<Change> ChangesOf(const BootFile& file, std::string_view text);

}  // namespace lastgood
