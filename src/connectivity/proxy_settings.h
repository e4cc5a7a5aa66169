// SPDX-License-Identifier: MIT
// Which proxies this computer was told about, and where: the environment, /etc/environment and
// apt's configuration. A service without a login session sees only the last two.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// The variables that name proxies, as libcurl reads them (curl_easy_setopt(3), CURLOPT_PROXY).
// Empty when unset.
struct ProxyVariables {
  std::string http_proxy;
  std::string https_proxy;
  std::string all_proxy;
  std::string no_proxy;  // names and their subdomains, separated by commas or blanks; "*": all

  bool operator==(const ProxyVariables&) const = default;
};

// The proxy that these variables name for `url`; empty when none. Networks in CIDR notation in
// no_proxy are not looked at.
std::string ProxyFor(std::string_view url, const ProxyVariables& variables);

// Takes NAME=VALUE if NAME is one of the variables: lower case, and upper case as well but for
// HTTP_PROXY, which a web server's client could set (CVE-2016-5385).
void TakeVariable(ProxyVariables& variables, std::string_view name, std::string_view value);

// The variables in the text of /etc/environment: NAME=VALUE lines as pam_env reads them, quoted or
// not, with or without `export`.
ProxyVariables ParseEnvironmentFile(std::string_view text);

struct FoundProxy {
  std::string url;     // as it was written, with credentials
  std::string origin;  // "/etc/environment", "/etc/apt/apt.conf.d/95proxy"
  bool operator==(const FoundProxy&) const = default;
};

struct ProxySearch {
  std::vector<FoundProxy> proxies;  // for `url`, each once
  std::vector<std::string> notes;   // what was seen and not used: a program that finds a proxy
};

// Looks in the files below `root`. What cannot be read is not there.
ProxySearch FindProxies(const std::filesystem::path& root, std::string_view url);

}  // namespace lastgood
