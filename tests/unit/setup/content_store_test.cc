// SPDX-License-Identifier: MIT
#include "setup/content_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

class ContentStoreTest : public testing::Test {
 protected:
  fs::path CopyOf(std::string_view text) const {
    return directory_ / "state/contents" / Sha256(AsBytes(text)).ToHex();
  }
  static unsigned ModeOf(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }

  test::TemporaryDirectory directory_;
  ContentStore store_{directory_ / "state/contents"};
};

constexpr std::string_view kText = "root:x:0:\n";

TEST_F(ContentStoreTest, WhatIsKeptIsLoadedByItsDigest) {
  for (const std::string& text : {std::string(kText), std::string(), std::string(200'000, '\0')}) {
    ASSERT_TRUE(store_.Keep(AsBytes(text)));
    const auto loaded = store_.Load(Sha256(AsBytes(text)));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(AsText(*loaded), text);
  }
}

// It may be /etc/gshadow.
TEST_F(ContentStoreTest, IsForItsUserAloneWhateverTheUmask) {
  const mode_t before = umask(0);
  ASSERT_TRUE(store_.Keep(AsBytes(kText)));
  umask(before);
  EXPECT_EQ(ModeOf(directory_ / "state/contents"), 0700U);
  EXPECT_EQ(ModeOf(CopyOf(kText)), 0600U);
}

TEST_F(ContentStoreTest, HoldsNothingButWholeCopies) {
  ASSERT_TRUE(store_.Keep(AsBytes(kText)));
  ASSERT_TRUE(store_.Keep(AsBytes(kText)));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory_ / "state/contents"))
    names.push_back(entry.path().filename().string());
  EXPECT_EQ(names, std::vector{Sha256(AsBytes(kText)).ToHex()});
}

TEST_F(ContentStoreTest, DamagedCopyIsNamedAndMendedByKeepingItAgain) {
  ASSERT_TRUE(store_.Keep(AsBytes(kText)));
  test::WriteText(CopyOf(kText), "root::0:\n");
  const auto loaded = store_.Load(Sha256(AsBytes(kText)));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ExitCode::kInternal);
  EXPECT_EQ(loaded.error().message, "the kept copy '" + CopyOf(kText).string() + "' is damaged");
  ASSERT_TRUE(store_.Keep(AsBytes(kText)));
  EXPECT_TRUE(store_.Load(Sha256(AsBytes(kText))));
}

TEST_F(ContentStoreTest, MissingCopyIsAFailure) {
  EXPECT_EQ(store_.Load(Sha256(AsBytes(kText))).error().code, ExitCode::kInternal);
}

TEST_F(ContentStoreTest, PlaceThatTakesNothingIsNamed) {
  test::WriteText(directory_ / "state", "a file");
  EXPECT_FALSE(store_.Keep(AsBytes(kText)));
  const ContentStore blocked(directory_ / "blocked");
  fs::create_directories(directory_ / "blocked" / Sha256(AsBytes(kText)).ToHex());
  const auto kept = blocked.Keep(AsBytes(kText));
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ExitCode::kInternal);
  EXPECT_TRUE(kept.error().message.starts_with("cannot keep a copy below '" +
                                               (directory_ / "blocked").string() + "': "))
      << kept.error().message;
}

}  // namespace
}  // namespace lastgood
