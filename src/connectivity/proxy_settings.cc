// SPDX-License-Identifier: MIT
#include "connectivity/proxy_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "connectivity/apt_configuration.h"
#include "host/files.h"
#include "http/answer.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 256 * 1024;
constexpr std::size_t kFilesMax = 256;
constexpr std::size_t kProxiesMax = 4;  // more are a misconfiguration, and each is asked
constexpr std::string_view kBlanks = " \t\r";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view Trim(std::string_view text, std::string_view what = kBlanks) {
  text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
  return text.substr(0, text.find_last_not_of(what) + 1);
}

// "micropython.org" of "micropython.org:8080", "::1" of "[::1]:8080".
std::string NameOfHost(std::string_view url) {
  const std::string host = Lower(UrlHost(url));
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool IsExcepted(const std::string& host, std::string_view no_proxy) {
  while (!no_proxy.empty()) {
    const std::size_t end = std::min(no_proxy.find_first_of(", "), no_proxy.size());
    std::string entry = Lower(no_proxy.substr(0, end));
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    if (entry == "*") return true;
    if (entry.starts_with('.')) entry.erase(0, 1);
    if (entry.empty()) continue;
    if (host == entry || host.ends_with("." + entry)) return true;
  }
  return false;
}

std::optional<std::string> ReadText(const fs::path& path) {
  const Result<Bytes> content = ReadFile(path, kFileBytesMax);
  if (!content) return std::nullopt;
  return std::string(AsText(*content));
}

// Files that apt reads of apt.conf.d (apt.conf(5)): letters, digits, '-', '_' and '.', with no
// extension or ".conf", in the order of their names; then apt.conf itself.
std::vector<std::string> AptFiles(const fs::path& root) {
  constexpr std::string_view kMark = "-_.";
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(root / "etc/apt/apt.conf.d", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool plain = std::all_of(name.begin(), name.end(), [&](unsigned char c) {
      return std::isalnum(c) != 0 || kMark.find(static_cast<char>(c)) != std::string_view::npos;
    });
    const std::string extension = at->path().extension().string();
    if (plain && (extension.empty() || extension == ".conf") && names.size() < kFilesMax)
      names.push_back("/etc/apt/apt.conf.d/" + name);
  }
  std::sort(names.begin(), names.end());
  names.push_back("/etc/apt/apt.conf");
  return names;
}

struct AptProxies {
  FoundProxy proxy;  // the last setting counts
  std::string program;
  std::string program_origin;
};

// A setting for one scheme; those for a host alone (Acquire::http::Proxy::HOST) are for apt's own
// servers.
void TakeAptSetting(AptProxies& found, const AptSetting& setting, const std::string& scheme,
                    const std::string& origin) {
  const std::string prefix = "acquire::" + scheme + "::";
  if (setting.name == prefix + "proxy") found.proxy = {setting.value, origin};
  if (setting.name == prefix + "proxy-auto-detect" || setting.name == prefix + "proxyautodetect") {
    found.program = setting.value;
    found.program_origin = origin;
  }
}

bool NamesProxy(const std::string& value) { return !value.empty() && Lower(value) != "direct"; }

// apt uses http's proxy for https where https has none of its own.
void AddAptProxies(const fs::path& root, std::string_view url, ProxySearch& search) {
  AptProxies http;
  AptProxies https;
  for (const std::string& file : AptFiles(root)) {
    const auto text = ReadText(root / fs::path(file).relative_path());
    if (!text) continue;
    for (const AptSetting& setting : ParseAptConfiguration(*text)) {
      TakeAptSetting(http, setting, "http", file);
      TakeAptSetting(https, setting, "https", file);
    }
  }
  const bool secure = UrlScheme(url) == "https" && !https.proxy.url.empty();
  const AptProxies& chosen = secure ? https : http;
  if (NamesProxy(chosen.proxy.url)) search.proxies.push_back(chosen.proxy);
  for (const AptProxies* found : {&http, &https})
    if (!found->program.empty())
      search.notes.push_back(fmt::format("{} names a program that finds a proxy, not run: {}",
                                         found->program_origin, found->program));
}

}  // namespace

std::string ProxyFor(std::string_view url, const ProxyVariables& variables) {
  const std::string scheme = UrlScheme(url);
  if (scheme != "http" && scheme != "https") return {};
  if (IsExcepted(NameOfHost(url), variables.no_proxy)) return {};
  const std::string& own = scheme == "https" ? variables.https_proxy : variables.http_proxy;
  return own.empty() ? variables.all_proxy : own;
}

void TakeVariable(ProxyVariables& variables, std::string_view name, std::string_view value) {
  if (name == "http_proxy") variables.http_proxy = value;
  if (name == "https_proxy" || (name == "HTTPS_PROXY" && variables.https_proxy.empty()))
    variables.https_proxy = value;
  if (name == "all_proxy" || (name == "ALL_PROXY" && variables.all_proxy.empty()))
    variables.all_proxy = value;
  if (name == "no_proxy" || (name == "NO_PROXY" && variables.no_proxy.empty()))
    variables.no_proxy = value;
}

ProxyVariables ParseEnvironmentFile(std::string_view text) {
  ProxyVariables variables;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("export ")) line = Trim(line.substr(std::string_view("export ").size()));
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    std::string_view value = Trim(line.substr(equals + 1));
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    TakeVariable(variables, Trim(line.substr(0, equals)), value);
  }
  return variables;
}

ProxySearch FindProxies(const fs::path& root, std::string_view url) {
  ProxySearch search;
  if (const auto text = ReadText(root / "etc/environment")) {
    const std::string proxy = ProxyFor(url, ParseEnvironmentFile(*text));
    if (!proxy.empty()) search.proxies.push_back({proxy, "/etc/environment"});
  }
  AddAptProxies(root, url, search);
  std::vector<FoundProxy> once;
  for (FoundProxy& proxy : search.proxies) {
    const bool known = std::any_of(once.begin(), once.end(),
                                   [&](const FoundProxy& other) { return other.url == proxy.url; });
    if (!known && once.size() < kProxiesMax) once.push_back(std::move(proxy));
  }
  search.proxies = std::move(once);
  return search;
}

}  // namespace lastgood
