// SPDX-License-Identifier: MIT
#include "device/network_serial_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace lastgood {
namespace {

constexpr std::array kSchemes = {
    std::pair{std::string_view("tcp://"), NetworkScheme::kTcp},
    std::pair{std::string_view("rfc2217://"), NetworkScheme::kRfc2217},
};
constexpr std::size_t kHostSizeMax = 253;  // of a name in the DNS

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

// With a zone, as link-local addresses need one: "fe80::1%eth0".
bool IsAddressCharacter(char c) { return IsHostCharacter(c) || c == ':' || c == '%'; }

std::optional<std::uint16_t> ParseTcpPort(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

tl::unexpected<Error> FailName(std::string_view name, std::string_view why) {
  return Fail(ExitCode::kUsage, fmt::format("serial device '{}' {}", name, why),
              "write tcp://HOST:TCP_PORT or rfc2217://HOST:TCP_PORT; an IPv6 address in brackets");
}

}  // namespace

bool IsNetworkSerial(std::string_view name) {
  return std::any_of(kSchemes.begin(), kSchemes.end(),
                     [name](const auto& scheme) { return name.starts_with(scheme.first); });
}

Result<NetworkSerialName> ParseNetworkSerialName(std::string_view name) {
  NetworkSerialName parsed;
  std::string_view rest;
  for (const auto& [prefix, scheme] : kSchemes) {
    if (!name.starts_with(prefix)) continue;
    parsed.scheme = scheme;
    rest = name.substr(prefix.size());
  }
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']'))
    return FailName(name, "names no TCP port");
  std::string_view host = rest.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return FailName(name, "names no host");
  const auto fits = bracketed ? IsAddressCharacter : IsHostCharacter;
  if (host.size() > kHostSizeMax || !std::all_of(host.begin(), host.end(), fits))
    return FailName(name, "names a host that can not be one");
  const auto tcp_port = ParseTcpPort(rest.substr(colon + 1));
  if (!tcp_port) return FailName(name, "needs a TCP port from 1 to 65535");
  parsed.host = host;
  parsed.tcp_port = *tcp_port;
  return parsed;
}

}  // namespace lastgood
