// SPDX-License-Identifier: MIT
// `when` of a [[step]]: what a host has to be for the step to be done on it (docs/recipe.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "toml/document.h"

namespace lastgood {

// All of them have to hold. A list that is empty is not asked for; of another, one pattern has to
// fit: a word, or how it begins with a '*' behind it.
struct HostConditions {
  std::vector<std::string> models;            // "Raspberry Pi 4*", as device trees call them
  std::vector<std::string> releases;          // "bookworm"
  std::vector<std::string> architectures;     // "arm64"
  std::vector<std::string> boot_directories;  // "/boot/firmware"
  std::optional<bool> offline;  // whether another root directory is set up than this host's
};

bool FitsPattern(std::string_view word, std::string_view pattern);

// Whether there may be a host for which both hold.
bool CanBothHold(const HostConditions& a, const HostConditions& b);

HostConditions ReadConditions(const toml::Table& table, toml::Diagnostics& diagnostics);

}  // namespace lastgood
