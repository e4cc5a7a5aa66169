// SPDX-License-Identifier: MIT
#include "sim/unix_address.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood::sim {

Result<UnixAddress> UnixAddress::Make(const std::filesystem::path& path) {
  UnixAddress address;
  const std::string& text = path.native();
  constexpr std::size_t kMax = sizeof address.address_.sun_path - 1;
  if (text.empty()) return Fail(ExitCode::kUsage, "the socket has no path");
  if (text.size() > kMax)
    return Fail(ExitCode::kUsage,
                fmt::format("socket path '{}' is too long: {} bytes, the system allows {}", text,
                            text.size(), kMax),
                "name a shorter path, such as one in /tmp or relative to the current directory");
  address.address_.sun_family = AF_UNIX;
  std::copy(text.begin(), text.end(), address.address_.sun_path);
  return address;
}

}  // namespace lastgood::sim
