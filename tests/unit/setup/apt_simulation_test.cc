// SPDX-License-Identifier: MIT
// What apt-get and dpkg-query of Debian 12 and 13 say, and what is made of it.
#include "setup/apt_simulation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lastgood {
namespace {

using Names = std::vector<std::string>;

TEST(AptSimulationTest, NewPackagesAndTheirNeedsAreInstalled) {
  const Simulation simulation = ParseSimulation(
      "NOTE: This is only a simulation!\n"
      "Reading package lists...\nBuilding dependency tree...\n"
      "The following additional packages will be installed:\n  lgtwo\n"
      "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.\n"
      "Inst lgtwo (1.0 localhost [all])\n"
      "Inst lgone (3.1-4 Debian:12.15/oldstable [amd64])\n"
      "Conf lgtwo (1.0 localhost [all])\nConf lgone (3.1-4 Debian:12.15/oldstable [amd64])\n");
  EXPECT_EQ(simulation.installed, (Names{"lgtwo", "lgone"}));
  EXPECT_TRUE(simulation.upgraded.empty());
  EXPECT_TRUE(simulation.removed.empty());
}

TEST(AptSimulationTest, UpgradesTellBothVersionsAndRemovalsTheirNames) {
  const Simulation simulation = ParseSimulation(
      "Remv lgold [1.0]\n"
      "Inst libfoo1 [1.0-1] (1.0-2 Debian:12/stable [arm64]) [libbar:arm64 ]\n"
      "Inst libfoo1:armhf (1.0-2 Debian:12/stable [armhf])\n");
  EXPECT_EQ(simulation.installed, (Names{"libfoo1:armhf"}));
  ASSERT_EQ(simulation.upgraded.size(), 1U);
  EXPECT_EQ(simulation.upgraded[0].name, "libfoo1");
  EXPECT_EQ(simulation.upgraded[0].from, "1.0-1");
  EXPECT_EQ(simulation.upgraded[0].to, "1.0-2");
  EXPECT_EQ(simulation.removed, (Names{"lgold"}));
}

TEST(AptSimulationTest, OtherTextIsNoInstallation) {
  for (const char* text : {"", "Inst", "Inst a", "Inst  \n", "Instead of x (1)", "\n\n"})
    EXPECT_TRUE(ParseSimulation(text).installed.empty()) << text;
}

TEST(AptSimulationTest, PackagesAreKnownByTheirState) {
  const PackageStates states = ParsePackageStates(
      "adduser\t3.134\tinstalled\n"
      "gone\t\tnot-installed\n"
      "kept\t1.0\tconfig-files\n"
      "cut\t2.0\thalf-configured\n"
      "libc6\t2.36\tinstalled\n"
      "libc6\t2.35\tconfig-files\n"
      "broken line\n");
  EXPECT_EQ(states.size(), 4U);
  EXPECT_EQ(states.at("adduser").version, "3.134");
  EXPECT_EQ(states.at("kept").status, "config-files");
  // Of another architecture, there are only settings left.
  EXPECT_EQ(states.at("libc6").version, "2.36");
  EXPECT_EQ(InterruptedPackages(states), (Names{"cut"}));
}

}  // namespace
}  // namespace lastgood
