// SPDX-License-Identifier: MIT
// The address of a Unix socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

#include "base/result.h"

namespace lastgood::sim {

class UnixAddress {
 public:
  // kUsage when the path is empty or longer than the system's 107 octets.
  static Result<UnixAddress> Make(const std::filesystem::path& path);

  const sockaddr* Get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t Size() const { return sizeof address_; }

 private:
  UnixAddress() = default;
  sockaddr_un address_{};
};

}  // namespace lastgood::sim
