// SPDX-License-Identifier: MIT
// The logs of tests/vectors/bootlogs with what their heads expect.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.h"

namespace lastgood::test {

struct BootVector {
  std::string name;
  std::map<std::string, std::string> expected;
  std::string log;
};

inline std::string WithoutEscapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "\\x") {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
    i += 3;
  }
  return plain;
}

inline BootVector LoadBootVector(const std::filesystem::path& path) {
  const std::string text = ReadText(path);
  const std::size_t body = text.find("#---\n");
  EXPECT_NE(body, std::string::npos) << path;
  BootVector vector;
  vector.name = path.stem();
  vector.log = WithoutEscapes(std::string_view(text).substr(body + 5));
  constexpr std::string_view kLead = "# expect: ";
  for (std::size_t at = text.find(kLead); at < body; at = text.find(kLead, at + 1)) {
    const std::string line =
        text.substr(at + kLead.size(), text.find('\n', at) - at - kLead.size());
    const std::size_t equals = line.find(" =");
    vector.expected[line.substr(0, equals)] =
        line.size() > equals + 3 ? line.substr(equals + 3) : "";
  }
  EXPECT_TRUE(vector.expected.count("verdict")) << path;
  return vector;
}

inline BootVector BootVectorNamed(std::string_view name) {
  return LoadBootVector(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/bootlogs" /
                        (std::string(name) + ".txt"));
}

// All of them, by name.
inline const std::vector<BootVector>& BootVectors() {
  static const std::vector<BootVector> kVectors = [] {
    std::vector<BootVector> vectors;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/bootlogs"))
      if (entry.path().extension() == ".txt") vectors.push_back(LoadBootVector(entry.path()));
    std::sort(vectors.begin(), vectors.end(),
              [](const BootVector& a, const BootVector& b) { return a.name < b.name; });
    EXPECT_GE(vectors.size(), 130U);
    return vectors;
  }();
  return kVectors;
}

inline std::string WithLineEnds(std::string_view log, std::string_view end) {
  std::string changed;
  for (const char c : log) changed += c == '\n' ? std::string(end) : std::string(1, c);
  return changed;
}

}  // namespace lastgood::test
