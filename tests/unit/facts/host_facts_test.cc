// SPDX-License-Identifier: MIT
#include "facts/host_facts.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

TEST(HostFactsTest, ModelsHaveTheirUartAndTheirSections) {
  struct Row {
    const char* text;
    HeaderUart header;
    const char* filters;
  };
  constexpr Row kRows[] = {
      {"Raspberry Pi Model B Rev 2", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi Model A Plus Rev 1.1", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi 2 Model B Rev 1.1", HeaderUart::kPl011, "pi2"},
      {"Raspberry Pi Zero Rev 1.3", HeaderUart::kPl011, "pi0"},
      {"Raspberry Pi Zero W Rev 1.1", HeaderUart::kBluetooth, "pi0 pi0w"},
      {"Raspberry Pi Zero 2 W Rev 1.0", HeaderUart::kBluetooth, "pi0 pi0w pi02"},
      {"Raspberry Pi 3 Model B Rev 1.2", HeaderUart::kBluetooth, "pi3"},
      {"Raspberry Pi 3 Model A Plus Rev 1.0", HeaderUart::kBluetooth, "pi3 pi3+"},
      {"Raspberry Pi 4 Model B Rev 1.5", HeaderUart::kBluetooth, "pi4"},
      {"Raspberry Pi 400 Rev 1.0", HeaderUart::kBluetooth, "pi4 pi400"},
      {"Raspberry Pi 5 Model B Rev 1.0", HeaderUart::kRp1, "pi5"},
      {"Raspberry Pi 500 Rev 1.0", HeaderUart::kRp1, "pi5 pi500"},
      {"Raspberry Pi Compute Module Rev 1.0", HeaderUart::kPl011, "pi1"},
      {"Raspberry Pi Compute Module 3 Plus Rev 1.0", HeaderUart::kPl011, "pi3"},
      {"Raspberry Pi Compute Module 4 Rev 1.0", HeaderUart::kBluetooth, "pi4 cm4"},
      {"Raspberry Pi Compute Module 4S Rev 1.0", HeaderUart::kPl011, "pi4 cm4s"},
      {"Raspberry Pi Compute Module 5 Lite Rev 1.0", HeaderUart::kRp1, "pi5 cm5"},
      {"Raspberry Pi 9 Model X", HeaderUart::kNone, ""},
      {"Banana Pi BPI-M5", HeaderUart::kNone, ""},
      {"", HeaderUart::kNone, ""},
  };
  for (const Row& row : kRows) {
    const HostModel model = ModelNamed(row.text);
    EXPECT_EQ(model.header, row.header) << row.text;
    EXPECT_EQ(fmt::format("{}", fmt::join(model.filters, " ")), row.filters) << row.text;
  }
}

// How dash of Debian 12 begins on each architecture.
struct ShellHead {
  const char* architecture;
  std::vector<std::uint8_t> octets;
};

const std::vector<ShellHead>& ShellHeads() {
  static const std::vector<ShellHead> kHeads = {
      {"armhf", {0x7f, 0x45, 0x4c, 0x46, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x00, 0x00, 0x03, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0x00, 0xf1, 0x21,
                 0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0xa4, 0x02, 0x02, 0x00, 0x00, 0x04, 0x00,
                 0x05, 0x34, 0x00, 0x20, 0x00, 0x09, 0x00, 0x28, 0x00, 0x1c, 0x00, 0x1b, 0x00}},
      {"armel", {0x7f, 0x45, 0x4c, 0x46, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x00, 0x00, 0x03, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0x00, 0xcc, 0x22,
                 0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0x9c, 0x02, 0x02, 0x00, 0x00, 0x02, 0x00,
                 0x05, 0x34, 0x00, 0x20, 0x00, 0x09, 0x00, 0x28, 0x00, 0x1c, 0x00, 0x1b, 0x00}},
      {"arm64", {0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x00, 0x00, 0x03, 0x00, 0xb7, 0x00, 0x01, 0x00, 0x00, 0x00, 0x80, 0x46,
                 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x48, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}},
      {"amd64", {0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x00, 0x00, 0x03, 0x00, 0x3e, 0x00, 0x01, 0x00, 0x00, 0x00, 0x60, 0x47,
                 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x88, 0xe3, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}},
      {"i386", {0x7f, 0x45, 0x4c, 0x46, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0x03, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0xd0, 0x27,
                0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0x74, 0x12, 0x02, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x34, 0x00, 0x20, 0x00, 0x0b, 0x00, 0x28, 0x00, 0x1c, 0x00, 0x1b, 0x00}},
  };
  return kHeads;
}

// What a host with this /bin/sh is taken for.
std::string ArchitectureWith(const std::vector<std::uint8_t>& shell) {
  const test::TemporaryDirectory root;
  std::filesystem::create_directories(root / "usr/bin");
  std::filesystem::create_symlink("/usr/bin", root / "bin");
  std::filesystem::create_symlink("dash", root / "usr/bin/sh");
  test::WriteText(root / "usr/bin/dash", AsText(shell));
  return ReadHostFacts(HostFiles(root.path())).architecture;
}

TEST(HostFactsTest, ArchitectureIsThatOfTheShell) {
  for (const ShellHead& head : ShellHeads()) {
    EXPECT_EQ(ArchitectureWith(head.octets), head.architecture);
    std::vector<std::uint8_t> with_more = head.octets;
    with_more.resize(4096, 0xAA);
    EXPECT_EQ(ArchitectureWith(with_more), head.architecture);
  }
}

TEST(HostFactsTest, ShellOfNoKnownArchitectureSaysNothing) {
  const std::vector<std::uint8_t> armhf = ShellHeads()[0].octets;
  EXPECT_EQ(ArchitectureWith({}), "");
  for (std::size_t size = 0; size < armhf.size(); ++size)
    EXPECT_EQ(ArchitectureWith({armhf.begin(), armhf.begin() + static_cast<std::ptrdiff_t>(size)}),
              "")
        << size;
  struct Change {
    std::size_t at;
    std::uint8_t octet;
  };
  for (const Change change : {Change{0, 0x7E}, Change{3, 'G'}, Change{5, 2}, Change{18, 0x29},
                              Change{18, 0}, Change{19, 1}}) {
    std::vector<std::uint8_t> changed = armhf;
    changed[change.at] = change.octet;
    EXPECT_EQ(ArchitectureWith(changed), "") << change.at;
  }
  const std::string script = "#!/bin/busybox sh\n" + std::string(100, '#');
  EXPECT_EQ(ArchitectureWith({script.begin(), script.end()}), "");
  const test::TemporaryDirectory empty;
  EXPECT_EQ(ReadHostFacts(HostFiles(empty.path())).architecture, "");
}

TEST(HostFactsTest, BootDirectoryIsWhereConfigTxtIs) {
  const test::TemporaryDirectory root;
  const auto boot_directory = [&root] {
    return ReadHostFacts(HostFiles(root.path())).boot_directory;
  };
  std::filesystem::create_directories(root / "boot/firmware");
  EXPECT_EQ(boot_directory(), "");
  test::WriteText(root / "boot/config.txt", "");
  EXPECT_EQ(boot_directory(), "/boot");
  test::WriteText(root / "boot/firmware/config.txt", "");
  EXPECT_EQ(boot_directory(), "/boot/firmware");
}

TEST(HostFactsTest, NumbersStandAlone) {
  EXPECT_EQ(ParseNumber("17"), 17U);
  EXPECT_EQ(ParseNumber("0660", 8), 0660U);
  for (const char* text : {"", "-1", "17x", " 17", "4294967296", "0x11"})
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
}

TEST(HostFactsTest, TextComesApart) {
  EXPECT_EQ(SplitText("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(SplitText("", ','), std::vector<std::string>{""});
  EXPECT_EQ(WordsOf("  a\tb\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(WordsOf(" \n").empty());
  EXPECT_EQ(Trimmed("\t a b \r\n"), "a b");
  EXPECT_EQ(Trimmed(" "), "");
}

}  // namespace
}  // namespace lastgood
