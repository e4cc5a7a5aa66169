// SPDX-License-Identifier: MIT
// Whole archives, of those in tests/vectors/archives.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "image/archive.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

Bytes Vector(std::string_view name) {
  return test::ReadAll(std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/archives" /
                       name);
}

// "bin/", "bin/run* #!/bin/sh": a directory, a program with its content.
std::vector<std::string> Outcome(ByteSpan archive, std::size_t strip = 0) {
  const auto members = ExtractAll(archive, strip);
  if (!members)
    return {members.error().message +
            (members.error().hint.empty() ? "" : "; " + members.error().hint)};
  std::vector<std::string> lines;
  for (const ArchiveMember& member : *members)
    lines.push_back(member.is_directory ? member.name + "/"
                                        : member.name + (member.is_executable ? "* " : " ") +
                                              std::string(AsText(member.content)));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(ArchiveContentsTest, EveryFormatHoldsTheSame) {
  for (const char* name : {"good.zip", "good-stored.zip", "good.tar", "good.tar.gz", "good.tar.bz2",
                           "good.tar.xz", "good.tar.zst", "good-dot-names.tar"})
    EXPECT_EQ(Outcome(Vector(name)), (Lines{"bin/", "bin/at/", "bin/at/user1.bin first user image",
                                            "bin/boot.bin boot loader", "bin/empty.bin "}))
        << name;
}

TEST(ArchiveContentsTest, ProgramsAreToldFromOtherFiles) {
  for (const char* name : {"tool.tar", "tool.tar.gz", "tool.zip"})
    EXPECT_EQ(Outcome(Vector(name)),
              (Lines{"tool-1.0/", "tool-1.0/bin/", "tool-1.0/bin/run* #!/bin/sh\n",
                     "tool-1.0/share/read me.txt text\n"}))
        << name;
  EXPECT_EQ(Outcome(Vector("setuid.tar")), (Lines{"run* #!/bin/sh\n"}));
}

TEST(ArchiveContentsTest, LeadingComponentsAreTakenOff) {
  EXPECT_EQ(Outcome(Vector("tool.tar"), 1),
            (Lines{"bin/", "bin/run* #!/bin/sh\n", "share/read me.txt text\n"}));
  EXPECT_EQ(Outcome(Vector("tool.tar"), 2), (Lines{"run* #!/bin/sh\n", "read me.txt text\n"}));
  EXPECT_EQ(Outcome(Vector("tool.tar"), 3),
            (Lines{"archive has nothing below 3 leading directories; it holds "
                   "'tool-1.0/share/read me.txt'"}));
}

TEST(ArchiveContentsTest, HostileOrDamagedArchivesAreNotTrusted) {
  struct Case {
    std::string_view archive;
    std::size_t strip;
    std::string_view message;
  };
  const Case cases[] = {
      {"dot-dot.zip", 0, "archive holds '../a.bin', a name that leaves its directory"},
      {"dot-dot.tar", 2, "archive holds 'x/../../a.bin', a name that leaves its directory"},
      {"absolute.zip", 0, "archive holds '/etc/a.bin', a name that leaves its directory"},
      {"absolute.tar", 1, "archive holds '/etc/a.bin', a name that leaves its directory"},
      {"twice.zip", 0, "archive holds 'a.bin' twice"},
      {"twice.tar", 0, "archive holds 'a.bin' twice"},
      {"twice-stripped.tar", 1, "archive holds 'a' twice"},
      {"twice-by-dots.tar", 0, "archive holds 'x/a' twice"},
      {"below-file.tar", 0, "archive holds 'a/b', which is below a file"},
      {"link.tar", 0, "archive holds 'link.bin', which is neither file nor directory"},
      {"devices.tar", 0, "archive holds 'a.bin', which is neither file nor directory"},
      {"encrypted.zip", 0, "member 'a.bin' is encrypted"},
      {"bomb.zip", 0, "member 'a.bin' has more than 16777216 bytes, the most that is read"},
      {"bomb-of-many.zip", 0,
       "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"bomb.tar.xz", 0, "the archive unpacks to more than 67108864 bytes, the most that is read"},
      {"many.zip", 0, "archive holds more than 4096 members"},
      {"long-name.tar", 0, "archive holds a name of 600 octets, at most 512 are read"},
      {"sparse-old.tar", 0, "archive holds sparse files, which are not read"},
      {"huge-size.tar", 0, "archive is damaged or cut off: Truncated tar archive"},
  };
  for (const Case& row : cases) {
    const auto members = ExtractAll(Vector(row.archive), row.strip);
    ASSERT_FALSE(members) << row.archive;
    EXPECT_EQ(members.error().message, row.message) << row.archive;
    EXPECT_EQ(members.error().code, ExitCode::kNotTrusted) << row.archive;
  }
}

TEST(ArchiveContentsTest, LinksAreRefusedAlsoWhereTheyWouldBeLeftOut) {
  EXPECT_EQ(Outcome(Vector("link.tar"), 1),
            (Lines{"archive holds 'link.bin', which is neither file nor directory"}));
}

TEST(ArchiveContentsTest, WhatIsNoArchiveSaysSo) {
  EXPECT_EQ(Outcome(Vector("good.gz")),
            (Lines{"it is a single compressed file, not an archive; give a .zip or a .tar"}));
  EXPECT_EQ(Outcome(AsBytes("<!DOCTYPE html><html>")),
            (Lines{"not an archive: it looks like an HTML page"}));
}

TEST(ArchiveContentsTest, EveryTruncationIsRefused) {
  for (const char* name : {"tool.zip", "tool.tar.gz"}) {
    const Bytes good = Vector(name);
    for (std::size_t size = 0; size < good.size(); ++size)
      EXPECT_FALSE(ExtractAll(ByteSpan(good).first(size), 0)) << name << " " << size;
  }
}

}  // namespace
}  // namespace lastgood
