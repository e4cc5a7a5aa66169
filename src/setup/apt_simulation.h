// SPDX-License-Identifier: MIT
// What apt and dpkg say, as values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Asked for as "name" or "name=version".
struct PackageWish {
  std::string name;
  std::string version;  // empty: any

  std::string Text() const { return version.empty() ? name : name + "=" + version; }
};

// A package that dpkg knows.
struct PackageState {
  std::string version;
  std::string status;  // "installed", "config-files", "half-configured"
};

// For dpkg-query -W -f=kPackageFormat; of a package with several architectures the one that is
// installed.
inline constexpr std::string_view kPackageFormat =
    "${Package}\\t${Version}\\t${db:Status-Status}\\n";
using PackageStates = std::map<std::string, PackageState, std::less<>>;
PackageStates ParsePackageStates(std::string_view text);
// Names of packages that dpkg was interrupted with.
std::vector<std::string> InterruptedPackages(const PackageStates& states);

// What `apt-get -s install` says that it would do.
struct Simulation {
  struct Upgrade {
    std::string name;
    std::string from;  // version
    std::string to;
  };
  std::vector<std::string> installed;  // that are not installed now
  std::vector<Upgrade> upgraded;       // or downgraded
  std::vector<std::string> removed;
};
Simulation ParseSimulation(std::string_view text);

}  // namespace lastgood
