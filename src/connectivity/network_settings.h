// SPDX-License-Identifier: MIT
// Which URLs a diagnosis asks whose answer is known: public ones that exist for this, and a
// school's own, named in network.toml (docs/connectivity.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lastgood {

struct KnownAnswer {
  std::string url;
  // The whole body, but for white space around it. Unset: any answer counts, and says only that
  // somebody is there; for an address that is asked in case no name resolves.
  std::optional<std::string> expect;

  bool operator==(const KnownAnswer&) const = default;
};

// Of independent operators, over HTTP (a portal shows itself) and HTTPS (so does who replaces
// certificates), by name and by address:
// - network-test.debian.org and nmcheck.gnome.org: the connectivity checks of NetworkManager, as
//   Debian and Fedora configure it
// - detectportal.firefox.com: Firefox's captive portal detection
// - 1.1.1.1 and 8.8.8.8: name servers of Cloudflare and Google, which answer as web servers as well
std::vector<KnownAnswer> DefaultKnownAnswers();

struct NetworkSettings {
  std::vector<KnownAnswer> known_answers = DefaultKnownAnswers();
};

// `name` is what messages call the file. kInvalidManifest with all mistakes, line and caret each.
Result<NetworkSettings> ParseNetworkSettings(std::string text, std::string name);

}  // namespace lastgood
