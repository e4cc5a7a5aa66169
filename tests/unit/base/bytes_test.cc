// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(Bytes, LittleEndianWordsAreReadAnywhere) {
  const Bytes data = {0xAA, 0x78, 0x56, 0x34, 0xF2};
  EXPECT_EQ(LoadLe32(data, 1), 0xF2345678U);
  EXPECT_EQ(LoadLe16(data, 1), 0x5678);
  EXPECT_EQ(LoadLe16(data, 3), 0xF234);
}

TEST(Bytes, WordsAreReadAsTheyWereAppended) {
  Bytes data;
  AppendLe16(data, 0xBEEF);
  AppendLe32(data, 0xDEADC0DE);
  EXPECT_EQ(data, (Bytes{0xEF, 0xBE, 0xDE, 0xC0, 0xAD, 0xDE}));
  EXPECT_EQ(LoadLe16(data, 0), 0xBEEF);
  EXPECT_EQ(LoadLe32(data, 2), 0xDEADC0DEU);
}

TEST(Bytes, TextKeepsEveryOctet) {
  const std::string_view text("a\0\xFF", 3);
  const Bytes data = ToBytes(text);
  EXPECT_EQ(data, (Bytes{'a', 0, 0xFF}));
  EXPECT_EQ(AsText(data), text);
  EXPECT_EQ(AsText(AsBytes(text)), text);
}

TEST(Bytes, AppendPutsAtTheEnd) {
  Bytes data = {1};
  Append(data, Bytes{2, 3});
  Append(data, ByteSpan{});
  EXPECT_EQ(data, (Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace lastgood
