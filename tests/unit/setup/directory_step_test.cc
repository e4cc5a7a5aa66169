// SPDX-License-Identifier: MIT
#include "setup/directory_step.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "setup_fixture.h"
#include "step_doc.h"
#include "step_mistake.h"
#include "support/leave_out.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using test::Must;

class DirectoryStepTest : public testing::Test {
 protected:
  static std::string Step(const std::string& path, const std::string& fields = "") {
    return "[[step]]\nkind = \"directory\"\npath = \"" + path + "\"\n" + fields + "\n";
  }
  struct stat StatusOf(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(stat(host_.At(path).c_str(), &status), 0) << path;
    return status;
  }
  unsigned ModeOf(const std::string& path) const { return StatusOf(path).st_mode & 07777U; }

  test::TestHost host_;
};

TEST_F(DirectoryStepTest, IsMadeWithThoseAboveAndTakenBack) {
  const std::string text = Step("/srv/kiosk/films", "mode = \"0700\"");
  EXPECT_EQ(host_.Make(text)->Describe(), "directory: /srv/kiosk/films");
  Must(host_.Run(text));
  EXPECT_EQ(ModeOf("/srv/kiosk/films"), 0700U);
  EXPECT_EQ(ModeOf("/srv/kiosk"), 0755U);
  EXPECT_EQ(Must(host_.Run(text)).done_already, 1U);
  host_.UndoAll();
  EXPECT_FALSE(host_.Exists("/srv"));
}

TEST_F(DirectoryStepTest, OnlyWhatIsNamedIsChangedOfOneThatIsThere) {
  fs::create_directories(host_.At("/srv/films"));
  fs::permissions(host_.At("/srv/films"), fs::perms(02770));
  EXPECT_EQ(Must(host_.Run(Step("/srv/films"))).done_already, 1U);
  Must(host_.Run(Step("/srv/films", "mode = \"0750\"")));
  EXPECT_EQ(ModeOf("/srv/films"), 0750U);
  host_.UndoAll();
  EXPECT_EQ(ModeOf("/srv/films"), 02770U);
}

TEST_F(DirectoryStepTest, OwnerAloneIsChangedAndComesBack) {
  if (geteuid() != 0) LEAVE_OUT("needs root: directories are given away");
  fs::create_directories(host_.At("/srv/films"));
  fs::permissions(host_.At("/srv/films"), fs::perms(0711));
  Must(host_.Run(Step("/srv/films", "owner = \"4711\"")));
  EXPECT_EQ(StatusOf("/srv/films").st_uid, 4711U);
  EXPECT_EQ(StatusOf("/srv/films").st_gid, 0U);
  EXPECT_EQ(ModeOf("/srv/films"), 0711U);
  host_.UndoAll();
  EXPECT_EQ(StatusOf("/srv/films").st_uid, 0U);
}

TEST_F(DirectoryStepTest, WhatOthersPutThereKeepsIt) {
  Must(host_.Run(Step("/srv/films")));
  host_.Write("/srv/films/a.mp4", "film");
  const UndoSummary undone = host_.UndoAll();
  ASSERT_FALSE(undone.conflicts.empty());
  EXPECT_EQ(undone.conflicts[0].text, "'/srv/films' is not empty: others keep files there");
  EXPECT_EQ(host_.Read("/srv/films/a.mp4"), "film");
}

TEST_F(DirectoryStepTest, FileInItsPlaceStays) {
  host_.Write("/srv/films", "a file");
  EXPECT_EQ(test::PendingText(*host_.Make(Step("/srv/films")), host_.host()),
            "failure: '/srv/films' is a file, not a directory; move it away, or give another path");
}

TEST_F(DirectoryStepTest, LinkToADirectoryIsOne) {
  fs::create_directories(host_.At("/data/films"));
  fs::create_directories(host_.At("/srv"));
  fs::create_directory_symlink("/data/films", host_.At("/srv/films"));
  EXPECT_EQ(Must(host_.Run(Step("/srv/films"))).done_already, 1U);
  Must(host_.Run(Step("/srv/films/new")));
  EXPECT_TRUE(host_.Exists("/data/films/new"));
}

TEST_F(DirectoryStepTest, ClaimsNameWhatIsNamed) {
  const auto claims_of = [&](const std::string& fields) {
    std::string text;
    for (const Claim& claim : host_.Make(Step("/srv/films", fields))->Claims())
      text += claim.thing + " = " + claim.value + "; ";
    return text;
  };
  EXPECT_EQ(claims_of(""), "file /srv/films = a directory; ");
  EXPECT_EQ(claims_of("mode = \"0750\"\nowner = \"pi\"\ngroup = \"video\""),
            "file /srv/films = a directory; mode of file /srv/films = 0750; owner of file "
            "/srv/films = pi; group of file /srv/films = video; ");
}

TEST_F(DirectoryStepTest, MistakesAreShownWithTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {Step("films"), "3:8: 'path' must be an absolute path, such as '/etc/motd'"},
      {Step("/srv/./films"), "3:8: 'path' must be spelled without '.', '//' and a '/' at its end"},
      {Step("/srv/films", "mode = \"1777\""),
       "4:8: 'mode' must not set setuid, setgid or sticky: they give rights that no recipe should "
       "need"},
      {Step("/srv/films", "modes = \"0755\""),
       "4:1: unknown key 'modes' in [[step]]; did you mean 'mode'?"},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(test::MistakesIn(text, host_.host()), mistake) << text;
}

TEST_F(DirectoryStepTest, DocumentedExampleIsUnderstood) {
  EXPECT_EQ(test::MistakesIn(test::DocExampleOf("directory"), host_.host()), "none");
}

}  // namespace
}  // namespace lastgood
