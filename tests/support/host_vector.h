// SPDX-License-Identifier: MIT
// Hosts in tests/vectors/hosts: a file describes a directory tree, since links and octets that are
// no text would not survive every checkout.
//
//   why: one line
//   parts: NAME …       parts/NAME.part first, each over the one before; also
//   ../../hosts/parts/NAME board: PATH         a recipe; without it the host in general serial:
//   DEVICE      as --serial expect: VERDICT CHECK [| words of the text [| words of the remedy]]
//   --- path            a file; its lines follow
//   --- path/           a directory
//   --- path -> target  a link
//   --- !path           is taken away again
//   +++ path            lines that are added to a file
//
// In lines of a file \0 and \xNN are octets; \c at the end leaves out the end of the line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lastgood::test {

struct HostVector {
  std::string why;
  std::string board;
  std::string serial_device;
  std::vector<std::string> expected;  // "VERDICT CHECK | …"
};

// Builds the tree under `root`, which exists; reads the head.
HostVector BuildHost(const std::filesystem::path& vector, const std::filesystem::path& root);

}  // namespace lastgood::test
