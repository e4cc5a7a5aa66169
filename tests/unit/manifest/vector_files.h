// SPDX-License-Identifier: MIT
// Test vectors: documents with an expected verdict, apart from the code. A vector is NAME.toml with
// "# expect: valid|invalid" and "# why: …" in its first lines; an invalid one has its exact
// diagnostics beside it in NAME.expected.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.h"

namespace lastgood::test {

// All vectors of tests/vectors/<kind>, by name.
inline std::vector<std::filesystem::path> VectorFiles(std::string_view kind) {
  std::vector<std::filesystem::path> files;
  const auto directory = std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests" / "vectors" / kind;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// "invalid-missing-quote.toml" → "InvalidMissingQuote".
inline std::string VectorTestName(const testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name;
  bool is_start = true;
  for (const char c : info.param.stem().string()) {
    if (c != '-') name += is_start ? static_cast<char>(std::toupper(c)) : c;
    is_start = c == '-';
  }
  return name;
}

// The value of "# key: value" in the first three lines; empty when absent.
inline std::string VectorHeader(std::string_view text, std::string_view key) {
  for (int line = 0; line < 3 && !text.empty(); ++line) {
    const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
    const std::string marker = std::string(key) + ": ";
    if (const auto at = first.find(marker); at != std::string_view::npos && at < 10)
      return std::string(first.substr(at + marker.size()));
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  }
  return {};
}

inline std::filesystem::path ExpectedFile(std::filesystem::path vector) {
  return vector.replace_extension(".expected");
}

// Holds the header, the name and the neighbour file against each other. True when `vector` is one
// that must be accepted.
inline bool IsValidVector(const std::filesystem::path& vector) {
  const std::string text = ReadText(vector);
  const bool is_valid = vector.filename().string().starts_with("good-");
  const std::string verdict = VectorHeader(text, "expect");
  EXPECT_TRUE(verdict.starts_with(is_valid ? "valid" : "invalid")) << "expect: " << verdict;
  EXPECT_GT(VectorHeader(text, "why").size(), 5U) << "a vector says why it is there";
  EXPECT_EQ(std::filesystem::exists(ExpectedFile(vector)), !is_valid);
  return is_valid;
}

}  // namespace lastgood::test
