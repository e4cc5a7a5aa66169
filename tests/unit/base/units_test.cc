// SPDX-License-Identifier: MIT
#include "base/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace lastgood {
namespace {

TEST(FlashSize, AcceptsWhatManifestsSay) {
  const std::pair<const char*, std::uint32_t> cases[] = {
      {"256KB", 262144},     {"512KB", 524288},     {"1MB", 1U << 20},   {"2MB", 2U << 20},
      {"4MB", 4U << 20},     {"8MB", 8U << 20},     {"16MB", 16U << 20}, {"32MB", 32U << 20},
      {"128MB", 128U << 20}, {"256MB", 256U << 20},
  };
  for (const auto& [text, size] : cases) EXPECT_EQ(ParseFlashSize(text), size) << text;
}

TEST(FlashSize, RejectsEverythingElse) {
  for (const char* text : {"",
                           "4",
                           "MB",
                           "0MB",
                           "3MB",
                           "4mb",
                           "4 MB",
                           " 4MB",
                           "4MB ",
                           "-4MB",
                           "+4MB",
                           "4M",
                           "128KB",
                           "1024KB",
                           "512MB",
                           "0x4MB",
                           "4.0MB",
                           "4294967296MB",
                           "99999999999999999999MB",
                           "4MBMB"}) {
    EXPECT_EQ(ParseFlashSize(text), std::nullopt) << text;
  }
}

TEST(FlashSize, IsPrintedForPeople) {
  EXPECT_EQ(FormatFlashSize(262144), "256 KB");
  EXPECT_EQ(FormatFlashSize(524288), "512 KB");
  EXPECT_EQ(FormatFlashSize(1U << 20), "1 MB");
  EXPECT_EQ(FormatFlashSize(16U << 20), "16 MB");
  EXPECT_EQ(FormatFlashSize(0), "0 KB");
}

TEST(ByteCount, IsRoundedToWhatPeopleRead) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0, "0 B"},
      {17, "17 B"},
      {999, "999 B"},
      {1000, "1 KB"},
      {1499, "1 KB"},
      {1500, "2 KB"},
      {641964, "642 KB"},
      {999'499, "999 KB"},
      {999'500, "1.00 MB"},  // never "1000 KB"
      {1'044'480, "1.04 MB"},
      {16'777'216, "16.78 MB"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(FormatByteCount(bytes), text) << bytes;
}

TEST(ByteCount, TakesTheLargestNumber) {
  EXPECT_FALSE(FormatByteCount(std::numeric_limits<std::uint64_t>::max()).empty());
}

TEST(Seconds, HaveATenthWhileItMatters) {
  using std::chrono::milliseconds;
  const std::pair<int, const char*> cases[] = {
      {0, "0.0 s"},       {49, "0.0 s"},     {200, "0.2 s"},     {14'249, "14.2 s"},
      {99'949, "99.9 s"}, {99'950, "100 s"}, {173'600, "174 s"},
  };
  for (const auto& [count, text] : cases)
    EXPECT_EQ(FormatSeconds(milliseconds(count)), text) << count;
}

}  // namespace
}  // namespace lastgood
