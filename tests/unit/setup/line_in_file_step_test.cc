// SPDX-License-Identifier: MIT
#include "setup/line_in_file_step.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "setup_fixture.h"
#include "step_doc.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using test::Must;

TEST(LineInFileTest, LineIsThereOnceAndTheRestIsKept) {
  struct Case {
    std::string before;
    std::string replaces;
    std::string after;
  };
  // The line is "key=new".
  const Case cases[] = {
      {"", "", "key=new\n"},
      {"a\nb\n", "", "a\nb\nkey=new\n"},
      {"a\nb", "", "a\nb\nkey=new\n"},
      {"a\r\nb\r\n", "", "a\r\nb\r\nkey=new\r\n"},
      {"a\r\nb", "", "a\r\nb\r\nkey=new\r\n"},
      {"\n\n", "", "\n\nkey=new\n"},
      {"key=new\na\n", "", "key=new\na\n"},
      {"a\nkey=new", "", "a\nkey=new"},
      {"key=new\r\na\r\n", "", "key=new\r\na\r\n"},
      {"key=new\na\nkey=new\n", "", "key=new\na\n"},
      {" key=new\nkey=new2\n#key=new\n", "", " key=new\nkey=new2\n#key=new\nkey=new\n"},
      {"a\nkey=old\nb\n", "key=", "a\nkey=new\nb\n"},
      {"a\r\nkey=old\r\nb\n", "key=", "a\r\nkey=new\r\nb\n"},
      {"a\nkey=old", "key=", "a\nkey=new"},
      {"key=1\na\nkey=2\nb\nkey=3", "key=", "key=new\na\nb\n"},
      {"key=1\na\nkey=new\nb\nkey=3\n", "key=", "a\nkey=new\nb\n"},
      {"#key=1\n key=1\n", "key=", "#key=1\n key=1\nkey=new\n"},
      {"\xFF\xFE\x01\nb\n", "key=", "\xFF\xFE\x01\nb\nkey=new\n"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(WithLine(row.before, "key=new", row.replaces), row.after) << row.before;
    EXPECT_EQ(WithLine(row.after, "key=new", row.replaces), row.after) << "a second time";
  }
}

TEST(LineInFileTest, LineIsGoneAndTheRestIsKept) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"gone", ""},
      {"gone\n", ""},
      {"a\ngone\nb\ngone", "a\nb\n"},
      {"a\r\ngone\r\nb", "a\r\nb"},
      {" gone\ngone \n#gone\n", " gone\ngone \n#gone\n"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(WithoutLine(before, "gone"), after) << before;
}

class LineInFileStepTest : public testing::Test {
 protected:
  static std::string Step(const std::string& fields, const std::string& path = "/etc/hosts") {
    return "[[step]]\nkind = \"line-in-file\"\npath = \"" + path + "\"\n" + fields + "\n";
  }
  std::string Pending(const std::string& text) {
    return test::PendingText(*host_.Make(text), host_.host());
  }
  test::TestHost host_;
};

TEST_F(LineInFileStepTest, RunsOnceAndIsTakenBack) {
  host_.Write("/etc/hosts", "127.0.0.1 localhost\r\n\r\n# no end \xE9");
  fs::permissions(host_.At("/etc/hosts"), fs::perms(0664));
  const std::string text = Step("line = \"10.0.0.2\\tboard\"");
  EXPECT_EQ(Must(host_.Run(text)).changed, 1U);
  EXPECT_EQ(host_.Read("/etc/hosts"),
            "127.0.0.1 localhost\r\n\r\n# no end \xE9\r\n10.0.0.2\tboard\r\n");
  EXPECT_EQ(fs::status(host_.At("/etc/hosts")).permissions(), fs::perms(0664));
  EXPECT_EQ(Must(host_.Run(text)).done_already, 1U);
  host_.UndoAll();
  EXPECT_EQ(host_.Read("/etc/hosts"), "127.0.0.1 localhost\r\n\r\n# no end \xE9");
}

TEST_F(LineInFileStepTest, PlanShowsADiff) {
  host_.Write("/etc/hosts", "a\nname one\n");
  EXPECT_EQ(Pending(Step("line = \"name two\"\nreplaces = \"name \"")),
            "--- /etc/hosts\n+++ /etc/hosts\n@@ -1,2 +1,2 @@\n a\n-name one\n+name two\n"
            "undo: the content as it is now\n");
}

TEST_F(LineInFileStepTest, LineThatIsToBeGoneGoes) {
  host_.Write("/etc/hosts", "a\nb\n");
  const std::string text = Step("line = \"a\"\nstate = \"absent\"");
  EXPECT_EQ(host_.Make(text)->Describe(), "line-in-file: /etc/hosts without 'a'");
  Must(host_.Run(text));
  EXPECT_EQ(host_.Read("/etc/hosts"), "b\n");
  EXPECT_EQ(Must(host_.Run(text)).done_already, 1U);
}

TEST_F(LineInFileStepTest, MissingFileIsMadeOnlyWhenAskedFor) {
  EXPECT_EQ(Pending(Step("line = \"a\"")),
            "failure: '/etc/hosts' does not exist; create = true makes it");
  EXPECT_EQ(Must(host_.Run(Step("line = \"a\"\nstate = \"absent\""))).done_already, 1U);
  EXPECT_FALSE(host_.Exists("/etc"));
  Must(host_.Run(Step("line = \"a\"\ncreate = true")));
  EXPECT_EQ(host_.Read("/etc/hosts"), "a\n");
  host_.UndoAll();
  EXPECT_FALSE(host_.Exists("/etc"));
}

TEST_F(LineInFileStepTest, TwoStepsEditOneFileAndAreTakenBackTogether) {
  host_.Write("/etc/hosts", "x\n");
  Must(host_.Run(Step("line = \"a\"") + Step("line = \"b\"")));
  EXPECT_EQ(host_.Read("/etc/hosts"), "x\na\nb\n");
  EXPECT_TRUE(host_.UndoAll().conflicts.empty());
  EXPECT_EQ(host_.Read("/etc/hosts"), "x\n");
}

TEST_F(LineInFileStepTest, WhatIsNoTextIsNotEdited) {
  host_.Write("/etc/binary", std::string("a\0b\n", 4));
  host_.Write("/etc/large", std::string((1U << 20) + 1, 'x'));
  fs::create_directories(host_.At("/etc/hosts"));
  EXPECT_EQ(Pending(Step("line = \"a\"", "/etc/binary")),
            "failure: '/etc/binary' is not a text file");
  EXPECT_EQ(Pending(Step("line = \"a\"", "/etc/large")),
            "failure: '/etc/large' has 1048577 bytes, at most 1048576 are edited");
  EXPECT_EQ(Pending(Step("line = \"a\"")),
            "failure: '/etc/hosts' is a directory, not a file; move it away, or give another path");
}

TEST_F(LineInFileStepTest, LinksAreFollowedAndStay) {
  host_.Write("/run/resolv.conf", "a\n");
  fs::create_directories(host_.At("/etc"));
  fs::create_symlink("../run/resolv.conf", host_.At("/etc/resolv.conf"));
  Must(host_.Run(Step("line = \"b\"", "/etc/resolv.conf")));
  EXPECT_EQ(host_.Read("/run/resolv.conf"), "a\nb\n");
  EXPECT_TRUE(fs::is_symlink(host_.At("/etc/resolv.conf")));
}

// What one step would undo of another's at every run.
TEST_F(LineInFileStepTest, ContradictionsAreClaimsOfDifferentValues) {
  const auto contradict = [&](const std::string& one, const std::string& other) {
    for (const Claim& a : host_.Make(one)->Claims())
      for (const Claim& b : host_.Make(other)->Claims())
        if (a.thing == b.thing && a.value != b.value) return true;
    return false;
  };
  EXPECT_TRUE(contradict(Step("line = \"a\""), Step("line = \"a\"\nstate = \"absent\"")));
  EXPECT_TRUE(contradict(Step("line = \"k=1\"\nreplaces = \"k=\""),
                         Step("line = \"k=2\"\nreplaces = \"k=\"")));
  EXPECT_TRUE(contradict(Step("line = \"a\""),
                         "[[step]]\nkind = \"file\"\npath = \"/etc/hosts\"\ncontent = \"a\""));
  EXPECT_FALSE(contradict(Step("line = \"a\""), Step("line = \"b\"")));
  EXPECT_FALSE(contradict(Step("line = \"a\""), Step("line = \"a\"")));
  EXPECT_FALSE(contradict(Step("line = \"k=1\"\nreplaces = \"k=\""),
                          Step("line = \"k=2\"\nreplaces = \"k=\"", "/etc/other")));
}

TEST_F(LineInFileStepTest, MistakesAreShownWithTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {Step("line = \"a\\nb\""),
       "4:8: 'line' must be one line, without control characters but tab"},
      {Step("line = \"a\\r\""), "4:8: 'line' must be one line, without control characters but tab"},
      {Step("line = \"a\"\nreplaces = \"\""), "5:12: 'replaces' must not be empty"},
      {Step("line = \"" + std::string(4097, 'x') + "\""),
       "4:8: 'line' must have at most 4096 characters, not 4097"},
      {Step("line = \"a\"\nstate = \"absent\"\nreplaces = \"a\""),
       "6:12: 'replaces' is for a line that is to be present"},
      {Step("line = \"a\"\nstate = \"absent\"\ncreate = false"),
       "6:10: 'create' is for a line that is to be present"},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(test::MistakesIn(text, host_.host()), mistake) << text;
  EXPECT_NE(test::MistakesIn(Step("state = \"absent\""), host_.host()).find("line"),
            std::string::npos);
  EXPECT_NE(test::MistakesIn(Step("line = \"a\"\nstate = \"gone\""), host_.host()).find("5:9: "),
            std::string::npos);
}

TEST_F(LineInFileStepTest, DocumentedExampleIsUnderstood) {
  EXPECT_EQ(test::MistakesIn(test::DocExampleOf("line-in-file"), host_.host()), "none");
}

}  // namespace
}  // namespace lastgood
