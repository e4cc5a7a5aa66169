// SPDX-License-Identifier: MIT
#include "host/descriptor.h"

#include <unistd.h>

#include <cctype>
#include <system_error>

namespace lastgood {

void Descriptor::Reset() {
  if (number_ < 0) return;
  const int error = errno;
  close(std::exchange(number_, -1));
  errno = error;
}

std::string ErrnoText(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace lastgood
