// SPDX-License-Identifier: MIT
#include "device/network_serial_name.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(NetworkSerialName, SchemesAreKnownByTheirBeginning) {
  EXPECT_TRUE(IsNetworkSerial("tcp://x:1"));
  EXPECT_TRUE(IsNetworkSerial("rfc2217://"));
  for (const char* other : {"/dev/ttyUSB0", "sim:x", "TCP://x:1", "http://x:1", "tcp:/x", ""})
    EXPECT_FALSE(IsNetworkSerial(other)) << other;
}

TEST(NetworkSerialName, HostAndTcpPortAreTakenApart) {
  struct Case {
    const char* name;
    NetworkScheme scheme;
    const char* host;
    std::uint16_t tcp_port;
  };
  for (const Case& c : {
           Case{"tcp://board:23", NetworkScheme::kTcp, "board", 23},
           Case{"rfc2217://10.0.0.7:65535", NetworkScheme::kRfc2217, "10.0.0.7", 65535},
           Case{"rfc2217://[::1]:4000", NetworkScheme::kRfc2217, "::1", 4000},
           Case{"tcp://[fe80::1%eth0]:1", NetworkScheme::kTcp, "fe80::1%eth0", 1},
           Case{"tcp://lab-1.example:4000", NetworkScheme::kTcp, "lab-1.example", 4000},
       }) {
    const auto parsed = ParseNetworkSerialName(c.name);
    ASSERT_TRUE(parsed) << c.name << ": " << parsed.error().message;
    EXPECT_EQ(parsed->scheme, c.scheme) << c.name;
    EXPECT_EQ(parsed->host, c.host) << c.name;
    EXPECT_EQ(parsed->tcp_port, c.tcp_port) << c.name;
  }
}

TEST(NetworkSerialName, WhatIsWrongIsSaid) {
  struct Case {
    const char* name;
    const char* message;
  };
  for (const Case& c : {
           Case{"tcp://board", "serial device 'tcp://board' names no TCP port"},
           Case{"tcp://[::1]", "serial device 'tcp://[::1]' names no TCP port"},
           Case{"tcp://:4000", "serial device 'tcp://:4000' names no host"},
           Case{"tcp://[]:4000", "serial device 'tcp://[]:4000' names no host"},
           Case{"tcp://::1:4000",
                "serial device 'tcp://::1:4000' names a host that can not be one"},
           Case{"tcp://a b:1", "serial device 'tcp://a b:1' names a host that can not be one"},
           Case{"tcp://a/b:1", "serial device 'tcp://a/b:1' names a host that can not be one"},
           Case{"tcp://a:0", "serial device 'tcp://a:0' needs a TCP port from 1 to 65535"},
           Case{"tcp://a:65536", "serial device 'tcp://a:65536' needs a TCP port from 1 to 65535"},
           Case{"tcp://a:", "serial device 'tcp://a:' needs a TCP port from 1 to 65535"},
           Case{"tcp://a:1/x", "serial device 'tcp://a:1/x' needs a TCP port from 1 to 65535"},
       }) {
    const auto parsed = ParseNetworkSerialName(c.name);
    ASSERT_FALSE(parsed) << c.name;
    EXPECT_EQ(parsed.error().code, ExitCode::kUsage);
    EXPECT_EQ(parsed.error().message, c.message);
  }
}

}  // namespace
}  // namespace lastgood
