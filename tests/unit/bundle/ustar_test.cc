// SPDX-License-Identifier: MIT
#include "bundle/ustar.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lastgood {
namespace {

// Puts `text` at `offset` and corrects the sum, so that only what was changed is wrong.
Bytes Changed(Bytes head, std::size_t offset, std::string_view text) {
  std::copy(text.begin(), text.end(), head.begin() + static_cast<long>(offset));
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < head.size(); ++i)
    if (i < 148 || i >= 156) sum += head[i];
  for (int digit = 0; digit < 6; ++digit)
    head[153 - static_cast<std::size_t>(digit)] =
        static_cast<std::uint8_t>('0' + (sum >> (3 * digit)) % 8);
  return head;
}

std::string Outcome(ByteSpan block) {
  const auto head = ParseTarHead(block);
  if (!head) return head.error().message;
  return *head ? (*head)->name + " " + std::to_string((*head)->size_bytes) : "end";
}

TEST(Ustar, HeadIsReadBackAsItWasWritten) {
  for (const TarMember& member :
       {TarMember{"SHA256SUMS", 0}, TarMember{"images/x", 1}, TarMember{std::string(100, 'n'), 512},
        TarMember{"large", (std::uint64_t{8} << 30) - 1}}) {
    const Bytes head = FormatTarHead(member);
    ASSERT_EQ(head.size(), kTarBlock);
    const auto parsed = ParseTarHead(head);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, member);
  }
  EXPECT_EQ(Outcome(Bytes(kTarBlock, 0)), "end");
}

TEST(Ustar, ContentsAreFilledUpToWholeBlocks) {
  EXPECT_EQ(TarPadding(0), 0U);
  EXPECT_EQ(TarPadding(1), 511U);
  EXPECT_EQ(TarPadding(512), 0U);
  EXPECT_EQ(TarPadding(513), 511U);
}

TEST(Ustar, WhatGnuTarWritesIsReadAsWell) {
  const Bytes head = FormatTarHead({"name", 10});
  EXPECT_EQ(Outcome(Changed(head, 257, std::string_view("ustar  \0", 8))), "name 10");
  EXPECT_EQ(Outcome(Changed(head, 124, "         12 ")), "name 10");
}

TEST(Ustar, AnythingButRegularFilesIsRefused) {
  const Bytes head = FormatTarHead({"name", 10});
  struct Case {
    std::size_t offset;
    std::string_view text;
    std::string_view message;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {156, "1", "it holds a link"},
      {156, "2", "it holds a link"},
      {156, "3", "it holds a device"},
      {156, "4", "it holds a device"},
      {156, "5", "it holds a directory"},
      {156, "6", "it holds a FIFO"},
      {156, "S", "it holds a sparse file"},
      {156, "x", "it holds an extended head"},
      {156, "g", "it holds an extended head"},
      {156, "L", "it holds an extended head"},
      {156, "\0"sv, "it holds an extended head"},
      {345, "prefix", "it holds a name that no bundle has"},
      {0, "\0"sv, "it holds a name that no bundle has"},
      {124, "\x80\0\0\0\0\0\0\0\0\0\0\x01"sv, "it holds a file whose size makes no sense"},
      {124, "-0000000001\0"sv, "it holds a file whose size makes no sense"},
      {124, "0000000008\0"sv, "it holds a file whose size makes no sense"},
      {124, "            ", "it holds a file whose size makes no sense"},
      {257, "ustaR", "what should be the head of a file makes no sense"},
  };
  for (const Case& row : cases)
    EXPECT_EQ(Outcome(Changed(head, row.offset, row.text)), row.message) << row.offset << row.text;
}

TEST(Ustar, EveryFlippedBitIsNoticed) {
  const Bytes head = FormatTarHead({"images/name", 123456});
  for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
    Bytes bad = head;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    // A zero that becomes a blank, or what stands behind the digits, leaves the sum what it was.
    const bool in_sum = bit / 8 >= 148 && bit / 8 < 156;
    const std::string outcome = Outcome(bad);
    EXPECT_TRUE(outcome == "what should be the head of a file makes no sense" ||
                (in_sum && outcome == "images/name 123456"))
        << bit;
  }
}

}  // namespace
}  // namespace lastgood
