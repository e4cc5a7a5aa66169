// SPDX-License-Identifier: MIT
// A symbolic link that gives a pty a name for as long as it is served.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace lastgood::sim {

class DeviceLink {
 public:
  // Makes `link` point to `target` in one step, in place of a link that is there. kUsage when
  // something else than a link is there, or its directory is not; nothing has changed then.
  static Result<DeviceLink> Make(const std::filesystem::path& link,
                                 const std::filesystem::path& target);
  // Removes the link, unless it points elsewhere by now.
  ~DeviceLink();
  DeviceLink(DeviceLink&& other) noexcept;
  DeviceLink& operator=(DeviceLink&&) = delete;

 private:
  DeviceLink(std::filesystem::path link, std::filesystem::path target)
      : link_(std::move(link)), target_(std::move(target)) {}

  std::filesystem::path link_;  // empty when moved from
  std::filesystem::path target_;
};

}  // namespace lastgood::sim
