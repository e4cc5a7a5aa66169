// SPDX-License-Identifier: MIT
#include "support/temporary_directory.h"

#include <fstream>
#include <iterator>

namespace lastgood::test {

void WriteText(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes ReadAll(const std::filesystem::path& path) { return ToBytes(ReadText(path)); }

}  // namespace lastgood::test
