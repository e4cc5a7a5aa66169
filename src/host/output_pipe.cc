// SPDX-License-Identifier: MIT
#include "host/output_pipe.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace lastgood {

std::optional<OutputPipe> OutputPipe::Open(std::size_t bytes_max) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  OutputPipe pipe(bytes_max);
  pipe.read_end_ = Descriptor(ends[0]);
  pipe.write_end_ = Descriptor(ends[1]);
  // Only our end: the program expects a pipe that blocks.
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return std::nullopt;
  return pipe;
}

std::size_t OutputPipe::ReadSome() {
  if (!read_end_) return 0;
  std::array<char, 16384> chunk;
  const ssize_t count =
      RetryOnInterrupt([&] { return read(read_end_.Get(), chunk.data(), chunk.size()); });
  if (count < 0 && errno == EAGAIN) return 0;
  if (count <= 0) {
    read_end_.Reset();
    return 0;
  }
  const auto size = static_cast<std::size_t>(count);
  text_.append(chunk.data(), std::min(size, bytes_max_ - text_.size()));
  return size;
}

void OutputPipe::ReadLeftovers() {
  int left = 0;
  if (!read_end_ || ioctl(read_end_.Get(), FIONREAD, &left) != 0) return;
  // Counted, not read until the pipe is empty: a daemon may fill it as fast as we read.
  while (left > 0) {
    const std::size_t count = ReadSome();
    if (count == 0) return;
    left -= static_cast<int>(count);
  }
}

}  // namespace lastgood
