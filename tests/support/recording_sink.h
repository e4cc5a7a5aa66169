// SPDX-License-Identifier: MIT
// An HttpSink that keeps what it is given, and may refuse.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "http/http_client.h"

namespace lastgood::test {

struct RecordingSink final : HttpSink {
  int responses = 0;
  HttpResponse response;
  Bytes body;
  std::size_t largest_piece = 0;
  bool body_before_response = false;
  std::optional<Error> refuse_response;
  std::optional<Error> refuse_body;
  Interrupt* interrupt_on_body = nullptr;

  Result<void> OnResponse(const HttpResponse& head) override {
    ++responses;
    response = head;
    if (refuse_response) return Fail(*refuse_response);
    return {};
  }
  Result<void> OnBody(ByteSpan piece) override {
    if (responses == 0) body_before_response = true;
    if (refuse_body) return Fail(*refuse_body);
    Append(body, piece);
    largest_piece = std::max(largest_piece, piece.size());
    if (interrupt_on_body != nullptr) interrupt_on_body->Request();
    return {};
  }
};

}  // namespace lastgood::test
