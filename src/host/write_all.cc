// SPDX-License-Identifier: MIT
#include "host/write_all.h"

#include <unistd.h>

#include <cerrno>

namespace lastgood {

int WriteAll(const Descriptor& file, ByteSpan content) {
  while (!content.empty()) {
    const ssize_t written =
        RetryOnInterrupt([&] { return write(file.Get(), content.data(), content.size()); });
    if (written < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace lastgood
