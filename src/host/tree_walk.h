// SPDX-License-Identifier: MIT
// The way from a root directory to a place below it, gone by descriptor: see host/host_tree.h for
// its rules.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/descriptor.h"

namespace lastgood {

// A name in a directory.
struct TreePlace {
  Descriptor directory;              // the deepest one that exists, for paths alone (O_PATH)
  std::vector<std::string> missing;  // below it, before `name`
  std::string name;                  // "." for the root itself
  std::string path;                  // from the root on, links followed
};

enum class LinkAtEnd { kKeep, kFollow };

// kSetupFailed, naming `path`: no directory where there must be one, links that go round in
// circles or lead where an unprivileged user's link may not lead, no permission.
Result<TreePlace> WalkTo(const std::filesystem::path& root, std::string_view path, LinkAtEnd end);

}  // namespace lastgood
