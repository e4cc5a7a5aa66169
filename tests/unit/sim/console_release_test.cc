// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "sim/micropython_release.h"

namespace lastgood::sim {
namespace {

TEST(MicropythonReleaseTest, VersionIsReadFromTheBannersText) {
  const struct {
    const char* text;
    int major, minor, patch;
  } rows[] = {
      {"v1.8.7-7-gb5a1a20a3 on 2017-01-09", 1, 8, 7},
      {"v1.22.1 on 2024-01-05", 1, 22, 1},
      {"v1.20 on 2023-04-26", 1, 20, 0},
      {"1.9.3", 1, 9, 3},
      {"(with v2.0 preview) v1.24.0-preview.1 on 2024-09-01", 1, 24, 0},
      {"", 0, 0, 0},
      {"v", 0, 0, 0},
      {"nonsense", 0, 0, 0},
      {"v1", 1, 0, 0},
      {"v1.99999999999999999999", 1, 0, 0},
  };
  for (const auto& row : rows) {
    const auto release = MicropythonRelease::Parse(row.text);
    EXPECT_EQ(release.major, row.major) << row.text;
    EXPECT_EQ(release.minor, row.minor) << row.text;
    EXPECT_EQ(release.patch, row.patch) << row.text;
  }
}

TEST(MicropythonReleaseTest, ComparesMemberByMember) {
  const MicropythonRelease release{1, 14, 2};
  EXPECT_TRUE(release.AtLeast(1, 14));
  EXPECT_TRUE(release.AtLeast(1, 9, 9));
  EXPECT_TRUE(release.AtLeast(1, 14, 2));
  EXPECT_FALSE(release.AtLeast(1, 14, 3));
  EXPECT_FALSE(release.AtLeast(2, 0));
  EXPECT_TRUE(release.HasRawPaste());
  EXPECT_FALSE((MicropythonRelease{1, 13, 0}.HasRawPaste()));
}

}  // namespace
}  // namespace lastgood::sim
