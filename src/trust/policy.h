// SPDX-License-Identifier: MIT
// What has to be signed on this host, and by whom: /etc/lastgood/policy.toml (docs/trust.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "trust/minisign.h"

namespace lastgood {

enum class SignatureRequirement {
  kRemote,   // what comes from a URL
  kBundles,  // that, and what comes in a bundle
  kAlways,   // that, and local files; not what is installed
};

// What begins with `prefix` is trusted only when one of these keys signed it.
struct SourceRule {
  std::string prefix;
  std::vector<KeyId> keys;
};

struct Policy {
  SignatureRequirement require_signature = SignatureRequirement::kRemote;
  std::vector<SourceRule> sources;
};

// kInvalidManifest with all mistakes, each with its place.
Result<Policy> ParsePolicy(std::string text, std::string name);

// The default when there is no such file; never when it cannot be read.
Result<Policy> LoadPolicy(const std::filesystem::path& path);

}  // namespace lastgood
