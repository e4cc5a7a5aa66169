// SPDX-License-Identifier: MIT
// Changes made, shown and taken back, on real files below a temporary directory.
#include "setup/changes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"
#include "support/file_states.h"

namespace lastgood {
namespace {

using test::DirectoryWith;
using test::FileWith;
using test::LinkTo;

using test::Must;

using Lines = std::vector<std::string>;

// Programs by name that do what a test says; remembers which were run.
class Programs final : public ProcessRunner {
 public:
  Result<ProcessResult> Run(const ProcessRequest& request) override {
    ran.push_back(request.argv.at(0));
    const auto program = does.find(request.argv[0]);
    return ProcessResult{program == does.end() ? 0 : program->second(), {}, "no"};
  }

  std::map<std::string, std::function<int()>> does;  // exit status
  Lines ran;
};

class ChangesTest : public testing::Test {
 protected:
  ChangesTest() { Put("/etc", DirectoryWith(0755)); }

  void Put(const std::string& path, const FileState& state) {
    ASSERT_TRUE(host_.tree.Put(path, state));
  }
  void Write(const std::string& path, std::string_view text) { Put(path, FileWith(text)); }
  FileState Look(const std::string& path) { return Must(host_.tree.Look(path)); }
  std::string Read(const std::string& path) {
    const FileState state = Look(path);
    return state.kind == FileKind::kAbsent
               ? "absent"
               : std::string(state.content.begin(), state.content.end());
  }

  Change To(const std::string& path, const FileState& after) {
    return {FileChange{path, Look(path), after}, {}};
  }
  // What the record holds of it: through its text, as after a restart.
  RecordedChange Record(const Change& change) {
    return Must(DecodeChange(EncodeChange(Must(Recorded(change, host_, contents_)))));
  }
  Result<void> Make(const Change& change) { return Apply(change, host_, notes_); }
  RecordedChange RecordAndMake(const Change& change) {
    RecordedChange recorded = Record(change);
    EXPECT_TRUE(Make(change));
    Must(NoteWritten(recorded, host_, contents_));
    return recorded;
  }
  UndoResult TakeBack(const RecordedChange& recorded) {
    return Must(Undo(recorded, host_, contents_));
  }
  Lines ConflictsOf(const RecordedChange& recorded) {
    Lines texts;
    for (const Conflict& conflict : TakeBack(recorded).conflicts) texts.push_back(conflict.text);
    return texts;
  }

  test::TemporaryDirectory directory_;
  test::TemporaryDirectory kept_;
  Programs programs_;
  SetupHost host_ = OpenSetupHost(directory_.path(), programs_, "", "");
  ContentStore contents_{kept_ / "contents"};
  std::vector<std::string> notes_;
};

TEST_F(ChangesTest, EveryShapeIsMadeAndTakenBack) {
  FileState dated = FileWith("dated");
  dated.modified_ns = 1'234'567'890'000'000'001;
  const std::pair<FileState, FileState> cases[] = {
      {{}, FileWith("new")},
      {{}, FileWith("")},
      {dated, FileWith("new", 0600)},
      {dated, {}},
      {dated, FileWith("dated", 0600)},  // the mode alone
      {{}, DirectoryWith(01777)},
      {DirectoryWith(0700), {}},
      {DirectoryWith(0700), DirectoryWith(0755)},
      {{}, LinkTo("target")},
      {LinkTo("target"), LinkTo("\xFF else")},
      {LinkTo("target"), dated},
      {dated, LinkTo("target")},
      {LinkTo("target"), {}},
  };
  int n = 0;
  for (const auto& [before, after] : cases) {
    const std::string path = "/etc/" + std::to_string(++n);
    if (before.kind != FileKind::kAbsent) Put(path, before);
    const Change change = To(path, after);
    const RecordedChange recorded = Record(change);

    TakeBack(recorded);  // cut before it was made
    EXPECT_EQ(Look(path), before) << n;
    ASSERT_TRUE(Make(change)) << n;
    FileState made = Look(path);
    if (after.modified_ns == 0) made.modified_ns = 0;
    EXPECT_EQ(made, after) << n;
    EXPECT_TRUE(TakeBack(recorded).conflicts.empty()) << n;
    EXPECT_EQ(Look(path), before) << n;
    EXPECT_TRUE(TakeBack(recorded).conflicts.empty()) << n;  // cut before that was recorded
    EXPECT_EQ(Look(path), before) << n;
  }
  EXPECT_TRUE(programs_.ran.empty());
}

TEST_F(ChangesTest, WhatAppearsOrChangesBeforeItIsMadeIsNotOverwritten) {
  Write("/etc/x", "old");
  const Change change = To("/etc/x", FileWith("new"));
  const Change creation = To("/etc/y", FileWith("new"));
  Write("/etc/x", "somebody else's");
  Write("/etc/y", "somebody else's");
  for (const Change& late : {change, creation}) {
    const auto made = Make(late);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ExitCode::kSetupFailed);
  }
  EXPECT_EQ(Make(change).error().message, "'/etc/x' was changed by somebody else just now");
  EXPECT_EQ(Read("/etc/x"), "somebody else's");
  EXPECT_EQ(Read("/etc/y"), "somebody else's");
}

TEST_F(ChangesTest, FileThatWasChangedSinceStaysAndIsShown) {
  Write("/etc/x", "one\ntwo\n");
  const RecordedChange recorded = RecordAndMake(To("/etc/x", FileWith("one\n2\n")));
  Write("/etc/x", "one\n2\nthree\n");
  const UndoResult undone = TakeBack(recorded);
  ASSERT_EQ(undone.conflicts.size(), 1U);
  EXPECT_EQ(undone.conflicts[0].text, "'/etc/x' was changed since");
  EXPECT_EQ(undone.conflicts[0].details,
            (Lines{"--- /etc/x (as lastgood wrote it)", "+++ /etc/x (now)", "@@ -1,2 +1,3 @@",
                   " one", " 2", "+three"}));
  EXPECT_EQ(Read("/etc/x"), "one\n2\nthree\n");
}

TEST_F(ChangesTest, FileThatWasRemovedSinceStaysAway) {
  Write("/etc/x", "old");
  const RecordedChange recorded = RecordAndMake(To("/etc/x", FileWith("new")));
  Put("/etc/x", {});
  EXPECT_EQ(ConflictsOf(recorded), Lines{"'/etc/x' was removed since"});
  EXPECT_EQ(Read("/etc/x"), "absent");
}

TEST_F(ChangesTest, FileThatSomebodyTookBackAlreadyIsNoConflict) {
  Write("/etc/x", "old");
  const RecordedChange recorded = RecordAndMake(To("/etc/x", FileWith("new")));
  Write("/etc/x", "old");
  EXPECT_TRUE(ConflictsOf(recorded).empty());
}

TEST_F(ChangesTest, DirectoryThatOthersUseStays) {
  const RecordedChange recorded = RecordAndMake(To("/etc/d", DirectoryWith(0755)));
  Write("/etc/d/theirs", "");
  EXPECT_EQ(ConflictsOf(recorded), Lines{"'/etc/d' is not empty: others keep files there"});
  EXPECT_EQ(Read("/etc/d/theirs"), "");
  Put("/etc/d/theirs", {});
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(Look("/etc/d").kind, FileKind::kAbsent);
}

// Killed while it was writing: the half file has its own name.
TEST_F(ChangesTest, LeftoverOfACutWriteGoesWithIt) {
  const RecordedChange in_directory = RecordAndMake(To("/etc/d", DirectoryWith(0755)));
  const RecordedChange recorded = Record(To("/etc/d/x", FileWith("new")));
  Write("/etc/d/.x.lastgood.tmp", "ne");
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_TRUE(ConflictsOf(in_directory).empty());
  EXPECT_EQ(Look("/etc/d").kind, FileKind::kAbsent);
}

TEST_F(ChangesTest, WhatCouldNotBeMadeAgainIsNotReplaced) {
  ASSERT_EQ(mkfifo((directory_ / "etc/fifo").c_str(), 0600), 0);
  const auto recorded = Recorded(To("/etc/fifo", FileWith("x")), host_, contents_);
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().message, "'/etc/fifo' is neither a file, a directory nor a link");
}

TEST_F(ChangesTest, CopyThatIsDamagedIsNotPutBack) {
  Write("/etc/x", "old");
  const RecordedChange recorded = RecordAndMake(To("/etc/x", FileWith("new")));
  const auto copy = kept_ / "contents" / recorded.files.at(0).before.sha256.value().ToHex();
  test::WriteText(copy, "mangled");
  const auto undone = Undo(recorded, host_, contents_);
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "the kept copy '" + copy.string() + "' is damaged");
  EXPECT_EQ(Read("/etc/x"), "new");
}

// --- programs that rewrite files, as groupadd does

class ProgramChangesTest : public ChangesTest {
 protected:
  ProgramChangesTest() {
    Put("/etc/group", Dated("users\n"));
    Put("/etc/gshadow", Dated("users:!\n"));
    programs_.does["add"] = [this] {
      Write("/etc/group", "users\ngpio\n");
      Write("/etc/gshadow", "users:!\ngpio:!\n");
      return 0;
    };
    commands_.apply = {{"add", "gpio"}};
    commands_.undo = {{"delete", "gpio"}};
    commands_.touches = {"/etc/group", "/etc/gshadow", "/etc/new"};
  }

  static FileState Dated(std::string_view text) {
    FileState state = FileWith(text, 0640);
    state.modified_ns = 1'000'000'000'000'000'000;
    return state;
  }
  Change Commands() const { return {commands_, {}}; }

  CommandChange commands_;
};

TEST_F(ProgramChangesTest, FilesComeBackOctetByOctetWhileNobodyElseChangedThem) {
  const FileState group = Look("/etc/group");
  const FileState gshadow = Look("/etc/gshadow");
  const RecordedChange recorded = RecordAndMake(Commands());
  EXPECT_EQ(Read("/etc/group"), "users\ngpio\n");
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(Look("/etc/group"), group);
  EXPECT_EQ(Look("/etc/gshadow"), gshadow);
  EXPECT_EQ(programs_.ran, Lines{"add"});
}

TEST_F(ProgramChangesTest, ProgramsTakeBackWhatOthersBuiltUpon) {
  const RecordedChange recorded = RecordAndMake(Commands());
  Write("/etc/group", "users\ngpio\ntheirs\n");
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(programs_.ran, (Lines{"add", "delete"}));
  EXPECT_EQ(Read("/etc/group"), "users\ngpio\ntheirs\n");
}

TEST_F(ProgramChangesTest, NothingIsRunWhenTheyNeverWrote) {
  const RecordedChange recorded = Record(Commands());
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_TRUE(programs_.ran.empty());
}

// The record does not know what they wrote.
TEST_F(ProgramChangesTest, ProgramsTakeBackWhatWasCutInTheMiddle) {
  const RecordedChange recorded = Record(Commands());
  Write("/etc/group", "users\ngpio\n");
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(programs_.ran, Lines{"delete"});
}

// Undo itself was cut between two files.
TEST_F(ProgramChangesTest, UndoThatWasCutGoesOnExactly) {
  const FileState gshadow = Look("/etc/gshadow");
  const RecordedChange recorded = RecordAndMake(Commands());
  Put("/etc/group", Dated("users\n"));
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(Look("/etc/gshadow"), gshadow);
  EXPECT_EQ(programs_.ran, Lines{"add"});
}

TEST_F(ProgramChangesTest, FileThatTheyMadeGoesBeforeItsDirectory) {
  programs_.does["add"] = [this] {
    Put("/etc/d", DirectoryWith(0755));
    Write("/etc/d/x", "made");
    return 0;
  };
  commands_.touches = {"/etc/d", "/etc/d/x"};
  const RecordedChange recorded = RecordAndMake(Commands());
  EXPECT_TRUE(ConflictsOf(recorded).empty());
  EXPECT_EQ(Look("/etc/d").kind, FileKind::kAbsent);
}

TEST_F(ProgramChangesTest, WithoutUndoFilesDecideEachForItself) {
  commands_.undo.clear();
  const RecordedChange recorded = RecordAndMake(Commands());
  Write("/etc/group", "theirs\n");
  EXPECT_EQ(ConflictsOf(recorded), Lines{"'/etc/group' was changed since"});
  EXPECT_EQ(Read("/etc/gshadow"), "users:!\n");
  const RecordedChange cut = Record(Commands());
  Write("/etc/group", "half");
  EXPECT_EQ(ConflictsOf(cut), Lines{"'/etc/group' was changed since, perhaps by programs that were "
                                    "stopped in the middle"});
}

TEST_F(ProgramChangesTest, WithoutUndoAndFilesThereIsNone) {
  commands_.undo.clear();
  commands_.touches.clear();
  const auto undone = Undo(RecordAndMake(Commands()), host_, contents_);
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().message, "it has no undo");
}

TEST_F(ProgramChangesTest, FirstProgramThatFailsIsTheLast) {
  programs_.does["add"] = [] { return 4; };
  commands_.apply = {{"first"}, {"add"}, {"never"}};
  EXPECT_EQ(Make(Commands()).error().message, "'add' failed with exit status 4: no");
  EXPECT_EQ(programs_.ran, (Lines{"first", "add"}));
}

// --- programs that take notice

TEST_F(ChangesTest, NoticeIsGivenOnARunningHostAlone) {
  Change change = To("/etc/x", FileWith("new"));
  change.reload = {{"reload"}, {"trigger"}};
  const RecordedChange recorded = RecordAndMake(change);
  TakeBack(recorded);
  EXPECT_TRUE(programs_.ran.empty());

  host_.is_running = true;
  programs_.does["reload"] = [] { return 1; };
  ASSERT_TRUE(Make(change));
  EXPECT_EQ(programs_.ran, (Lines{"reload", "trigger"}));
  EXPECT_EQ(notes_, Lines{"'reload' failed with exit status 1: no"});
  EXPECT_EQ(TakeBack(recorded).notes, Lines{"'reload' failed with exit status 1: no"});
  EXPECT_EQ(programs_.ran, (Lines{"reload", "trigger", "reload", "trigger"}));
  TakeBack(recorded);
  EXPECT_EQ(programs_.ran.size(), 4U);
}

// --- the plan

TEST_F(ChangesTest, PlanShowsADiffAndWhatUndoDoes) {
  Write("/etc/x", "one\ntwo\n");
  EXPECT_EQ(Preview(To("/etc/x", FileWith("one\n2\n", 0664)), host_),
            (Lines{"--- /etc/x", "+++ /etc/x", "@@ -1,2 +1,2 @@", " one", "-two", "+2",
                   "mode 0644 -> 0664", "undo: the content as it is now"}));
  EXPECT_EQ(Preview(To("/etc/x", FileWith("secret\n", 0640)), host_),
            (Lines{"file /etc/x: its content is private, and not shown", "mode 0644 -> 0640",
                   "undo: the content as it is now"}));
  EXPECT_EQ(Preview(To("/etc/y", FileWith("new\n")), host_),
            (Lines{"--- /dev/null", "+++ /etc/y", "@@ -0,0 +1 @@", "+new", "undo: remove /etc/y"}));
  EXPECT_EQ(Preview(To("/etc/y", FileWith("", 0600)), host_),
            (Lines{"empty file /etc/y", "mode 0600", "undo: remove /etc/y"}));
  EXPECT_EQ(Preview(To("/etc/x", {}), host_),
            (Lines{"--- /etc/x", "+++ /dev/null", "@@ -1,2 +0,0 @@", "-one", "-two",
                   "undo: the content as it is now"}));
  Write("/etc/e", "");
  EXPECT_EQ(Preview(To("/etc/e", {}), host_),
            (Lines{"remove /etc/e", "undo: the content as it is now"}));
}

TEST_F(ChangesTest, PlanShowsLinksAndDirectories) {
  Put("/etc/l", LinkTo("old"));
  EXPECT_EQ(
      Preview(To("/etc/l", LinkTo("new")), host_),
      (Lines{"was:  link /etc/l -> old", "link /etc/l -> new", "undo: the content as it is now"}));
  EXPECT_EQ(Preview(To("/etc/l", {}), host_),
            (Lines{"was:  link /etc/l -> old", "remove /etc/l", "undo: the content as it is now"}));
  EXPECT_EQ(Preview(To("/etc/d", DirectoryWith(0750)), host_),
            (Lines{"directory /etc/d, mode 0750", "undo: remove /etc/d"}));
}

TEST_F(ChangesTest, PlanShowsProgramsAndReboots) {
  CommandChange commands;
  commands.apply = {{"groupadd", "my group"}};
  commands.undo = {{"groupdel", "my group"}};
  Change change{commands, {{"udevadm", "trigger"}}};
  EXPECT_EQ(Preview(change, host_),
            (Lines{"run:  groupadd 'my group'", "undo: groupdel 'my group'"}));
  host_.is_running = true;
  EXPECT_EQ(Preview(change, host_).back(), "then: udevadm trigger");
  EXPECT_EQ(Preview({RebootChange{}, {}}, host_),
            Lines{"the host is started anew, then the run goes on"});
}

TEST_F(ChangesTest, HostileTextDoesNothingToATerminal) {
  Write("/etc/x", "a\x1b[2Jb\n");
  CommandChange commands;
  commands.apply = {{"echo", "\x1b]0;title\a", "it's\n\\"}};
  for (const Change& change : {To("/etc/x", FileWith("c\x1b[1mb\r\n")), Change{commands, {}}})
    for (const std::string& line : Preview(change, host_))
      for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  EXPECT_EQ(CommandLineOf(commands.apply[0]), "echo $'\\033]0;title\\007' $'it\\'s\\012\\\\'");
}

// --- privilege

TEST_F(ChangesTest, PermissionDependsOnWhoRunsIt) {
  if (geteuid() != 0) {
    CommandChange commands;
    EXPECT_FALSE(Must(IsPermitted({commands, {}}, host_)));
    commands.needs_root = false;
    EXPECT_TRUE(Must(IsPermitted({commands, {}}, host_)));
    FileState roots = FileWith("x");
    roots.uid = 0;
    EXPECT_FALSE(Must(IsPermitted(To("/etc/x", roots), host_)));
  }
  EXPECT_TRUE(Must(IsPermitted(To("/etc/x", FileWith("x")), host_)));
  EXPECT_TRUE(Must(IsPermitted({RebootChange{}, {}}, host_)));
}

}  // namespace
}  // namespace lastgood
