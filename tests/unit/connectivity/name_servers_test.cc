// SPDX-License-Identifier: MIT
#include "connectivity/name_servers.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

using Addresses = std::vector<std::string>;

TEST(ParseNameServers, LinesOfTheResolverAreRead) {
  const std::pair<std::string, Addresses> cases[] = {
      {"", {}},
      {"nameserver 192.168.1.1\n", {"192.168.1.1"}},
      {"search school.example\n\tnameserver\t2001:db8::53 # home\nnameserver 10.0.0.1\r\n",
       {"2001:db8::53", "10.0.0.1"}},
      {"# nameserver 1.1.1.1\nnameservers 1.1.1.1\nnameserver\n", {}},
      {"nameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\n", {}},
      {"nameserver http://x/\n", {}},
      {"nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4\n",
       {"1.0.0.1", "1.0.0.2", "1.0.0.3"}},
  };
  for (const auto& [text, addresses] : cases) EXPECT_EQ(ParseNameServers(text), addresses) << text;
}

TEST(FindNameServers, ThoseBehindSystemdResolvedAreMeant) {
  const TemporaryDirectory root;
  EXPECT_EQ(FindNameServers(root.path()), Addresses());
  std::filesystem::create_directories(root / "etc");
  std::filesystem::create_directories(root / "run/systemd/resolve");
  WriteText(root / "etc/resolv.conf", "nameserver 127.0.0.53\n");
  WriteText(root / "run/systemd/resolve/resolv.conf", "nameserver 192.168.1.1\n");
  EXPECT_EQ(FindNameServers(root.path()), Addresses{"192.168.1.1"});
  WriteText(root / "etc/resolv.conf", "nameserver 10.0.0.1\n");
  EXPECT_EQ(FindNameServers(root.path()), Addresses{"10.0.0.1"});
}

}  // namespace
}  // namespace lastgood::test
