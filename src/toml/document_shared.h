// SPDX-License-Identifier: MIT
// What copies of a Document share.
#pragma once

#include <string>

#include "toml/document.h"

namespace lastgood::toml {

struct Document::Shared {
  std::string text;  // without a byte order mark
  std::string name;
  Table root;
};

}  // namespace lastgood::toml
