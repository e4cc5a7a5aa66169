// SPDX-License-Identifier: MIT
// A person who stands at the board and can be asked to press its buttons. Whoever builds the real
// objects knows whether there is one; below cli/ nobody knows a terminal.
#pragma once

#include <string>

#include "base/result.h"
#include "device/board_lines.h"

namespace lastgood {

struct HandRequest {
  BoardMode mode = BoardMode::kDownload;  // what it leads to
  std::string text;                       // what to do, one sentence without its full stop
};

class Attendant {
 public:
  virtual ~Attendant() = default;
  // Shows the request and waits until the person says that it is done, for a limited time. kRefused
  // when nobody did, kInterrupted. One question at a time: safe to use from several threads.
  virtual Result<void> Ask(const HandRequest& request) = 0;
};

}  // namespace lastgood
