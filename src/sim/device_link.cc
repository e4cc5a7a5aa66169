// SPDX-License-Identifier: MIT
#include "sim/device_link.h"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "host/descriptor.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> FailToLink(const fs::path& link, const std::string& why) {
  return Fail(ExitCode::kUsage, fmt::format("cannot make the link '{}': {}", link.string(), why),
              "name a path in an existing directory where nothing but an old link stands");
}

}  // namespace

Result<DeviceLink> DeviceLink::Make(const fs::path& link, const fs::path& target) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(link, error);
  if (fs::exists(there) && !fs::is_symlink(there))
    return FailToLink(link, "something that is not a link is there");
  const fs::path temporary = link.string() + fmt::format(".new-{}", ::getpid());
  fs::remove(temporary, error);
  fs::create_symlink(target, temporary, error);
  if (error) return FailToLink(link, ErrnoText(error.value()));
  fs::rename(temporary, link, error);
  if (!error) return DeviceLink(link, target);
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return FailToLink(link, ErrnoText(error.value()));
}

DeviceLink::DeviceLink(DeviceLink&& other) noexcept
    : link_(std::exchange(other.link_, {})), target_(std::move(other.target_)) {}

DeviceLink::~DeviceLink() {
  std::error_code error;
  if (!link_.empty() && fs::read_symlink(link_, error) == target_) fs::remove(link_, error);
}

}  // namespace lastgood::sim
