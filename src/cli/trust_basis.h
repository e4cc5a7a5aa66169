// SPDX-License-Identifier: MIT
// What this host believes: its policy and its keys.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "cli/toolbox.h"
#include "trust/keyring.h"
#include "trust/policy.h"

namespace lastgood {

struct TrustBasis {
  Policy policy;
  Keyring keyring;
};

// kInvalidManifest for a policy with mistakes, kNotTrusted for keys that cannot be read.
Result<TrustBasis> LoadTrustBasis(const Surroundings& surroundings);

// Where keys are looked for.
std::vector<std::filesystem::path> KeyDirectories(const Surroundings& surroundings);
// Where the administrator's own are kept.
std::filesystem::path OwnKeyDirectory(const Surroundings& surroundings);

}  // namespace lastgood
