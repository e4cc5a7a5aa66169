// SPDX-License-Identifier: MIT
// Who may open a device, for hints about permission.
#pragma once

#include <filesystem>
#include <string>

namespace lastgood {

// The group whose members may read and write it; empty when there is none.
std::string GroupThatMayUse(const std::filesystem::path& device);

// "add the user to group 'gpio': …"
std::string HintToJoin(const std::string& group);

}  // namespace lastgood
