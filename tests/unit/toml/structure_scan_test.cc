// SPDX-License-Identifier: MIT
#include "toml/structure_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood::toml {
namespace {

std::string Repeat(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

TEST(StructureScanTest, LimitsAreReachedAndNotPassed) {
  EXPECT_FALSE(ScanStructure("a = " + Repeat("[", kNestedBracketsMax)).too_deep);
  EXPECT_EQ(ScanStructure("a = " + Repeat("[", kNestedBracketsMax + 1)).too_deep,
            4 + kNestedBracketsMax);
  EXPECT_FALSE(ScanStructure("a" + Repeat(".a", kDotsPerKeyMax)).too_deep);
  EXPECT_EQ(ScanStructure("a" + Repeat(".a", kDotsPerKeyMax + 1)).too_deep, 1 + 2 * kDotsPerKeyMax);
}

TEST(StructureScanTest, WhatIsClosedDoesNotCount) {
  EXPECT_FALSE(ScanStructure(Repeat("[a]\nb = [{c = 1}]\n", 100)).too_deep);
  EXPECT_FALSE(ScanStructure("a = [" + Repeat("1.5, ", 100) + "]\n").too_deep);
  EXPECT_FALSE(ScanStructure(Repeat("a.b.c = 1\n", 100)).too_deep);
}

TEST(StructureScanTest, StringsAndCommentsDoNotCount) {
  const std::string brackets = Repeat("[", 100) + Repeat(".", 100);
  for (const std::string& text :
       {"a = \"" + brackets + "\"\n", "a = '" + brackets + "'\n", "# " + brackets + "\n",
        "a = \"\"\"\n" + brackets + "\n\"\"\"\n", "a = '''\n" + brackets + "\n'''\n",
        "a = \"\\\"" + brackets + "\"\n", "a = \"\"\"\\\"\"\" " + brackets + "\"\"\"\n",
        "a = \"\"\"x\"\"\"\"\" # " + brackets}) {
    EXPECT_FALSE(ScanStructure(text).too_deep) << text;
    EXPECT_FALSE(ScanStructure(text).open_string) << text;
  }
}

TEST(StructureScanTest, WhatFollowsAClosedStringCounts) {
  const std::string brackets = Repeat("[", 100);
  for (const std::string& text : {"a = \"\\\\\"" + brackets, "a = 'x\\'" + brackets,
                                  "a = \"\"" + brackets, "a = \"\"\"\"\"\"" + brackets})
    EXPECT_TRUE(ScanStructure(text).too_deep) << text;
}

TEST(StructureScanTest, FirstOpenStringIsFound) {
  EXPECT_EQ(ScanStructure("a = \"x\nb = \"y\n").open_string, 4U);
  EXPECT_EQ(ScanStructure("a = 'x\n").open_string, 4U);
  EXPECT_EQ(ScanStructure("a = \"x\\\n").open_string, 4U);
  EXPECT_EQ(ScanStructure("a = \"x\\").open_string, 4U);
  EXPECT_EQ(ScanStructure("a = \"\"\"x\n\"\"\n").open_string, 4U);
  EXPECT_EQ(ScanStructure("a = '''x\\").open_string, 4U);
  EXPECT_FALSE(ScanStructure("a = \"x\"\n").open_string);
}

}  // namespace
}  // namespace lastgood::toml
