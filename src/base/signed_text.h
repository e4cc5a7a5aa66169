// SPDX-License-Identifier: MIT
// A manifest, recipe or list with its detached signature, before anybody has judged it.
#pragma once

#include <string>

namespace lastgood {

struct SignedText {
  std::string name;  // what messages call it: a path or a URL
  std::string text;
  std::string signature;  // the content of NAME.minisig; empty when there is none
};

}  // namespace lastgood
