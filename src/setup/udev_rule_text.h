// SPDX-License-Identifier: MIT
// One line of an udev rules file, read as udev(7) describes it: enough to find the mistakes that
// udev itself only writes into a log.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

struct UdevTerm {
  std::string_view key;        // "ATTR"
  std::string_view attribute;  // "idVendor" of ATTR{idVendor}; empty when there is none
  std::string_view operation;  // "=="
  std::string_view value;      // between the quotes, as it is written
};

struct UdevMistake {
  std::size_t at = 0;  // offset in the line
  std::string what;
};

// Parts of `line`, which must outlive it.
struct UdevRule {
  std::vector<UdevTerm> terms;         // none of a comment or an empty line
  std::optional<UdevMistake> mistake;  // the first one
};
UdevRule ParseUdevRule(std::string_view line);

}  // namespace lastgood
