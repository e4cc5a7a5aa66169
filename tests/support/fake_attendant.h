// SPDX-License-Identifier: MIT
// A person who remembers what was asked, and does what the test says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/attendant.h"

namespace lastgood::test {

class FakeAttendant final : public Attendant {
 public:
  Result<void> Ask(const HandRequest& request) override {
    asked.push_back(request.text);
    if (failure) return Fail(*failure);
    if (on_ask) return on_ask(request.mode);
    return {};
  }

  std::vector<std::string> asked;
  std::optional<Error> failure;  // of every question
  std::function<Result<void>(BoardMode)> on_ask;
};

}  // namespace lastgood::test
