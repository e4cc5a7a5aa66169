// SPDX-License-Identifier: MIT
#include "setup/file_step.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "file_size_limit.h"
#include "setup_fixture.h"
#include "step_doc.h"
#include "step_mistake.h"
#include "support/leave_out.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using test::Must;
using test::PendingText;

class FileStepTest : public testing::Test {
 protected:
  static std::string Step(const std::string& path, const std::string& fields) {
    return "[[step]]\nkind = \"file\"\npath = \"" + path + "\"\n" + fields + "\n";
  }
  struct stat StatusOf(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(lstat(host_.At(path).c_str(), &status), 0) << path;
    return status;
  }
  unsigned ModeOf(const std::string& path) const { return StatusOf(path).st_mode & 07777U; }
  std::string Pending(const std::string& text) {
    return PendingText(*host_.Make(text), host_.host());
  }
  // Names below /etc, to see what was left behind.
  std::vector<std::string> NamesIn(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(host_.At(path)))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TestHost host_;
};

using Names = std::vector<std::string>;

TEST_F(FileStepTest, IsMadeWithWhatIsMissingAboveAndTakenBack) {
  host_.Write("/etc/hostname", "pi\n");
  const std::string text = Step("/etc/a/b/motd", "content = \"hello\\n\"\nmode = \"0640\"");
  EXPECT_EQ(host_.Make(text)->Describe(), "file: /etc/a/b/motd");
  EXPECT_EQ(Must(host_.Run(text)).changed, 1U);
  EXPECT_EQ(host_.Read("/etc/a/b/motd"), "hello\n");
  EXPECT_EQ(ModeOf("/etc/a/b/motd"), 0640U);
  EXPECT_EQ(ModeOf("/etc/a"), 0755U);
  EXPECT_EQ(StatusOf("/etc/a/b/motd").st_uid, geteuid());

  const SetupSummary second = Must(host_.Run(text));
  EXPECT_EQ(second.changed, 0U);
  EXPECT_EQ(second.done_already, 1U);

  EXPECT_TRUE(host_.UndoAll().conflicts.empty());
  EXPECT_EQ(NamesIn("/etc"), (Names{"hostname"}));
}

TEST_F(FileStepTest, PlanShowsDirectoriesAndADiff) {
  EXPECT_EQ(Pending(Step("/etc/a/motd", "content = \"hello\\n\"")),
            "directory /etc, mode 0755\nundo: remove /etc\n"
            "directory /etc/a, mode 0755\nundo: remove /etc/a\n"
            "--- /dev/null\n+++ /etc/a/motd\n@@ -0,0 +1 @@\n+hello\nundo: remove /etc/a/motd\n");
  EXPECT_FALSE(host_.Exists("/etc"));
}

TEST_F(FileStepTest, ContentIsReplacedAndComesBackExactly) {
  host_.Write("/etc/motd", "old \r\n\xFF no end");
  fs::permissions(host_.At("/etc/motd"), fs::perms(0600));
  Must(host_.Run(Step("/etc/motd", "content = \"new\\n\"")));
  EXPECT_EQ(host_.Read("/etc/motd"), "new\n");
  EXPECT_EQ(ModeOf("/etc/motd"), 0600U) << "nobody asked for another";
  host_.UndoAll();
  EXPECT_EQ(host_.Read("/etc/motd"), "old \r\n\xFF no end");
  EXPECT_EQ(ModeOf("/etc/motd"), 0600U);
}

TEST_F(FileStepTest, ModeAloneIsAChange) {
  host_.Write("/etc/motd", "same");
  fs::permissions(host_.At("/etc/motd"), fs::perms(0600));
  const auto modified = fs::last_write_time(host_.At("/etc/motd"));
  const std::string text = Step("/etc/motd", "content = \"same\"\nmode = \"0644\"");
  EXPECT_EQ(Pending(text), "mode 0600 -> 0644\nundo: the content as it is now\n");
  Must(host_.Run(text));
  EXPECT_EQ(ModeOf("/etc/motd"), 0644U);
  EXPECT_EQ(fs::last_write_time(host_.At("/etc/motd")), modified);
  host_.UndoAll();
  EXPECT_EQ(ModeOf("/etc/motd"), 0600U);
}

TEST_F(FileStepTest, RightsOfAProgramAreNotInherited) {
  host_.Write("/usr/bin/tool", "old");
  fs::permissions(host_.At("/usr/bin/tool"), fs::perms(04755));
  Must(host_.Run(Step("/usr/bin/tool", "content = \"new\"")));
  EXPECT_EQ(ModeOf("/usr/bin/tool"), 0755U);
  host_.UndoAll();
  EXPECT_EQ(ModeOf("/usr/bin/tool"), 04755U);
}

TEST_F(FileStepTest, OwnersAreThoseOfTheOtherRoot) {
  if (geteuid() != 0) LEAVE_OUT("needs root: files are given away");
  host_.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\npupil:x:4711:4712::/:/bin/sh\n");
  host_.Write("/etc/group", "root:x:0:\ndialout:x:4720:pupil\n");
  host_.host().invoker = "pupil";
  Must(host_.Run(Step("/etc/a", "content = \"\"\nowner = \"pupil\"\ngroup = \"dialout\"")));
  EXPECT_EQ(StatusOf("/etc/a").st_uid, 4711U);
  EXPECT_EQ(StatusOf("/etc/a").st_gid, 4720U);
  Must(host_.Run(Step("/etc/b", "content = \"\"\nowner = \"@invoker\"\ngroup = \"33\"")));
  EXPECT_EQ(StatusOf("/etc/b").st_uid, 4711U);
  EXPECT_EQ(StatusOf("/etc/b").st_gid, 33U);
}

TEST_F(FileStepTest, OwnerThatIsNotThereIsAFailure) {
  host_.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(Pending(Step("/etc/a", "content = \"\"\nowner = \"daemon\"")),
            "failure: '/etc/passwd' has no user 'daemon'; create the user first, or give its "
            "number");
  EXPECT_EQ(Pending(Step("/etc/a", "content = \"\"\ngroup = \"dialout\"")),
            "failure: '/etc/group' has no group 'dialout'; create the group first, or give its "
            "number");
  EXPECT_EQ(Pending(Step("/etc/a", "content = \"\"\nowner = \"@invoker\"")),
            "failure: it is not known on whose behalf lastgood runs: '@invoker'; run lastgood "
            "with sudo as that user");
}

TEST_F(FileStepTest, WhatIsNoFileIsNotReplaced) {
  fs::create_directories(host_.At("/etc/motd"));
  ASSERT_EQ(mkfifo(host_.At("/etc/fifo").c_str(), 0600), 0);
  host_.Write("/etc/file", "");
  EXPECT_EQ(Pending(Step("/etc/motd", "content = \"x\"")),
            "failure: '/etc/motd' is a directory, not a file; move it away, or give another path");
  EXPECT_EQ(Pending(Step("/etc/fifo", "content = \"x\"")),
            "failure: '/etc/fifo' is a device, socket or FIFO, not a file; move it away, or give "
            "another path");
  EXPECT_EQ(Pending(Step("/etc/file/below", "content = \"x\"")).substr(0, 9), "failure: ");
}

TEST_F(FileStepTest, LinksAreFollowedWithinTheRoot) {
  host_.Write("/boot/firmware/readme", "old");
  fs::create_directory_symlink("/boot/firmware", host_.At("/link"));
  fs::create_symlink("../boot/firmware/new", host_.At("/boot/dangling"));
  Must(host_.Run(Step("/link/readme", "content = \"new\"") +
                 Step("/boot/dangling", "content = \"made\"")));
  EXPECT_EQ(host_.Read("/boot/firmware/readme"), "new");
  EXPECT_EQ(host_.Read("/boot/firmware/new"), "made");
  EXPECT_TRUE(fs::is_symlink(host_.At("/boot/dangling")));
  host_.UndoAll();
  EXPECT_EQ(host_.Read("/boot/firmware/readme"), "old");
  EXPECT_TRUE(fs::is_symlink(host_.At("/link")));
}

// A pupil's directory: what they put there leads nowhere else.
TEST_F(FileStepTest, LinkOfAnUnprivilegedUserLeadsToNoOtherFile) {
  if (geteuid() != 0) LEAVE_OUT("needs root: the rule is for it");
  host_.Write("/etc/shadow", "secret");
  fs::create_directories(host_.At("/home/pupil"));
  fs::create_symlink("/etc/shadow", host_.At("/home/pupil/note"));
  fs::create_directory_symlink("/etc", host_.At("/home/pupil/config"));
  ASSERT_EQ(chown(host_.At("/home/pupil").c_str(), 4711, 4711), 0);
  for (const char* link : {"/home/pupil/note", "/home/pupil/config"})
    ASSERT_EQ(lchown(host_.At(link).c_str(), 4711, 4711), 0);
  for (const char* path : {"/home/pupil/note", "/home/pupil/config/shadow"}) {
    const auto run = host_.Run(Step(path, "content = \"x\""));
    ASSERT_FALSE(run) << path;
    EXPECT_EQ(run.error().code, ExitCode::kSetupFailed);
    EXPECT_NE(run.error().message.find("link"), std::string::npos) << run.error().message;
  }
  EXPECT_EQ(host_.Read("/etc/shadow"), "secret");
  EXPECT_EQ(NamesIn("/etc"), (Names{"shadow"}));
}

TEST_F(FileStepTest, DiskThatGetsFullLeavesWhatWasThere) {
  host_.Write("/etc/motd", "old");
  const auto step = host_.Make(Step("/etc/motd", "content = \"" + std::string(9000, 'x') + "\""));
  const auto pending = Must(step->Pending());
  ASSERT_EQ(pending.size(), 1U);
  std::vector<std::string> notes;
  {
    const test::FileSizeLimit limit(4096);
    const auto applied = Apply(pending[0], host_.host(), notes);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ExitCode::kSetupFailed);
    EXPECT_EQ(applied.error().message, "cannot write '/etc/motd': file too large");
  }
  EXPECT_EQ(host_.Read("/etc/motd"), "old");
  EXPECT_EQ(NamesIn("/etc"), (Names{"motd"}));
}

TEST_F(FileStepTest, ChangeSinceThenIsAConflict) {
  Must(host_.Run(Step("/etc/motd", "content = \"ours\\n\"")));
  host_.Write("/etc/motd", "theirs\n");
  const UndoSummary undone = host_.UndoAll();
  ASSERT_EQ(undone.conflicts.size(), 2U) << "the file, and the directory that it keeps";
  EXPECT_EQ(undone.conflicts[0].text, "'/etc/motd' was changed since");
  EXPECT_EQ(host_.Read("/etc/motd"), "theirs\n");
}

TEST_F(FileStepTest, TemplateIsFilledWithFacts) {
  host_.Write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
  host_.Write("/boot/firmware/config.txt", "");
  host_.Reopen("pupil", "Raspberry Pi 4 Model B Rev 1.4");
  Must(host_.Run(
      Step("/etc/motd", "template = '''@invoker@: @model@, @release@, @boot_directory@, a@@b'''")));
  EXPECT_EQ(host_.Read("/etc/motd"),
            "pupil: Raspberry Pi 4 Model B Rev 1.4, bookworm, /boot/firmware, a@b");
  // Only a template has them.
  Must(host_.Run(Step("/etc/other", "content = \"@invoker@ @@\"")));
  EXPECT_EQ(host_.Read("/etc/other"), "@invoker@ @@");
}

TEST_F(FileStepTest, FactThatIsNotKnownIsAFailure) {
  EXPECT_EQ(Pending(Step("/etc/motd", "template = \"@model@\"")),
            "failure: this host does not tell what '@model@' stands for; write the text itself in "
            "its place");
}

TEST_F(FileStepTest, ClaimsAreEqualForEqualWishesOnly) {
  host_.Write("/boot/firmware/a", "");
  fs::create_directory_symlink("/boot/firmware", host_.At("/link"));
  const auto claim = [&](const std::string& path, const std::string& fields) {
    const auto claims = host_.Make(Step(path, fields))->Claims();
    EXPECT_EQ(claims.size(), 1U);
    return claims.at(0).thing + " = " + claims.at(0).value;
  };
  const std::string same = claim("/boot/firmware/a", "content = \"x\"");
  EXPECT_EQ(claim("/link/a", "content = \"x\""), same);
  EXPECT_EQ(same.substr(0, same.find(" = ")), "file /boot/firmware/a");
  for (const char* fields : {"content = \"y\"", "template = \"x\"",
                             "content = \"x\"\nmode = \"0600\"", "content = \"x\"\nowner = \"0\""})
    EXPECT_NE(claim("/boot/firmware/a", fields), same) << fields;
}

TEST_F(FileStepTest, MistakesAreShownWithTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {Step("etc/motd", "content = \"\""),
       "3:8: 'path' must be an absolute path, such as '/etc/motd'"},
      {Step("/etc/../motd", "content = \"\""), "3:8: 'path' must not contain '..'"},
      {Step("/etc//motd", "content = \"\""),
       "3:8: 'path' must be spelled without '.', '//' and a '/' at its end"},
      {Step("/etc/", "content = \"\""),
       "3:8: 'path' must be spelled without '.', '//' and a '/' at its end"},
      {Step("/", "content = \"\""),
       "3:8: 'path' must be spelled without '.', '//' and a '/' at its end"},
      {Step("/sys/class/leds/led0/trigger", "content = \"\""),
       "3:8: 'path' must not lie in /sys, which the kernel makes anew at every start"},
      {Step("/dev", "content = \"\""),
       "3:8: 'path' must not lie in /dev, which the kernel makes anew at every start"},
      {Step("/etc/a\\u0000b", "content = \"\""), "3:8: 'path' must not contain control characters"},
      {Step("/" + std::string(1024, 'x'), "content = \"\""),
       "3:8: 'path' must have at most 1024 characters, not 1025"},
      {Step("/etc/motd", ""), "1:1: the step needs either 'content' or 'template'"},
      {Step("/etc/motd", "content = \"\"\ntemplate = \"\""),
       "1:1: the step needs either 'content' or 'template'"},
      {Step("/etc/motd", "content = \"\"\nmode = \"rw\""),
       "5:8: 'mode' must be a mode in octal digits, such as \"0644\""},
      {Step("/etc/motd", "content = \"\"\nmode = \"0688\""),
       "5:8: 'mode' must be a mode in octal digits, such as \"0644\""},
      {Step("/etc/motd", "content = \"\"\nmode = \"00644\""),
       "5:8: 'mode' must be a mode in octal digits, such as \"0644\""},
      {Step("/etc/motd", "content = \"\"\nmode = \"4755\""),
       "5:8: 'mode' must not set setuid, setgid or sticky: they give rights that no recipe should "
       "need"},
      {Step("/etc/motd", "content = \"\"\nowner = \"root:root\""),
       "5:9: 'owner' must be one name or number, without ':', '/' or blanks"},
      {Step("/etc/motd", "content = \"\"\ngroup = \"\""), "5:9: 'group' must name somebody"},
      {Step("/etc/motd", "template = \"@invoke@\""),
       "4:12: 'template' has '@invoke@', which stands for nothing; did you mean '@invoker@'?"},
      {Step("/etc/motd", "template = \"\"\"\nfirst\nmail me@home\"\"\""),
       "4:12: 'template' has an '@' in its line 2 that begins no placeholder; write '@@' for one"},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(test::MistakesIn(text, host_.host()), mistake) << text;
  for (const std::string& text :
       {Step("/etc/motd", "content = \"\"\nmode = \"644\""), Step("/devices", "content = \"\"")})
    EXPECT_EQ(test::MistakesIn(text, host_.host()), "none") << text;
}

TEST_F(FileStepTest, DocumentedExampleIsUnderstood) {
  EXPECT_EQ(test::MistakesIn(test::DocExampleOf("file"), host_.host()), "none");
}

}  // namespace
}  // namespace lastgood
