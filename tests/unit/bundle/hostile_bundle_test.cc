// SPDX-License-Identifier: MIT
// Bundles that are none, are damaged, or were made to do harm.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "bundle_bench.h"
#include "host/process_runner.h"

namespace lastgood {
namespace {

using test::GoodBundle;
using test::RawMember;

// Every octet near both ends of a file; the middle of its images is all alike.
std::size_t Step(std::size_t at, std::size_t size) {
  return at < 500 || at + 200 > size ? 1U : 97U;
}

class HostileBundle : public testing::Test {
 protected:
  std::string Outcome(const Bytes& file) {
    test::WriteText(path_, AsText(file));
    std::string outcome = test::ReadWhole(path_, sizes_);
    const std::string prefix = "'" + path_.string() + "' is no whole bundle: ";
    return outcome.starts_with(prefix) ? outcome.substr(prefix.size()) : outcome;
  }
  std::string OutcomeOf(const std::vector<RawMember>& members, const Bytes& end = test::End()) {
    Bytes tar = test::Tar(members);
    Append(tar, end);
    return Outcome(test::Compressed(tar));
  }

  // Everything, as zstd alone sees it.
  Bytes Plain(const Bytes& file) {
    test::WriteText(path_, AsText(file));
    Bytes plain(1U << 20);
    auto reader = ZstdReader::Open(path_);
    const auto size = reader->Read(plain);
    plain.resize(size ? *size : 0);
    return plain;
  }

  test::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_ / "x.lastgood.tar.zst";
  const GoodBundle good_;
  const std::vector<std::uint64_t> sizes_{good_.images[0].size(), good_.images[1].size()};
};

TEST_F(HostileBundle, OtherFilesThanTheContentsSayAreRefused) {
  ASSERT_EQ(OutcomeOf(good_.Members()), "whole");
  const std::string first_image = ImageName(Sha256(good_.images[0]));
  const std::string second_image = ImageName(Sha256(good_.images[1]));
  const RawMember stranger = test::File("stranger", AsBytes("x"));
  struct Case {
    const char* what;
    std::function<void(std::vector<RawMember>&)> change;
    std::string message;
  };
  const Case cases[] = {
      {"nothing", [](auto& members) { members.clear(); }, "it ends before 'SHA256SUMS'"},
      {"no contents", [](auto& members) { members.erase(members.begin()); },
       "'SHA256SUMS' is not where it should be"},
      {"no manifest", [](auto& members) { members.erase(members.begin() + 1); },
       "'manifests/a.toml' is not where it should be"},
      {"no signature", [](auto& members) { members.erase(members.begin() + 2); },
       "'manifests/a.toml.minisig' is not where it should be"},
      {"last image missing", [](auto& members) { members.pop_back(); },
       "it ends before '" + second_image + "'"},
      {"swapped", [](auto& members) { std::swap(members[4], members[5]); },
       "'" + first_image + "' is not where it should be"},
      {"twice", [](auto& members) { members.insert(members.begin() + 4, members[4]); },
       "'" + second_image + "' is not where it should be"},
      {"one more", [&](auto& members) { members.push_back(stranger); },
       "it holds more than its table of contents says"},
      {"another in between", [&](auto& members) { members.insert(members.begin() + 3, stranger); },
       "'recipes/b.toml' is not where it should be"},
      {"another manifest",
       [](auto& members) {
         members[1] = test::File("manifests/a.toml", AsBytes("other text!!\n"));
       },
       "its 'manifests/a.toml' has another digest than its table of contents says"},
      {"another image", [&](auto& members) { members[4].content[17] ^= 1; },
       "its '" + first_image + "' has another digest"},
      {"longer image",
       [&](auto& members) {
         Bytes longer = good_.images[0];
         longer.push_back(0);
         members[4] = test::File(first_image, longer);
       },
       "its '" + first_image + "' has " + std::to_string(sizes_[0] + 1) +
           " bytes, its manifest says " + std::to_string(sizes_[0])},
      {"endless manifest",
       [](auto& members) {
         members[1].head = FormatTarHead({"manifests/a.toml", 8'000'000'000});
       },
       "its 'manifests/a.toml' has 8000000000 bytes, at most 1048576 are read"},
      {"endless contents",
       [](auto& members) {
         members[0].head = FormatTarHead({"SHA256SUMS", 8'000'000'000});
       },
       "its 'SHA256SUMS' has 8000000000 bytes, at most 1048576 are read"},
      {"endless signature",
       [](auto& members) {
         members[2].head = FormatTarHead({"manifests/a.toml.minisig", 8'000'000'000});
       },
       "its 'manifests/a.toml.minisig' has 8000000000 bytes, at most 16384 are read"},
      {"no table", [](auto& members) { members[0] = test::File("SHA256SUMS", AsBytes("hello")); },
       "line 1 of its SHA256SUMS makes no sense"},
  };
  for (const Case& row : cases) {
    std::vector<RawMember> members = good_.Members();
    row.change(members);
    EXPECT_EQ(OutcomeOf(members), row.message) << row.what;
  }
}

TEST_F(HostileBundle, WhatFollowsTheEndIsRefused) {
  const std::string more = "it holds more than its table of contents says";
  Bytes hidden = test::End();
  Append(hidden, test::Tar({test::File("hidden", AsBytes("x"))}));
  EXPECT_EQ(OutcomeOf(good_.Members(), hidden), more);
  EXPECT_EQ(OutcomeOf(good_.Members(), Bytes(10240, 0)), "whole");  // GNU tar's record
  EXPECT_EQ(OutcomeOf(good_.Members(), Bytes(1U << 20, 0)), more);
  EXPECT_EQ(OutcomeOf(good_.Members(), Bytes(kTarBlock, 0)), "its end is missing");
  EXPECT_EQ(OutcomeOf(good_.Members(), {}), "its end is missing");
  Bytes two_frames = good_.Written();
  Append(two_frames, test::Compressed(AsBytes("more")));
  EXPECT_EQ(Outcome(two_frames), more);
  Bytes trailing = good_.Written();
  Append(trailing, AsBytes("trailing"));
  EXPECT_EQ(Outcome(trailing), "it is not compressed with zstd");
}

TEST_F(HostileBundle, FileThatIsNoBundleIsRefused) {
  EXPECT_EQ(Outcome({}), "it is cut off");
  EXPECT_EQ(Outcome(ToBytes("<!DOCTYPE html><html>log in</html>")),
            "it is not compressed with zstd");
  EXPECT_EQ(Outcome(test::Compressed(AsBytes("not a tar"))), "it is cut off");
  EXPECT_EQ(Outcome(test::Compressed(test::Pattern(10'000))),
            "what should be the head of a file makes no sense");
  EXPECT_EQ(Outcome(test::Compressed(Bytes(64U << 20, 0))), "it ends before 'SHA256SUMS'");
}

TEST_F(HostileBundle, MissingFileOrOneOfAnotherKindIsAMistakeOfTheUser) {
  const auto missing = BundleReader::Open(directory_ / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ExitCode::kUsage);
  const auto is_directory = BundleReader::Open(directory_.path());
  ASSERT_FALSE(is_directory);
  EXPECT_EQ(is_directory.error().code, ExitCode::kUsage);
  EXPECT_EQ(is_directory.error().message, "'" + directory_.path().string() + "' is not a file");
  const auto device = BundleReader::Open("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().message, "'/dev/zero' is not a file");
}

TEST_F(HostileBundle, EveryTruncationIsRefused) {
  const Bytes whole = good_.Written();
  ASSERT_EQ(Outcome(whole), "whole");
  for (std::size_t size = 0; size < whole.size(); size += Step(size, whole.size()))
    EXPECT_NE(Outcome(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))), "whole")
        << size;
}

// There are octets in compressed data that mean nothing.
TEST_F(HostileBundle, EveryDamagedOctetIsNoticedOrChangesNothing) {
  const Bytes whole = good_.Written();
  const Bytes plain = Plain(whole);
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < whole.size(); at += Step(at, whole.size())) {
    Bytes damaged = whole;
    damaged[at] ^= 0x11;
    if (Outcome(damaged) == "whole") {
      EXPECT_EQ(Plain(damaged), plain) << at;
    } else {
      ++noticed;
    }
  }
  EXPECT_GT(noticed, 600U);
}

// A frame may ask its reader to look back 128 MiB and more.
TEST_F(HostileBundle, FrameThatNeedsMuchMemoryIsRefused) {
  PosixProcessRunner runner;
  const auto made =
      runner.Run({{"sh", "-c", "head -c 1000000 /dev/zero | zstd -q --long=27 >" + path_.string()},
                  std::chrono::seconds(60)});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(test::ReadWhole(path_, {}),
            "'" + path_.string() +
                "' is no whole bundle: the compressed data make no sense (Frame requires too much "
                "memory for decoding)");
}

}  // namespace
}  // namespace lastgood
