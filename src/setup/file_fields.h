// SPDX-License-Identifier: MIT
// The fields that kinds which write files have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "manifest/text_rules.h"
#include "setup/setup_host.h"
#include "toml/document.h"

namespace lastgood {

// A path on the host is absolute and plain: no "..", ".", "//" or final "/", no control characters,
// at most 1024 octets, and not in /dev, /proc or /sys.
Refusal WhyNotHostPath(std::string_view path);
// The required field `key`; empty when a mistake was noted.
std::string ReadHostPath(toml::TableReader& reader, std::string_view key);

// Who may do what with a file or directory. What a recipe does not name stays as it is; a new one
// gets 0644 or 0755, and belongs to root, or to whoever runs lastgood when that is not root.
struct FileAttributes {
  std::optional<std::uint32_t> mode;  // `mode`: "0640", at most 0777
  std::string owner;                  // `owner`, `group`: a name of that host, or a number;
  std::string group;                  // the owner also "@invoker"; empty: not named

  // For claims: "mode 0640, owner root"; empty when nothing is named.
  std::string Describe() const;
};
FileAttributes ReadFileAttributes(toml::TableReader& reader);

// The number of a user or group by /etc/passwd or /etc/group of the host that is set up.
// kSetupFailed when there is none of that name.
Result<std::uint32_t> FindUser(const std::string& name, const SetupHost& host);
Result<std::uint32_t> FindGroup(const std::string& name, const SetupHost& host);

}  // namespace lastgood
