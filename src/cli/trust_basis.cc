// SPDX-License-Identifier: MIT
#include "cli/trust_basis.h"

namespace lastgood {

namespace fs = std::filesystem;

fs::path OwnKeyDirectory(const Surroundings& surroundings) {
  return surroundings.configuration_directory / "keys";
}

std::vector<fs::path> KeyDirectories(const Surroundings& surroundings) {
  std::vector<fs::path> directories{OwnKeyDirectory(surroundings)};
  for (const fs::path& data : surroundings.data_directories)
    if (data != surroundings.configuration_directory) directories.push_back(data / "keys");
  return directories;
}

Result<TrustBasis> LoadTrustBasis(const Surroundings& surroundings) {
  TrustBasis basis;
  TRY(basis.policy, LoadPolicy(surroundings.configuration_directory / "policy.toml"));
  TRY(basis.keyring, LoadKeyring(KeyDirectories(surroundings)));
  return basis;
}

}  // namespace lastgood
