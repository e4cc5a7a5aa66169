// SPDX-License-Identifier: MIT
// Serial devices on the network by their names: "tcp://HOST:TCP_PORT" (octets and nothing else) and
// "rfc2217://HOST:TCP_PORT" (RFC 2217: rate and modem lines as well). HOST is a name, an IPv4
// address, or an IPv6 address in brackets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lastgood {

enum class NetworkScheme { kTcp, kRfc2217 };

struct NetworkSerialName {
  NetworkScheme scheme = NetworkScheme::kTcp;
  std::string host;  // without brackets
  std::uint16_t tcp_port = 0;
};

// Whether `name` begins with one of the schemes; then it is meant for ParseNetworkSerialName.
bool IsNetworkSerial(std::string_view name);

// kUsage with what is wrong about it.
Result<NetworkSerialName> ParseNetworkSerialName(std::string_view name);

}  // namespace lastgood
