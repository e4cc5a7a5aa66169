// SPDX-License-Identifier: MIT
// A process that is killed at each single place where it changes something: what it began is
// finished by the next one, and taken back by `undo` octet by octet.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "setup/setup_runner.h"
#include "setup_fixture.h"

namespace {

constexpr int kWasCut = 99;
int calls_left = -1;  // until this process is cut; negative: never

void Tick() {
  if (calls_left >= 0 && calls_left-- == 0) _exit(kWasCut);
}

int Call(long number, auto... arguments) {
  Tick();
  return static_cast<int>(syscall(number, arguments...));
}

}  // namespace

// In the place of the C library's, for the whole program: what changes a host goes through these.
extern "C" {
int fsync(int file) {
  // A killed process loses nothing that it wrote: speed where it is not power that fails.
  if (calls_left >= 0) return Tick(), 0;
  return static_cast<int>(syscall(SYS_fsync, file));
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  return Call(SYS_renameat2, from_directory, from, to_directory, to, 0);
}
int unlinkat(int directory, const char* name, int flags) noexcept {
  return Call(SYS_unlinkat, directory, name, flags);
}
int symlinkat(const char* target, int directory, const char* name) noexcept {
  return Call(SYS_symlinkat, target, directory, name);
}
int mkdirat(int directory, const char* name, mode_t mode) noexcept {
  return Call(SYS_mkdirat, directory, name, mode);
}
int fchmod(int file, mode_t mode) noexcept { return Call(SYS_fchmod, file, mode); }
}

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using test::Must;

// The record as a file, so that the next process has it.
class FileLog final : public SetupLog {
 public:
  explicit FileLog(fs::path path) : path_(std::move(path)) {
    std::istringstream lines(fs::exists(path_) ? test::ReadText(path_) : "");
    for (std::string line; std::getline(lines, line);) Take(line);
  }

  Result<void> BeforeStep(std::size_t, const Step&) override { return {}; }
  Result<std::int64_t> BeforeChange(const Step& step, const RecordedChange& change) override {
    const auto id = static_cast<std::int64_t>(changes_.size());
    Write("made\t" + std::to_string(id) + "\t" + EncodeChange(change) + "\t" + step.Describe());
    return id;
  }
  Result<void> AfterChange(std::int64_t id, const RecordedChange& change) override {
    Write("written\t" + std::to_string(id) + "\t" + EncodeChange(change) + "\t");
    return {};
  }
  Result<std::vector<LoggedChange>> Made() override {
    std::vector<LoggedChange> made;
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
      if (!change->second) made.push_back(change->first);
    return made;
  }
  Result<void> Undone(std::int64_t id) override {
    Write("undone\t" + std::to_string(id) + "\t\t");
    return {};
  }

 private:
  void Write(const std::string& line) {
    Tick();
    std::ofstream(path_, std::ios::app) << line << std::endl;
    Tick();
    Take(line);
  }
  void Take(const std::string& line) {
    std::istringstream words(line);
    std::string what, id, json, step;
    std::getline(words, what, '\t');
    std::getline(words, id, '\t');
    std::getline(words, json, '\t');
    std::getline(words, step, '\t');
    const auto at = static_cast<std::size_t>(std::stoi(id));
    if (what == "made")
      changes_.push_back({{std::stoi(id), step, Must(DecodeChange(json))}, false});
    if (what == "written") changes_.at(at).first.change = Must(DecodeChange(json));
    if (what == "undone") changes_.at(at).second = true;
  }

  fs::path path_;
  std::vector<std::pair<LoggedChange, bool>> changes_;  // undone?
};

FileState StateWith(FileKind kind, std::string_view text, std::uint32_t mode) {
  FileState state;
  state.kind = kind;
  if (kind == FileKind::kFile) state.content.assign(text.begin(), text.end());
  if (kind == FileKind::kLink) state.target = text;
  state.mode = mode;
  state.uid = geteuid();
  state.gid = getegid();
  return state;
}

// Paths that have to be something.
class FilesStep final : public Step {
 public:
  using Wishes = std::vector<std::pair<std::string, FileState>>;
  FilesStep(const SetupHost& host, Wishes wishes) : host_(host), wishes_(std::move(wishes)) {}

  std::string Describe() const override { return "files"; }
  Result<std::vector<Change>> Pending() override {
    std::vector<Change> changes;
    for (const auto& [path, wish] : wishes_) {
      TRY(FileState now, host_.tree.Look(path));
      FileState same = now;
      same.modified_ns = 0;
      if (same != wish) changes.push_back({FileChange{path, std::move(now), wish}, {}});
    }
    return changes;
  }

 private:
  const SetupHost& host_;
  Wishes wishes_;
};

// A group, added to two files as groupadd does it, one after the other.
class GroupStep final : public Step {
 public:
  explicit GroupStep(const SetupHost& host) : host_(host) {}
  std::string Describe() const override { return "group"; }
  Result<std::vector<Change>> Pending() override {
    for (const char* path : {"/etc/group", "/etc/gshadow"}) {
      TRY(const FileState now, host_.tree.Look(path));
      if (AsText(now.content).find("gpio\n") != std::string_view::npos) continue;
      CommandChange change;
      change.apply = {{"add"}};
      change.undo = {{"delete"}};
      change.touches = {"/etc/group", "/etc/gshadow"};
      return std::vector{Change{change, {}}};
    }
    return std::vector<Change>();
  }

 private:
  const SetupHost& host_;
};

class GroupPrograms final : public ProcessRunner {
 public:
  explicit GroupPrograms(const fs::path& root) : tree_(root) {}
  Result<ProcessResult> Run(const ProcessRequest& request) override {
    for (const char* path : {"/etc/group", "/etc/gshadow"}) {
      TRY(FileState state, tree_.Look(path));
      std::string text(AsText(state.content));
      if (const auto at = text.find("gpio\n"); at != std::string::npos) text.erase(at, 5);
      if (request.argv.at(0) == "add") text += "gpio\n";
      state.content = ToBytes(text);
      state.modified_ns = 0;
      TRY_DO(tree_.Put(path, state));
    }
    return ProcessResult{};
  }

 private:
  HostTree tree_;
};

// A host in a temporary directory, and the record beside it.
class CutHost {
 public:
  CutHost() {
    fs::create_directories(directory_ / "root/etc");
    test::WriteText(directory_ / "root/etc/motd", "welcome\n");
    test::WriteText(directory_ / "root/etc/old", "old\n");
    test::WriteText(directory_ / "root/etc/private", "private\n");
    test::WriteText(directory_ / "root/etc/group", "users\n");
    test::WriteText(directory_ / "root/etc/gshadow", "users\n");
  }

  // Either in this process, or in one that is cut after `calls` and whose status is returned.
  Result<SetupSummary> Run() {
    GroupPrograms programs(directory_ / "root");
    SetupHost host = OpenSetupHost(directory_ / "root", programs, "", "");
    FileLog log(directory_ / "log");
    std::vector<PlannedStep> steps;
    steps.push_back({std::make_unique<FilesStep>(host, FirstWishes()), {}});
    steps.push_back({std::make_unique<GroupStep>(host), {}});
    steps.push_back({std::make_unique<FilesStep>(host, LastWishes()), {}});
    return RunSteps(steps, host, contents_, log, interrupt_, {});
  }
  Result<UndoSummary> Undo() {
    GroupPrograms programs(directory_ / "root");
    const SetupHost host = OpenSetupHost(directory_ / "root", programs, "", "");
    FileLog log(directory_ / "log");
    return UndoChanges(Must(log.Made()), host, contents_, log);
  }
  int CutAfter(int calls, const std::function<bool()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      calls_left = calls;
      _exit(work() ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Every name with what it is; times apart.
  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "root")) {
      struct stat status {};
      lstat(entry.path().c_str(), &status);
      std::string& text = tree[entry.path().lexically_relative(directory_.path()).string()];
      text = std::to_string(status.st_mode) + " ";
      if (entry.is_symlink())
        text += fs::read_symlink(entry.path()).string();
      else if (entry.is_regular_file())
        text += test::ReadText(entry.path());
    }
    return tree;
  }

 private:
  static FilesStep::Wishes FirstWishes() {
    return {{"/etc/d", StateWith(FileKind::kDirectory, "", 0750)},
            {"/etc/d/new", StateWith(FileKind::kFile, "new\n", 0600)},
            {"/etc/d/link", StateWith(FileKind::kLink, "../motd", 0)},
            {"/etc/motd", StateWith(FileKind::kFile, "hello\n", 0644)},
            {"/etc/old", FileState{}}};
  }
  static FilesStep::Wishes LastWishes() {
    return {{"/etc/private", StateWith(FileKind::kFile, "private\n", 0600)},
            {"/etc/d/last", StateWith(FileKind::kFile, "", 0644)}};
  }

  test::TemporaryDirectory directory_;
  ContentStore contents_{directory_ / "contents"};
  Interrupt interrupt_;
};

class CutTest : public testing::Test {
 protected:
  // `check` sees a host whose run was cut, for every place where that can be.
  static int EveryCutOfARun(const std::function<void(CutHost&)>& check) {
    for (int calls = 0;; ++calls) {
      SCOPED_TRACE("cut after " + std::to_string(calls) + " calls");
      CutHost host;
      const int status = host.CutAfter(calls, [&host] { return host.Run().has_value(); });
      if (status == 0) return calls;
      EXPECT_EQ(status, kWasCut);
      check(host);
      if (testing::Test::HasFailure()) return calls;
    }
  }
  static void UndoAll(CutHost& host) {
    const UndoSummary undone = Must(host.Undo());
    for (const std::string& failure : undone.failures) ADD_FAILURE() << failure;
    for (const Conflict& conflict : undone.conflicts) ADD_FAILURE() << conflict.text;
  }
  // No waiting for disks, of which these tests would do much.
  static void SetUpTestSuite() {
    calls_left = 1'000'000'000;
    const char* const before = getenv("TMPDIR");
    temporary_before = before != nullptr ? before : "";
    if (fs::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", 1);
  }
  static void TearDownTestSuite() {
    calls_left = -1;
    if (temporary_before.empty())
      unsetenv("TMPDIR");
    else
      setenv("TMPDIR", temporary_before.c_str(), 1);
  }

 private:
  static inline std::string temporary_before;
};

TEST_F(CutTest, RunThatWasCutAnywhereIsUndone) {
  const auto before = CutHost().Tree();
  const int places = EveryCutOfARun([&before](CutHost& host) {
    UndoAll(host);
    EXPECT_EQ(host.Tree(), before);
  });
  EXPECT_GT(places, 50);
}

TEST_F(CutTest, RunThatWasCutAnywhereIsFinishedAndUndone) {
  CutHost whole;
  const auto before = whole.Tree();
  Must(whole.Run());
  const auto after = whole.Tree();
  EXPECT_NE(after, before);
  EveryCutOfARun([&](CutHost& host) {
    Must(host.Run());
    EXPECT_EQ(host.Tree(), after);
    UndoAll(host);
    EXPECT_EQ(host.Tree(), before);
  });
}

TEST_F(CutTest, UndoThatWasCutAnywhereIsFinished) {
  const auto before = CutHost().Tree();
  for (int calls = 0, status = kWasCut; status != 0; ++calls) {
    SCOPED_TRACE("cut after " + std::to_string(calls) + " calls");
    CutHost host;
    Must(host.Run());
    status = host.CutAfter(calls, [&host] { return host.Undo().has_value(); });
    ASSERT_TRUE(status == 0 || status == kWasCut);
    UndoAll(host);
    ASSERT_EQ(host.Tree(), before);
  }
}

}  // namespace
}  // namespace lastgood
