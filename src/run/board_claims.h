// SPDX-License-Identifier: MIT
// Which boards the threads of this process work on: one board may hang on two serial devices.
#pragma once

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <string>

#include "base/board_identity.h"
#include "base/result.h"

namespace lastgood {

class BoardClaims {
 public:
  // kBusy when another device has led to this board already.
  Result<void> Claim(const MacAddress& mac, const std::string& device) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [holder, is_new] = claims_.emplace(mac, device);
    if (is_new || holder->second == device) return {};
    return Fail(ExitCode::kBusy,
                fmt::format("'{}' leads to board {}, which '{}' leads to as well", device,
                            mac.ToString(), holder->second),
                "name each board once");
  }

 private:
  std::mutex mutex_;
  std::map<MacAddress, std::string> claims_;
};

}  // namespace lastgood
