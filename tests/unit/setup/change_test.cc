// SPDX-License-Identifier: MIT
// Changes as text for the record, and back.
#include "setup/change.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "digest/digest.h"

namespace lastgood {
namespace {

class RandomChanges {
 public:
  explicit RandomChanges(unsigned seed) : random_(seed) {}

  RecordedChange Next() {
    RecordedChange change;
    for (int n = Below(4); n > 0; --n) {
      RecordedFile file{"/" + Text(), Mark(), std::nullopt};
      if (Below(2) == 1) file.after = Mark();
      change.files.push_back(file);
    }
    change.undo = Commands();
    change.reload = Commands();
    change.timeout = std::chrono::milliseconds(Below(3'600'000));
    return change;
  }

 private:
  int Below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
  // Any octets but NUL, as names of files are.
  std::string Text() {
    std::string text;
    for (int n = Below(12); n > 0; --n) text += static_cast<char>(Below(255) + 1);
    return text;
  }
  std::vector<Argv> Commands() {
    std::vector<Argv> commands(static_cast<std::size_t>(Below(3)));
    for (Argv& argv : commands)
      for (int n = Below(4); n >= 0; --n) argv.push_back(Text());
    return commands;
  }
  FileMark Mark() {
    FileMark mark;
    mark.kind = static_cast<FileKind>(Below(5));
    const std::string text = Text();
    if (mark.kind == FileKind::kFile) mark.sha256 = Sha256(AsBytes(text));
    if (mark.kind == FileKind::kLink) mark.target = text;
    mark.mode = static_cast<std::uint32_t>(Below(010000));
    mark.uid = Below(2) == 1 ? 0xFFFFFFFEU : 1000U;
    mark.gid = static_cast<std::uint32_t>(Below(70'000));
    mark.modified_ns = std::uniform_int_distribution<std::int64_t>()(random_) - (1LL << 62);
    return mark;
  }

  std::mt19937 random_;
};

bool IsSame(const RecordedChange& a, const RecordedChange& b) {
  const auto is_same_file = [](const RecordedFile& x, const RecordedFile& y) {
    return x.path == y.path && x.before == y.before && x.after == y.after;
  };
  return std::equal(a.files.begin(), a.files.end(), b.files.begin(), b.files.end(), is_same_file) &&
         a.undo == b.undo && a.reload == b.reload && a.timeout == b.timeout;
}

TEST(ChangeTest, WhatIsRecordedIsReadAgainWhateverItsOctets) {
  constexpr unsigned kSeed = 20261127;
  RandomChanges changes(kSeed);
  for (int round = 0; round < 500; ++round) {
    const RecordedChange change = changes.Next();
    const std::string text = EncodeChange(change);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const auto read = DecodeChange(text);
    ASSERT_TRUE(read) << "seed " << kSeed << ", round " << round << ": " << text;
    ASSERT_TRUE(IsSame(*read, change)) << "seed " << kSeed << ", round " << round << ": " << text;
  }
}

TEST(ChangeTest, TextOfAnotherVersionIsNotGuessedAt) {
  const std::string mark =
      R"({"kind":"link","target":"t","mode":0,"uid":0,"gid":0,"modified_ns":0})";
  const auto with = [](const std::string& files) {
    return R"({"format":1,"files":[)" + files +
           R"(],"undo":[],"reload":[],"timeout_ms":1,"needs_root":true})";
  };
  EXPECT_TRUE(DecodeChange(with("")));
  EXPECT_TRUE(DecodeChange(with(R"({"path":"/x","before":[)" + mark + "]}")));
  const std::string refused[] = {
      "",
      "{",
      "[]",
      R"({"format":2,"files":[],"undo":[],"reload":[],"timeout_ms":1})",
      R"({"format":1,"files":[],"undo":[],"timeout_ms":1})",
      R"({"format":1,"files":[],"undo":[],"reload":[],"timeout_ms":"1"})",
      R"({"format":1,"files":[],"undo":[{"argv":[1]}],"reload":[],"timeout_ms":1})",
      with(R"({"path":"/x"})"),
      with(R"({"path":"/x","before":[]})"),
      with(R"({"path":"/x","before":[)" + mark + "," + mark + "]}"),
      with(R"({"path":"/x","before":[)" + mark + R"(],"after":[]})"),
      with(R"({"path":"/x\u0394","before":[)" + mark + "]}"),
      with(
          R"({"path":"/x","before":[{"kind":"socket","mode":0,"uid":0,"gid":0,"modified_ns":0}]})"),
      // A file without a digest: undo could not put it back.
      with(R"({"path":"/x","before":[{"kind":"file","mode":0,"uid":0,"gid":0,"modified_ns":0}]})"),
      with(
          R"({"path":"/x","before":[{"kind":"file","sha256":"12","mode":0,"uid":0,"gid":0,"modified_ns":0}]})"),
  };
  for (const std::string& text : refused) {
    const auto read = DecodeChange(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ExitCode::kInternal) << text;
  }
}

TEST(ChangeTest, AttributesDoNotMakeAnotherContent) {
  FileMark a{FileKind::kFile, Sha256(AsBytes(std::string_view("x"))), {}, 0644, 0, 0, 1};
  FileMark b = a;
  b.mode = 0600;
  b.uid = 7;
  b.modified_ns = 2;
  EXPECT_TRUE(HasSameContent(a, b));
  b.sha256 = Sha256(AsBytes(std::string_view("y")));
  EXPECT_FALSE(HasSameContent(a, b));
  FileMark link;
  link.kind = FileKind::kLink;
  FileMark other = link;
  other.target = "elsewhere";
  EXPECT_FALSE(HasSameContent(link, other));
  EXPECT_FALSE(HasSameContent(link, FileMark{}));
}

}  // namespace
}  // namespace lastgood
