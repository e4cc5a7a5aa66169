// SPDX-License-Identifier: MIT
// Bundles that are right: written, read, and the same to other programs.
#include <gtest/gtest.h>

#include <string>

#include "bundle_bench.h"
#include "host/process_runner.h"

namespace lastgood {
namespace {

using test::GoodBundle;

class BundleTest : public testing::Test {
 protected:
  std::string Run(std::vector<std::string> argv) {
    PosixProcessRunner runner;
    ProcessRequest request{std::move(argv), std::chrono::seconds(60)};
    const auto result = runner.Run(request);
    if (!result) return result.error().message;
    return result->standard_output;
  }

  test::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_ / "x.lastgood.tar.zst";
  GoodBundle good_;
};

TEST_F(BundleTest, WhatWasWrittenIsRead) {
  test::WriteText(path_, AsText(good_.Written()));
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->contents(), good_.Contents());
  EXPECT_EQ(reader->manifest().name, path_.string() + "/manifests/a.toml");
  EXPECT_EQ(reader->manifest().text, good_.manifest.text);
  EXPECT_EQ(reader->manifest().signature, good_.manifest.signature);
  ASSERT_EQ(reader->recipes().size(), 1U);
  EXPECT_EQ(reader->recipes()[0].name, path_.string() + "/recipes/b.toml");
  EXPECT_EQ(reader->recipes()[0].text, good_.recipe.text);
  EXPECT_EQ(reader->recipes()[0].signature, "");
  for (const Bytes& image : good_.images) {
    const auto read = reader->NextImage(image.size());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, image);
  }
  EXPECT_TRUE(reader->Finish());
}

TEST_F(BundleTest, RecipesThatItBuildsOnComeWithTheirSignatures) {
  good_.bases = {{"middle.toml", "what it extends\n", "another signature\n"},
                 {"base.toml", "what that one extends\n", ""}};
  test::WriteText(path_, AsText(good_.Written()));
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader) << reader.error().message;
  ASSERT_EQ(reader->recipes().size(), 3U);
  EXPECT_EQ(reader->recipes()[0].text, good_.recipe.text);
  for (std::size_t i = 0; i < good_.bases.size(); ++i) {
    const SignedText& read = reader->recipes()[i + 1];
    EXPECT_EQ(read.name, path_.string() + "/recipes/" + good_.bases[i].name);
    EXPECT_EQ(read.text, good_.bases[i].text);
    EXPECT_EQ(read.signature, good_.bases[i].signature);
  }
  EXPECT_EQ(test::ReadWhole(path_, {good_.images[0].size(), good_.images[1].size()}), "whole");
}

TEST_F(BundleTest, LargeImageIsRead) {
  good_.images = {test::Pattern(3'000'000, 9)};
  test::WriteText(path_, AsText(good_.Written()));
  EXPECT_EQ(test::ReadWhole(path_, {3'000'000}), "whole");
}

TEST_F(BundleTest, SameFilesGiveTheSameOctets) {
  const Bytes first = good_.Written();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first, GoodBundle().Written());
}

TEST_F(BundleTest, SystemsOwnToolsReadIt) {
  test::WriteText(path_, AsText(good_.Written()));
  std::string names;
  std::string checked;
  for (const std::string& name :
       {std::string("manifests/a.toml"), std::string("manifests/a.toml.minisig"),
        std::string("recipes/b.toml"), ImageName(Sha256(good_.images[0])),
        ImageName(Sha256(good_.images[1]))}) {
    names += name + "\n";
    checked += name + ": OK\n";
  }
  EXPECT_EQ(Run({"tar", "--zstd", "-tf", path_.string()}), "SHA256SUMS\n" + names);
  EXPECT_EQ(Run({"sh", "-c",
                 "cd " + directory_.path().string() +
                     " && tar --zstd -xf x.lastgood.tar.zst && sha256sum -c SHA256SUMS"}),
            checked);
  EXPECT_EQ(Run({"zstd", "-q", "-t", path_.string()}), "");
}

TEST_F(BundleTest, OneMadeByHandWithTheSystemsToolsIsRead) {
  test::WriteText(directory_ / "first", AsText(good_.Written()));
  const std::string made = Run(
      {"sh", "-c",
       "cd " + directory_.path().string() +
           " && tar --zstd -xf first && tar --zstd -cf x.lastgood.tar.zst SHA256SUMS $(cut -c67- "
           "SHA256SUMS) 2>&1"});
  EXPECT_EQ(made, "");
  EXPECT_EQ(test::ReadWhole(path_, {good_.images[0].size(), good_.images[1].size()}), "whole");
}

TEST_F(BundleTest, EachImageIsInItOnce) {
  const auto contents =
      ListContents(good_.manifest, {good_.recipe},
                   {Sha256(good_.images[1]), Sha256(good_.images[0]), Sha256(good_.images[1])});
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->images, good_.Contents().images);
}

TEST_F(BundleTest, FileWhoseNameNotEveryTarCanSayIsRefused) {
  good_.manifest.name = "my manifest.toml";
  const auto contents = ListContents(good_.manifest, {good_.recipe}, {});
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ExitCode::kUsage);
  EXPECT_EQ(contents.error().message, "a bundle can not hold a file called 'my manifest.toml'");
}

TEST_F(BundleTest, TwoRecipesOfOneFileNameAreRefused) {
  good_.bases = {good_.recipe};
  const auto contents = ListContents(good_.manifest, good_.Recipes(), {});
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ExitCode::kUsage);
  EXPECT_EQ(
      contents.error().message,
      "a bundle can not hold two of the recipes that 'b.toml' builds on: their files have the "
      "same name");
}

TEST_F(BundleTest, OutputThatFailsEndsTheWriting) {
  BundleWriter writer([](ByteSpan) -> Result<void> {
    return Fail(ExitCode::kInternal, "no space left on device");
  });
  // libzstd may keep what is so small until the end.
  auto finished = writer.WriteDescriptions(good_.Contents(), good_.manifest, good_.Recipes());
  if (finished) finished = writer.Finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().message, "no space left on device");
}

}  // namespace
}  // namespace lastgood
