// SPDX-License-Identifier: MIT
// Where this computer asks for names: the nearest things in its network that ought to be there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Addresses of the lines `nameserver` (resolv.conf(5)), without those of this computer itself and
// those that hold for one link alone ("fe80::1%eth0"); at most three, as the resolver reads.
std::vector<std::string> ParseNameServers(std::string_view resolv_conf);

// Those of etc/resolv.conf below `root`; when they are this computer's, those that its
// systemd-resolved asks.
std::vector<std::string> FindNameServers(const std::filesystem::path& root);

}  // namespace lastgood
