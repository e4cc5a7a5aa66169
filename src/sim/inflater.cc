// SPDX-License-Identifier: MIT
#include "sim/inflater.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace lastgood::sim {

struct Inflater::State {
  z_stream stream{};
  bool usable = false;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {
  state_->usable = inflateInit(&state_->stream) == Z_OK;
}

Inflater::~Inflater() { inflateEnd(&state_->stream); }

std::optional<Bytes> Inflater::Add(ByteSpan input, std::size_t output_max) {
  if (!state_->usable) return std::nullopt;
  z_stream& stream = state_->stream;
  Bytes copy(input.begin(), input.end());  // zlib's input is not const
  stream.next_in = copy.data();
  stream.avail_in = static_cast<uInt>(copy.size());
  Bytes output;
  std::array<std::uint8_t, 4096> piece;
  while (output.size() <= output_max && !done_) {
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(std::min(piece.size(), output_max + 1 - output.size()));
    const std::size_t room = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    Append(output, ByteSpan(piece).first(room - stream.avail_out));
    done_ = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR) break;  // wants the next piece
    if (result != Z_OK && result != Z_STREAM_END) return std::nullopt;
    if (stream.avail_in == 0 && stream.avail_out != 0) break;
  }
  return output;
}

}  // namespace lastgood::sim
