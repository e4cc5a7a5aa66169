// SPDX-License-Identifier: MIT
#include "image/gzip.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "host/process_runner.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

TEST(Gzip, EqualContentGivesEqualBytes) {
  const Bytes content = test::Pattern(100'000, 7);
  const auto first = Gzip(content);
  const auto second = Gzip(content);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
}

TEST(Gzip, BlankFlashBecomesSmall) {
  const auto packed = Gzip(Bytes(4U << 20, 0xFF));
  ASSERT_TRUE(packed);
  EXPECT_LT(packed->size(), 10'000U);
}

TEST(Gzip, TheSystemsOwnToolUnpacksIt) {
  const test::TemporaryDirectory directory;
  Bytes content = test::Pattern(100'000, 8);
  content.resize(300'000, 0xFF);
  const auto packed = Gzip(content);
  ASSERT_TRUE(packed) << packed.error().message;
  const std::string path = (directory / "x.gz").string();
  std::ofstream(path, std::ios::binary) << AsText(*packed);
  PosixProcessRunner runner;
  const auto result = runner.Run({{"gzip", "-d", path}, std::chrono::seconds(10)});
  ASSERT_TRUE(result) << result.error().message;
  std::ifstream unpacked(directory / "x", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(unpacked)), {});
  EXPECT_TRUE(text == AsText(content));
}

}  // namespace
}  // namespace lastgood
