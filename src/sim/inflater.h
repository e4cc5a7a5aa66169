// SPDX-License-Identifier: MIT
// A zlib stream that arrives in pieces, as a loader on the chip unpacks it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace lastgood::sim {

class Inflater {
 public:
  Inflater();
  ~Inflater();

  // What `input` adds, at most `output_max` octets and one: more than fits tells by its length.
  // nullopt when the stream is broken.
  std::optional<Bytes> Add(ByteSpan input, std::size_t output_max);
  // The stream's end was reached and its Adler-32 was right.
  bool done() const { return done_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool done_ = false;
};

}  // namespace lastgood::sim
