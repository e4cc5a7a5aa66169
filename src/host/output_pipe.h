// SPDX-License-Identifier: MIT
// The pipe that a program's output comes through. Everything is read, so that the program never
// blocks; only the beginning is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "host/descriptor.h"

namespace lastgood {

class OutputPipe {
 public:
  // nullopt with errno set when the system has no descriptors left.
  static std::optional<OutputPipe> Open(std::size_t bytes_max);

  // For poll(2); -1, which poll ignores, once the other end is closed.
  int Get() const { return read_end_.Get(); }
  int WriteEnd() const { return write_end_.Get(); }
  void CloseWriteEnd() { write_end_.Reset(); }

  // Takes what is there, at most one chunk, without waiting; returns how much.
  std::size_t ReadSome();
  // Takes what was in the pipe when it was called.
  void ReadLeftovers();

  std::string TakeText() { return std::move(text_); }

 private:
  explicit OutputPipe(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  Descriptor read_end_;
  Descriptor write_end_;
  std::size_t bytes_max_;
  std::string text_;
};

}  // namespace lastgood
