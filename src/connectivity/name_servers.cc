// SPDX-License-Identifier: MIT
#include "connectivity/name_servers.h"

#include <algorithm>

#include "base/bytes.h"
#include "host/files.h"

namespace lastgood {
namespace {

constexpr std::size_t kNameServersMax = 3;  // MAXNS of resolv.h
constexpr std::uint64_t kFileBytesMax = 64 * 1024;
constexpr std::string_view kBlanks = " \t\r";

std::string_view NextWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, std::min(line.find_first_of(kBlanks), line.size()));
  line.remove_prefix(word.size());
  return word;
}

bool IsAddressElsewhere(std::string_view text) {
  const bool plain = text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
  return plain && !text.empty() && !text.starts_with("127.") && text != "::1";
}

}  // namespace

std::vector<std::string> ParseNameServers(std::string_view resolv_conf) {
  std::vector<std::string> addresses;
  while (!resolv_conf.empty()) {
    const std::size_t end = std::min(resolv_conf.find('\n'), resolv_conf.size());
    std::string_view line = resolv_conf.substr(0, end);
    resolv_conf.remove_prefix(std::min(end + 1, resolv_conf.size()));
    if (NextWord(line) != "nameserver") continue;
    const std::string_view address = NextWord(line);
    if (IsAddressElsewhere(address) && addresses.size() < kNameServersMax)
      addresses.emplace_back(address);
  }
  return addresses;
}

std::vector<std::string> FindNameServers(const std::filesystem::path& root) {
  for (const char* file : {"etc/resolv.conf", "run/systemd/resolve/resolv.conf"}) {
    const Result<Bytes> text = ReadFile(root / file, kFileBytesMax);
    if (!text) continue;
    auto addresses = ParseNameServers(AsText(*text));
    if (!addresses.empty()) return addresses;
  }
  return {};
}

}  // namespace lastgood
