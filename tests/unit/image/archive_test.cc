// SPDX-License-Identifier: MIT
// Archives made by other programs (Python's zipfile, tarfile, gzip, bz2 and lzma; GNU tar), kept in
// tests/vectors/archives with what each is for.
#include "image/archive.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "digest/digest.h"
#include "image/esp_image.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "support/verified.h"

namespace lastgood {
namespace {

Bytes Vector(std::string_view name) {
  return test::ReadAll(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/archives" /
                       name);
}

std::string Outcome(ByteSpan archive, std::string_view member,
                    std::uint64_t size_max = kMemberSizeMax) {
  const auto content = ExtractMember(archive, member, size_max);
  if (content) return std::string(AsText(*content));
  return content.error().message +
         (content.error().hint.empty() ? "" : "; " + content.error().hint);
}

TEST(ArchiveTest, MembersOfEveryFormatAreFound) {
  for (const char* name : {"good.zip", "good-stored.zip", "good.tar", "good.tar.gz", "good.tar.bz2",
                           "good.tar.xz", "good.tar.zst", "good-dot-names.tar"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(Outcome(Vector(name), "bin/at/user1.bin"), "first user image");
    EXPECT_EQ(Outcome(Vector(name), "./bin/boot.bin"), "boot loader");
    EXPECT_EQ(Outcome(Vector(name), "bin/empty.bin"), "");
  }
  EXPECT_EQ(Outcome(Vector("good.gz"), "*"), "the one content");
  EXPECT_EQ(Outcome(Vector("good-with-name.gz"), "*"), "the one content");
}

TEST(ArchiveTest, WhatIsAskedForWronglyIsAMistakeInTheManifest) {
  struct Case {
    std::string_view archive;
    std::string_view member;
    std::string_view message;
  };
  const Case cases[] = {
      {"good.zip", "user1.bin",
       "archive has no member 'user1.bin'; did you mean 'bin/at/user1.bin'?"},
      {"good.tar.gz", "bin/user9.bin",
       "archive has no member 'bin/user9.bin'; it holds: bin/at/user1.bin, bin/boot.bin, "
       "bin/empty.bin"},
      {"good.zip", "bin/at/",
       "member 'bin/at/' of the archive is a directory, not a file; name "
       "the file that it stands for"},
      {"good.zip", "*",
       "member \"*\" is for a single compressed file; this is an archive; it holds: "
       "bin/at/user1.bin, bin/boot.bin, bin/empty.bin"},
      {"good.gz", "firmware.bin",
       "'firmware.bin' asked for of a single compressed file; its one content is called member = "
       "\"*\""},
      {"link.tar", "link.bin",
       "member 'link.bin' of the archive is a link or a device, not a file; name the "
       "file that it stands for"},
      {"devices.tar", "a.bin",
       "member 'a.bin' of the archive is a link or a device, not a file; name the "
       "file that it stands for"},
      {"devices.tar", "c.bin",
       "member 'c.bin' of the archive is a link or a device, not a file; name the "
       "file that it stands for"},
      {"link.tar", "hard.bin",
       "member 'hard.bin' of the archive is a link or a device, not a file; name the "
       "file that it stands for"},
  };
  for (const Case& row : cases) {
    const Bytes archive = Vector(row.archive);
    EXPECT_EQ(Outcome(archive, row.member), row.message);
    EXPECT_EQ(ExtractMember(archive, row.member, kMemberSizeMax).error().code,
              ExitCode::kInvalidManifest);
  }
}

TEST(ArchiveTest, HostileOrDamagedArchivesAreNotTrusted) {
  struct Case {
    std::string_view archive;
    std::string_view member;
    std::string_view message;
  };
  const Case cases[] = {
      {"dot-dot.zip", "a.bin", "archive holds '../a.bin', a name that leaves its directory"},
      {"dot-dot.tar", "a.bin", "archive holds 'x/../../a.bin', a name that leaves its directory"},
      {"absolute.zip", "a.bin", "archive holds '/etc/a.bin', a name that leaves its directory"},
      {"absolute.tar", "a.bin", "archive holds '/etc/a.bin', a name that leaves its directory"},
      {"twice.zip", "a.bin", "archive holds 'a.bin' twice"},
      {"twice.tar", "a.bin", "archive holds 'a.bin' twice"},
      {"encrypted.zip", "a.bin", "member 'a.bin' is encrypted"},
      {"trailing.gz", "*", "the compressed archive is followed by 9 bytes of other data"},
      {"bomb.gz", "*", "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"bomb.zip", "a.bin", "member 'a.bin' has more than 16777216 bytes, the most that is read"},
      {"large.gz", "*", "the archive unpacks to 16777217 bytes, at most 16777216 are possible"},
      {"long-name.tar", "a.bin", "archive holds a name of 600 octets, at most 512 are read"},
      {"many.zip", "a.bin", "archive holds more than 4096 members"},
      {"wrong-crc.gz", "*",
       "the gzip file's check values do not match its content: it is damaged, cut off or holds "
       "more than one content"},
      {"large.tar.gz", "a.bin",
       "member 'a.bin' has more than 16777216 bytes, the most that is read"},
      {"bomb.tar.bz2", "a.bin",
       "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"bomb.tar.xz", "a.bin",
       "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"bomb.tar.zst", "a.bin",
       "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"sparse-map.tar.zst", "a.bin", "archive holds sparse files, which are not read"},
      {"sparse-map.tar.zst", "b.bin", "archive holds sparse files, which are not read"},
      {"sparse-old.tar", "a.bin", "archive holds sparse files, which are not read"},
      {"huge-size.tar", "a.bin", "archive is damaged or cut off: Truncated tar archive"},
      {"huge-name.tar", "a.bin", "archive is damaged or cut off: Special header too large"},
      {"huge-head.tar", "a.bin", "archive is damaged or cut off: Special header too large"},
      {"packed-twice.gz", "*", "the archive is compressed more than once"},
      {"bad-header.bz2", "*", "archive is damaged or cut off: its header makes no sense"},
      {"two-members.gz", "*",
       "the gzip file's check values do not match its content: it is damaged, cut off or holds "
       "more than one content"},
  };
  for (const Case& row : cases) {
    const auto content = ExtractMember(Vector(row.archive), row.member, kMemberSizeMax);
    ASSERT_FALSE(content) << row.archive;
    EXPECT_EQ(content.error().message, row.message) << row.archive;
    EXPECT_EQ(content.error().code, ExitCode::kNotTrusted);
  }
}

TEST(ArchiveTest, FileThatIsNoArchiveSaysWhatItIs) {
  EXPECT_EQ(Outcome(AsBytes("<!DOCTYPE html><html>"), "a"),
            "not an archive: it looks like an HTML page");
  EXPECT_EQ(Outcome({}, "a"), "not an archive: it looks like an empty file");
  EXPECT_EQ(Outcome(AsBytes("Rar!\x1a\x07\x01"), "a"),
            "not an archive: it looks like unknown data");
}

TEST(ArchiveTest, EveryTruncationIsRefused) {
  for (const char* name :
       {"good.zip", "good.tar.gz", "good.tar.bz2", "good.tar.xz", "good.tar.zst", "good.gz"}) {
    const Bytes good = Vector(name);
    const bool single = std::string_view(name) == "good.gz";
    for (std::size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(
          ExtractMember(ByteSpan(good).first(size), single ? "*" : "bin/empty.bin", kMemberSizeMax))
          << name << " " << size;
    }
  }
}

TEST(ArchiveTest, EveryDamagedOctetEndsInAVerdictAndNeverInOtherBytes) {
  for (const char* name : {"good.zip", "good.tar.bz2", "good.tar.xz", "good.gz"}) {
    const Bytes good = Vector(name);
    const bool single = std::string_view(name) == "good.gz";
    for (std::size_t at = 0; at < good.size(); ++at) {
      Bytes bytes = good;
      bytes[at] ^= 0x11;
      const auto content = ExtractMember(bytes, single ? "*" : "bin/at/user1.bin", kMemberSizeMax);
      if (content) {
        EXPECT_EQ(AsText(*content), single ? "the one content" : "first user image") << name << at;
      }
    }
  }
}

TEST(ArchiveTest, RealArchivesGiveRealImages) {
  const auto zip = test::SharedInput("firmware/ESP8266_NonOS_AT_Bin_V1.7.4.zip");
  const auto gz = test::SharedInput("firmware/tasmota.bin.gz");
  if (!zip || !gz) return;
  const auto user1 = ExtractMember(
      test::ReadAll(*zip), "ESP8266_NonOS_AT_Bin_V1.7.4/bin/at/512+512/user1.1024.new.2.bin",
      kMemberSizeMax);
  ASSERT_TRUE(user1) << user1.error().message;
  EXPECT_EQ(user1->size(), 413444U);
  const auto image = ParseEspImage(test::AsVerified(*user1), Chip::kEsp8266);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(image->is_user_image);
  EXPECT_EQ(image->size_bytes, user1->size());

  const auto tasmota = ExtractMember(test::ReadAll(*gz), "*", kMemberSizeMax);
  ASSERT_TRUE(tasmota) << tasmota.error().message;
  EXPECT_EQ(Sha256(*tasmota).ToHex(),
            "6253593b5b399d3f057b336096ae527b5410df7eed5882f355d869dc93daa214");
  EXPECT_TRUE(ParseEspImage(test::AsVerified(*tasmota), Chip::kEsp8266));
}

}  // namespace
}  // namespace lastgood
