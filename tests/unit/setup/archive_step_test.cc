// SPDX-License-Identifier: MIT
#include "setup/archive_step.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "digest/digest.h"
#include "file_size_limit.h"
#include "setup/step_artifacts.h"
#include "setup_fixture.h"
#include "step_doc.h"
#include "step_mistake.h"
#include "support/verified.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
using test::Must;

Bytes Vector(std::string_view name) {
  return test::ReadAll(fs::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/archives" / name);
}

class ArchiveStepTest : public testing::Test {
 protected:
  // A step for an archive of tests/vectors, whose bytes the host then has.
  std::string StepFor(const std::string& name, const std::string& fields) {
    const Bytes bytes = Vector(name);
    const Sha256Digest sha256 = Sha256(bytes);
    host_.host().load_artifact = [bytes, sha256](const Sha256Digest& wanted,
                                                 std::uint64_t size) -> Result<Verified<Bytes>> {
      EXPECT_EQ(wanted, sha256);
      EXPECT_EQ(size, bytes.size());
      return test::AsVerified(bytes);
    };
    return Unfetched(name, sha256, bytes.size(), fields);
  }
  static std::string Unfetched(const std::string& name, const Sha256Digest& sha256,
                               std::size_t size, const std::string& fields) {
    return "[[step]]\nkind = \"archive\"\nurls = [\"https://example.org/" + name +
           "\"]\nsha256 = \"" + sha256.ToHex() + "\"\nsize = " + std::to_string(size) + "\n" +
           fields + "\n";
  }
  Error FailureOf(const std::string& text) {
    const auto run = host_.Run(text);
    EXPECT_FALSE(run);
    return run ? Error{} : run.error();
  }
  unsigned ModeOf(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(lstat(host_.At(path).c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
  // Every path below the root, with a file's content.
  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(host_.At("/")))
      tree[entry.path().string()] =
          entry.is_regular_file() && !entry.is_symlink() ? test::ReadText(entry.path()) : "";
    return tree;
  }

  test::TestHost host_;
};

TEST_F(ArchiveStepTest, IsUnpackedOnceAndTakenBack) {
  host_.Write("/opt/other/file", "x");
  const auto before = Tree();
  for (const char* name : {"tool.tar.gz", "tool.zip"}) {
    SCOPED_TRACE(name);
    const std::string text = StepFor(name, "into = \"/opt/tool\"\nstrip = 1");
    EXPECT_EQ(host_.Make(text)->Describe(), "archive: " + std::string(name) + " into /opt/tool");
    Must(host_.Run(text));
    EXPECT_EQ(host_.Read("/opt/tool/bin/run"), "#!/bin/sh\n");
    EXPECT_EQ(ModeOf("/opt/tool/bin/run"), 0755U);
    EXPECT_EQ(host_.Read("/opt/tool/share/read me.txt"), "text\n");
    EXPECT_EQ(ModeOf("/opt/tool/share/read me.txt"), 0644U);
    EXPECT_EQ(ModeOf("/opt/tool/share"), 0755U);
    EXPECT_EQ(Must(host_.Run(text)).done_already, 1U);
    EXPECT_TRUE(host_.UndoAll().conflicts.empty());
    EXPECT_EQ(Tree(), before);
  }
}

TEST_F(ArchiveStepTest, WhatWasThereComesBack) {
  host_.Write("/opt/tool/bin/run", "older");
  host_.Write("/opt/tool/share/read me.txt", "text\n");
  const auto before = Tree();
  Must(host_.Run(StepFor("tool.tar", "into = \"/opt/tool\"\nstrip = 1")));
  EXPECT_EQ(host_.Read("/opt/tool/bin/run"), "#!/bin/sh\n");
  host_.UndoAll();
  EXPECT_EQ(Tree(), before);
}

TEST_F(ArchiveStepTest, RightsBeyondThoseOfAProgramAreNotUnpacked) {
  Must(host_.Run(StepFor("setuid.tar", "into = \"/opt/tool\"")));
  EXPECT_EQ(ModeOf("/opt/tool/run"), 0755U);
}

TEST_F(ArchiveStepTest, PlanWithoutTheBytesSaysWhatIsMissing) {
  const auto step =
      host_.Make(Unfetched("tool.zip", Sha256(AsBytes("x")), 469, "into = \"/opt/tool\""));
  const auto pending = step->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(pending.error().message,
            "what it would change is known when its 469 bytes are here; a run would download them "
            "from 'https://example.org/tool.zip'");
}

TEST_F(ArchiveStepTest, FailureToLoadIsTheSteps) {
  const std::string text = StepFor("tool.zip", "into = \"/opt/tool\"");
  host_.host().load_artifact = [](const Sha256Digest&, std::uint64_t) -> Result<Verified<Bytes>> {
    return Fail(ExitCode::kInternal, "the cached copy is gone");
  };
  const auto pending = host_.Make(text)->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().message, "the cached copy is gone");
}

TEST_F(ArchiveStepTest, HostileArchivesLeaveNothingBehind) {
  host_.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  const auto before = Tree();
  for (const char* name :
       {"dot-dot.zip", "dot-dot.tar", "absolute.zip", "absolute.tar", "twice.zip", "link.tar",
        "devices.tar", "encrypted.zip", "below-file.tar", "bomb.zip", "bomb-of-many.zip",
        "control-name.tar", "latin1-name.tar", "many.zip", "sparse-old.tar"}) {
    const Error error = FailureOf(StepFor(name, "into = \"/opt/tool\""));
    EXPECT_EQ(error.code, ExitCode::kNotTrusted) << name << ": " << error.message;
    EXPECT_NE(error.message.find("; nothing was changed"), std::string::npos) << error.message;
    EXPECT_EQ(Tree(), before) << name;
  }
}

TEST_F(ArchiveStepTest, NoLinkIsFollowedBelowTheRoot) {
  host_.Write("/etc/cron.d/job", "x");
  fs::create_directories(host_.At("/opt/tool"));
  fs::create_directory_symlink("/etc/cron.d", host_.At("/opt/tool/bin"));
  fs::create_directory_symlink("/etc", host_.At("/opt/link"));
  fs::create_directories(host_.At("/srv/tool/share"));
  fs::create_symlink("/etc/new", host_.At("/srv/tool/share/read me.txt"));
  const auto before = Tree();
  const std::pair<std::string, std::string> cases[] = {
      {"/opt/tool", "'/opt/tool/bin' is reached through a link, to '/etc/cron.d'"},
      {"/opt/link/tool", "'/opt/link/tool/bin' is reached through a link, to '/etc/tool/bin'"},
      {"/srv/tool", "'/srv/tool/share/read me.txt' is reached through a link, to '/etc/new'"},
  };
  for (const auto& [into, why] : cases) {
    const Error error = FailureOf(StepFor("tool.tar", "strip = 1\ninto = \"" + into + "\""));
    EXPECT_EQ(error.code, ExitCode::kSetupFailed);
    EXPECT_NE(error.message.find(why), std::string::npos) << error.message;
    EXPECT_EQ(Tree(), before);
  }
}

TEST_F(ArchiveStepTest, LinkInPlaceOfAnAllowedDirectoryIsTheAdministrators) {
  fs::create_directories(host_.At("/data/opt"));
  fs::create_directory_symlink("data/opt", host_.At("/opt"));
  Must(host_.Run(StepFor("tool.tar", "into = \"/opt/tool\"")));
  EXPECT_EQ(host_.Read("/data/opt/tool/tool-1.0/bin/run"), "#!/bin/sh\n");
  host_.UndoAll();
  EXPECT_TRUE(fs::is_empty(host_.At("/data/opt")));
}

TEST_F(ArchiveStepTest, FileInPlaceOfADirectoryStays) {
  host_.Write("/opt/tool/bin", "a file");
  const auto before = Tree();
  const Error error = FailureOf(StepFor("tool.tar", "into = \"/opt/tool\"\nstrip = 1"));
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_NE(error.message.find("'/opt/tool/bin'"), std::string::npos) << error.message;
  EXPECT_EQ(Tree(), before);
}

TEST_F(ArchiveStepTest, DiskThatGetsFullLeavesWhatWasThere) {
  host_.Write("/opt/tool/share/read me.txt", "old");
  const auto before = Tree();
  const std::string text = StepFor("tool.tar", "into = \"/opt/tool\"\nstrip = 1");
  Result<SetupSummary> run;
  {
    // The directory can be made, the program of 10 octets can not.
    const test::FileSizeLimit limit(7);
    run = host_.Run(text);
  }
  ASSERT_FALSE(run);
  EXPECT_TRUE(run.error().message.ends_with("; undone")) << run.error().message;
  EXPECT_EQ(Tree(), before);
  Must(host_.Run(text));
  EXPECT_EQ(host_.Read("/opt/tool/bin/run"), "#!/bin/sh\n");
}

TEST_F(ArchiveStepTest, NothingBelowThatManyDirectoriesIsAMistake) {
  const Error error = FailureOf(StepFor("tool.tar", "into = \"/opt/tool\"\nstrip = 9"));
  EXPECT_EQ(error.code, ExitCode::kInvalidManifest);
  EXPECT_FALSE(host_.Exists("/opt"));
}

TEST_F(ArchiveStepTest, OnlySomeDirectoriesAreAllowed) {
  const auto mistake = [&](const std::string& into) {
    return test::MistakesIn(StepFor("tool.tar", "into = \"" + into + "\""), host_.host());
  };
  for (const char* into : {"/opt/tool", "/usr/local", "/usr/local/share/x", "/srv/x",
                           "/usr/share/x", "/var/lib/x", "/var/lib/lastgood-extra"})
    EXPECT_EQ(mistake(into), "none") << into;
  for (const char* into : {"/", "/opt", "/optical/x", "/var/lib", "/etc", "/etc/lastgood/keys",
                           "/usr", "/usr/bin", "/home/pi", "/boot/firmware", "/var/lib/lastgood",
                           "/var/lib/lastgood/images", "/opt/../etc", "opt/tool", "/opt/tool/"})
    EXPECT_NE(mistake(into), "none") << into;
  EXPECT_EQ(mistake("/usr/bin"),
            "6:8: 'into' must lie below one of /opt, /srv, /usr/local, /usr/share, /var/lib");
  EXPECT_EQ(mistake("/var/lib/lastgood"), "6:8: 'into' must not lie in lastgood's own state");
}

TEST_F(ArchiveStepTest, MistakesInTheArtifactAreShownWithTheirPlace) {
  const std::string into = "\ninto = \"/opt/tool\"";
  const std::string head = "[[step]]\nkind = \"archive\"\n";
  const std::string url = "urls = [\"https://example.org/a.zip\"]\n";
  const std::string sha256 = "sha256 = \"" + std::string(64, '0') + "\"\n";
  const std::pair<std::string, std::string> cases[] = {
      {head + "urls = [\"ftp://example.org/a.zip\"]\n" + sha256 + "size = 1" + into,
       "3:9: 'urls' must start with http://, https:// or file://"},
      {head + url + "sha256 = \"00\"\nsize = 1" + into,
       "4:10: 'sha256' must be 64 hex digits, not 2"},
      {head + url + sha256 + "size = 67108865" + into,
       "5:8: 'size' must be between 1 and 67108864, not 67108865"},
      {head + url + sha256 + "size = 1\nstrip = 17" + into,
       "6:9: 'strip' must be between 0 and 16, not 17"},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(test::MistakesIn(text, host_.host()), mistake) << text;
}

TEST_F(ArchiveStepTest, ArtifactsOfStepsAreListedOnce) {
  const Sha256Digest one = Sha256(AsBytes("one"));
  const Sha256Digest two = Sha256(AsBytes("two"));
  const auto artifacts = ArtifactsOf(
      test::SpecsOf(Unfetched("a.zip", one, 3, "into = \"/opt/a\"") +
                    "[[step]]\nkind = \"file\"\npath = \"/etc/motd\"\ncontent = \"\"\n" +
                    Unfetched("b.zip", two, 4, "into = \"/opt/b\"\nname = \"b\"") +
                    Unfetched("a.zip", one, 3, "into = \"/opt/c\"") +
                    "[[step]]\nkind = \"archive\"\nurls = [\"x\"]\nsha256 = \"x\"\nsize = 0\n"));
  EXPECT_EQ(artifacts, (std::vector<StepArtifact>{{{"https://example.org/a.zip"}, one, 3},
                                                  {{"https://example.org/b.zip"}, two, 4}}));
  EXPECT_TRUE(ArtifactsOf({}).empty());
}

TEST_F(ArchiveStepTest, DocumentedExampleIsUnderstood) {
  EXPECT_EQ(test::MistakesIn(test::DocExampleOf("archive"), host_.host()), "none");
}

}  // namespace
}  // namespace lastgood
