// SPDX-License-Identifier: MIT
// What kind of machine a host is, which release runs on it, and as whom we look at it: read once,
// used by many checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/host_files.h"

namespace lastgood {

// Which UART of a Raspberry Pi is on the header (GPIO14 and GPIO15).
enum class HeaderUart {
  kNone,       // no Raspberry Pi, or none that is known
  kPl011,      // ttyAMA0, and nothing else wants it
  kBluetooth,  // ttyAMA0 serves Bluetooth unless config.txt moves it; the header has ttyS0
  kRp1,        // Pi 5: ttyAMA0 when it is switched on; ttyAMA10 is the debug connector
};

struct HostModel {
  std::string text;  // "Raspberry Pi 4 Model B Rev 1.4"; empty when unknown
  HeaderUart header = HeaderUart::kNone;
  std::vector<std::string> filters;            // sections of config.txt that it sees: "pi4", "cm4"
  std::optional<std::uint32_t> board_type;     // of [board-type=…]
  std::optional<std::uint32_t> serial_number;  // the low 32 bits, as in [0x…]

  bool IsPi() const { return text.starts_with("Raspberry Pi"); }
};

struct HostRelease {
  std::string title;     // "Debian GNU/Linux 12 (bookworm)"
  std::string codename;  // "bookworm"
  bool raspi_config = false;
  // raspi-config of Bullseye has one command for console and UART, later ones have two.
  bool IsBullseyeOrOlder() const;
};

struct HostUser {
  std::string name;
  std::optional<std::uint32_t> uid;   // the effective one; nullopt when it cannot be known
  std::vector<std::uint32_t> groups;  // in force now
  bool IsRoot() const { return uid == 0U; }
};

struct HostGroup {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;
};

// What selects the steps of a recipe.
struct HostFacts {
  HostModel model;
  HostRelease release;
  std::string architecture;    // as Debian names it: "armhf", "arm64"; empty when unknown
  std::string boot_directory;  // "/boot/firmware", "/boot": where config.txt is; empty: nowhere
};
HostFacts ReadHostFacts(const HostFiles& files);

HostModel ReadModel(const HostFiles& files);
// For what a device tree calls itself; the other facts are left empty.
HostModel ModelNamed(std::string_view text);
// Every Raspberry Pi that is known, one for each set of sections.
std::vector<HostModel> KnownModels();
HostRelease ReadRelease(const HostFiles& files);
HostUser ReadUser(const HostFiles& files);
std::vector<HostGroup> ReadGroups(const HostFiles& files);
// What the host itself says about being a container: "docker", "podman", "lxc"; empty when it does
// not.
std::string ReadContainer(const HostFiles& files);

// A whole number below 2^32 in `base`, nothing around it.
std::optional<std::uint32_t> ParseNumber(std::string_view text, int base = 10);
// The pieces between `separator`s.
std::vector<std::string> SplitText(std::string_view text, char separator);
// The words between blanks, tabs and ends of line.
std::vector<std::string> WordsOf(std::string_view text);
std::string_view Trimmed(std::string_view text);

}  // namespace lastgood
