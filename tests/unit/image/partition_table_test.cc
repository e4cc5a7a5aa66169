// SPDX-License-Identifier: MIT
#include "image/partition_table.h"

#include <gtest/gtest.h>

#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

std::string MessageOf(const Bytes& table) {
  EXPECT_TRUE(IsPartitionTable(table));
  const auto parsed = ParsePartitionTable(table);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, ExitCode::kNotTrusted);
  return parsed.error().message;
}

TEST(PartitionTableTest, RowsAreReadWithOrWithoutMd5) {
  for (const bool with_md5 : {true, false}) {
    const auto rows = ParsePartitionTable(test::PartitionTable(test::UsualRows(), with_md5));
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ((*rows)[0].label, "nvs");
    EXPECT_FALSE((*rows)[0].is_app());
    EXPECT_TRUE((*rows)[1].is_app());
    EXPECT_EQ((*rows)[1].offset, 0x10000U);
    EXPECT_EQ((*rows)[2].subtype, 0x81);
    EXPECT_EQ((*rows)[2].end(), 0x400000U);
  }
}

TEST(PartitionTableTest, DamageIsRefusedWithTheRow) {
  const Bytes good = test::PartitionTable(test::UsualRows());
  Bytes wrong_label = good;
  wrong_label[12] = 'N';
  EXPECT_EQ(MessageOf(wrong_label), "partition table is damaged: its MD5 does not match its rows");
  Bytes wrong_magic = good;
  wrong_magic[32] = 0;
  EXPECT_EQ(MessageOf(wrong_magic), "partition table is damaged: row 1 starts with 0x5000");
  Bytes cut = good;
  cut.resize(64);
  EXPECT_EQ(MessageOf(cut), "partition table is damaged: it is cut off after 64 bytes");
  EXPECT_EQ(
      MessageOf(test::PartitionTable({{1, 2, 0x9000, 0x6000, "nvs"}, {0, 0, 0x10000, 0, "a"}})),
      "partition table is damaged: row 1 ('a') has no size");
  EXPECT_EQ(
      MessageOf(test::PartitionTable({{1, 2, 0x9000, 0x6000, "nvs"}, {0, 0, 0x10800, 1, "a"}})),
      "partition table is damaged: row 1 ('a') starts at 0x10800, not at a sector");
  EXPECT_EQ(MessageOf(test::PartitionTable(
                {{0, 0, 0x10000, 0x1000, "a"}, {1, 2, 0x9000, 0x8000, "nvs"}})),
            "partition table is damaged: 'a' at 0x10000 overlaps 'nvs', which ends at 0x11000");
}

TEST(PartitionTableTest, OtherBytesAreNone) {
  EXPECT_FALSE(IsPartitionTable({}));
  EXPECT_FALSE(IsPartitionTable(Bytes(64, 0xFF)));
  EXPECT_FALSE(IsPartitionTable(ToBytes("\xaaP")));
  Bytes no_size = test::PartitionTable({{1, 2, 0x9000, 0, "nvs"}});
  EXPECT_FALSE(IsPartitionTable(no_size));
}

}  // namespace
}  // namespace lastgood
