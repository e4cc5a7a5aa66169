// SPDX-License-Identifier: MIT
#include "verify/artifact_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"
#include "support/verified.h"

namespace lastgood::test {
namespace {

class Store : public testing::Test {
 protected:
  std::filesystem::path Damaged() { return store_.PathOf(digest_).string() + ".damaged"; }
  std::size_t Files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(directory_ / "state/images"))
      ++count;
    return count;
  }

  const Bytes image_ = Pattern(50'000);
  const Sha256Digest digest_ = Sha256(image_);
  TemporaryDirectory directory_;
  ArtifactStore store_ = ArtifactStore::Open(directory_ / "state").value();
};

TEST_F(Store, NamesAreDigestsBelowImages) {
  EXPECT_EQ(store_.PathOf(digest_), directory_ / "state/images" / digest_.ToHex());
}

TEST_F(Store, OpeningAgainFindsWhatWasStored) {
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  const auto again = ArtifactStore::Open(directory_ / "state");
  ASSERT_TRUE(again);
  const auto loaded = again->Load(digest_, image_.size());
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(loaded->has_value());
  EXPECT_EQ(***loaded, image_);
}

TEST_F(Store, OpeningWhereAFileStandsFails) {
  WriteText(directory_ / "file", "");
  const auto store = ArtifactStore::Open(directory_ / "file");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ExitCode::kInternal);
}

TEST_F(Store, WhatWasNeverStoredIsAbsent) {
  const auto loaded = store_.Load(digest_, image_.size());
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->has_value());
  EXPECT_EQ(Files(), 0U);
}

TEST_F(Store, StoringTwiceWritesOnce) {
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  const auto written = std::filesystem::last_write_time(store_.PathOf(digest_));
  const auto earlier = written - std::chrono::hours(1);
  std::filesystem::last_write_time(store_.PathOf(digest_), earlier);
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  EXPECT_EQ(std::filesystem::last_write_time(store_.PathOf(digest_)), earlier);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(Store, WhatLiesThereIsListedByKind) {
  const std::filesystem::path images = directory_ / "state/images";
  const std::string other = Sha256(AsBytes("other")).ToHex();
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  WriteText(images / (other + ".part"), "half");
  WriteText(images / (other + ".part.etag"), "\"etag\"");
  WriteText(images / (other + ".part.lock"), "");
  WriteText(images / (other + ".damaged"), "x");
  WriteText(images / ".lastgood-123-0.tmp", "cut");
  const std::vector<std::string> others = {"README", "abc", other.substr(1), other + ".bak"};
  for (const std::string& foreign : others) WriteText(images / foreign, "not the store's");
  std::filesystem::create_directory(images / Sha256({}).ToHex());
  const auto files = store_.List();
  ASSERT_TRUE(files) << files.error().message;
  std::map<StoredKind, StoredFile> by_kind;
  for (const StoredFile& file : *files) by_kind.emplace(file.kind, file);
  ASSERT_EQ(files->size(), 4U);
  ASSERT_EQ(by_kind.size(), 4U);
  EXPECT_EQ(by_kind[StoredKind::kImage].sha256, digest_);
  EXPECT_EQ(by_kind[StoredKind::kImage].size_bytes, image_.size());
  EXPECT_EQ(by_kind[StoredKind::kPart].path, images / other);
  EXPECT_EQ(by_kind[StoredKind::kPart].sha256->ToHex(), other);
  EXPECT_EQ(by_kind[StoredKind::kDamaged].path, images / (other + ".damaged"));
  EXPECT_FALSE(by_kind[StoredKind::kLeftover].sha256);
}

TEST_F(Store, StoreThatIsNotThereIsEmptyAndIsNotMade) {
  const auto files = ArtifactStore::OpenReadOnly(directory_ / "nowhere").List();
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "nowhere"));
}

TEST_F(Store, CheckHashesAgainAndSetsDamagedImagesAside) {
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  EXPECT_EQ(store_.Check(digest_).value(), true);
  Bytes flipped = image_;
  flipped[17] ^= 1;
  WriteText(store_.PathOf(digest_), AsText(flipped));
  EXPECT_EQ(ArtifactStore::OpenReadOnly(directory_ / "state").Check(digest_).value(), false);
  EXPECT_TRUE(std::filesystem::exists(store_.PathOf(digest_)));
  EXPECT_EQ(store_.Check(digest_).value(), false);
  EXPECT_FALSE(std::filesystem::exists(store_.PathOf(digest_)));
  EXPECT_EQ(ReadAll(Damaged()), flipped);
}

TEST_F(Store, BytesUnderAnotherDigestAreRefused) {
  const auto stored = store_.Put(AsVerified(image_), Sha256({}));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ExitCode::kInternal);
  EXPECT_EQ(Files(), 0U);
}

TEST_F(Store, DamagedImagesAreSetAsideAndCanBeReplaced) {
  Bytes flipped = image_;
  flipped[49'999] ^= 0x80;
  const Bytes truncated(image_.begin(), image_.end() - 1);
  Bytes longer = image_;
  longer.push_back(0);
  for (const Bytes& damaged : {Bytes(), flipped, truncated, longer}) {
    WriteText(store_.PathOf(digest_), AsText(damaged));
    const auto loaded = store_.Load(digest_, image_.size());
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_FALSE(loaded->has_value());
    EXPECT_EQ(ReadAll(Damaged()), damaged);
    EXPECT_EQ(Files(), 1U);

    ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
    EXPECT_TRUE(store_.Load(digest_, image_.size())->has_value());
    std::filesystem::remove(store_.PathOf(digest_));
  }
}

TEST_F(Store, PutReplacesADamagedImageByItself) {
  WriteText(store_.PathOf(digest_), "");
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  EXPECT_EQ(ReadAll(store_.PathOf(digest_)), image_);
}

TEST_F(Store, DirectoryInPlaceOfAnImageIsAnError) {
  std::filesystem::create_directory(store_.PathOf(digest_));
  const auto loaded = store_.Load(digest_, image_.size());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ExitCode::kInternal);
  EXPECT_EQ(loaded.error().message, "'" + store_.PathOf(digest_).string() + "' is not a file");
}

// It may be a board's last known-good: a typing error must not cost it.
TEST_F(Store, WrongSizeInAManifestLeavesAWholeImageAlone) {
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  const auto loaded = store_.Load(digest_, image_.size() - 1);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ExitCode::kNotTrusted);
  EXPECT_EQ(loaded.error().message,
            "the image " + Abbreviate(digest_) + " has 50000 bytes, the manifest says 49999");
  EXPECT_TRUE(store_.Load(digest_, image_.size())->has_value());
}

TEST_F(Store, ReadingOnlyFindsWhatIsWhole) {
  ASSERT_TRUE(store_.Put(AsVerified(image_), digest_));
  const auto reader = ArtifactStore::OpenReadOnly(directory_ / "state");
  const auto loaded = reader.Load(digest_, image_.size());
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(loaded->has_value());
  EXPECT_EQ(***loaded, image_);
}

TEST_F(Store, ReadingOnlyChangesNothing) {
  WriteText(store_.PathOf(digest_), "damaged");
  const auto reader = ArtifactStore::OpenReadOnly(directory_ / "state");
  EXPECT_FALSE(reader.Load(digest_, image_.size())->has_value());
  EXPECT_EQ(ReadText(store_.PathOf(digest_)), "damaged");
  EXPECT_FALSE(std::filesystem::exists(Damaged()));

  const auto nowhere = ArtifactStore::OpenReadOnly(directory_ / "missing");
  EXPECT_FALSE(nowhere.Load(digest_, image_.size())->has_value());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "missing"));
}

}  // namespace
}  // namespace lastgood::test
