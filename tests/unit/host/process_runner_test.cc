// SPDX-License-Identifier: MIT
// What only the real runner can get wrong. What every runner promises is in the contract suite.
#include "host/process_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "host/descriptor.h"
#include "host/interrupt.h"
#include "support/other_process.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using test::ReadText;
using test::TemporaryDirectory;
using test::WaitUntilGone;

constexpr milliseconds kLong{60'000};

std::vector<std::string> Shell(const std::string& script) { return {"sh", "-c", script}; }

Result<ProcessResult> RunShell(const std::string& script, milliseconds timeout = kLong) {
  return PosixProcessRunner().Run({Shell(script), timeout});
}

TEST(PosixProcessRunnerTest, OutputsAreKeptApart) {
  const auto result = RunShell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->standard_output, "out\n");
  EXPECT_EQ(result->standard_error, "err\n");
  EXPECT_EQ(result->exit_status, 3);
}

TEST(PosixProcessRunnerTest, ArgumentsArriveUnchanged) {
  const auto result =
      PosixProcessRunner().Run({{"printf", "%s|", "a b", "", "$HOME", "*", "\"'\\"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->standard_output, "a b||$HOME|*|\"'\\|");
}

TEST(PosixProcessRunnerTest, StandardInputIsEmpty) {
  const auto result = PosixProcessRunner().Run({{"cat"}, kLong});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->standard_output, "");
}

TEST(PosixProcessRunnerTest, ProgramLeadsASessionOfItsOwn) {
  const auto result = PosixProcessRunner().Run({{"cut", "-d ", "-f1,6", "/proc/self/stat"}});
  ASSERT_TRUE(result);
  int pid = 0;
  int session = 0;
  ASSERT_EQ(std::sscanf(result->standard_output.c_str(), "%d %d", &pid, &session), 2);
  EXPECT_EQ(session, pid);
}

TEST(PosixProcessRunnerTest, ThereIsNoTerminalToAskQuestionsOn) {
  const auto result = RunShell(": < /dev/tty");
  ASSERT_TRUE(result);
  EXPECT_NE(result->exit_status, 0);
}

TEST(PosixProcessRunnerTest, DeathBySignalIsToldFromAnExitStatus) {
  const auto result = RunShell("kill -KILL $$");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_status, 128 + SIGKILL);
}

TEST(PosixProcessRunnerTest, MoreOutputThanIsKeptDoesNotBlockTheProgram) {
  const auto result = PosixProcessRunner().Run(
      {Shell("head -c 400000 /dev/zero; head -c 400000 /dev/zero >&2; exit 5"), kLong, 1000});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->standard_output.size(), 1000U);
  EXPECT_EQ(result->standard_error.size(), 1000U);
  EXPECT_EQ(result->exit_status, 5);
}

TEST(PosixProcessRunnerTest, OutputIsReadWhole) {
  const auto result =
      PosixProcessRunner().Run({Shell("head -c 300000 /dev/zero"), kLong, 1'000'000});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->standard_output.size(), 300'000U);
}

TEST(PosixProcessRunnerTest, ProgramThatClosesItsOutputsIsStillWaitedFor) {
  const auto result = RunShell("exec >&- 2>&-; sleep 0.1; exit 4");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_status, 4);
}

TEST(PosixProcessRunnerTest, DaemonThatHoldsThePipesIsNotWaitedFor) {
  const auto result = RunShell("sleep 60 & echo $!");
  ASSERT_TRUE(result) << result.error().message;
  const pid_t daemon = std::stoi(result->standard_output);
  EXPECT_TRUE(test::IsRunning(daemon));
  kill(daemon, SIGKILL);
}

TEST(PosixProcessRunnerTest, WhatCannotBeStartedSaysWhyAndWhatToDo) {
  const TemporaryDirectory directory;
  const std::string plain = directory / "plain";
  test::WriteText(plain, "#!/bin/sh\n");
  const std::string orphan = directory / "orphan";
  test::WriteText(orphan, "#!/no/such/interpreter\n");
  std::filesystem::permissions(orphan, std::filesystem::perms(0755));
  const struct {
    std::vector<std::string> argv;
    std::string message;
    std::string hint;
  } kCases[] = {
      {{}, "cannot run a program without a name", ""},
      {{""}, "cannot run a program without a name", ""},
      {{"no-such-program-1"},
       "cannot run 'no-such-program-1': there is no such program in PATH",
       "install 'no-such-program-1', or correct its name"},
      {{"/no/such/program"},
       "cannot run '/no/such/program': no such file or directory",
       "correct the path; for a script, also the interpreter that its first line names"},
      {{orphan},
       fmt::format("cannot run '{}': no such file or directory", orphan),
       "correct the path; for a script, also the interpreter that its first line names"},
      {{plain},
       fmt::format("cannot run '{}': permission denied", plain),
       fmt::format("make it executable: chmod +x {}", plain)},
  };
  for (const auto& test_case : kCases) {
    const auto result = PosixProcessRunner().Run({test_case.argv});
    ASSERT_FALSE(result) << test_case.message;
    EXPECT_EQ(result.error().code, ExitCode::kSetupFailed);
    EXPECT_EQ(result.error().message, test_case.message);
    EXPECT_EQ(result.error().hint, test_case.hint);
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was left behind";
}

TEST(PosixProcessRunnerTest, HangingProgramIsStoppedAndTheMessageSaysSo) {
  const auto result = PosixProcessRunner().Run({{"sleep", "60"}, milliseconds(100)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kSetupFailed);
  EXPECT_EQ(result.error().message, "'sleep' was still running after 0.1 s and was stopped");
  EXPECT_EQ(result.error().hint, "run it by hand to see what it waits for: sleep 60");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was left behind";
}

// Two signals, since the system may make one of two that are the same.
TEST(PosixProcessRunnerTest, ProgramIsStoppedWhenItIsAskedForTwice) {
  Interrupt interrupt;
  const SignalWatch watch(interrupt);
  const auto result = PosixProcessRunner(&interrupt)
                          .Run({Shell("kill -INT $PPID; kill -TERM $PPID; sleep 60"), kLong});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(result.error().message, "interrupted, and 'sh' was stopped");

  // What is run to put things right has a patience of its own.
  const auto after = PosixProcessRunner(&interrupt).Run({Shell("kill -INT $PPID; exit 3"), kLong});
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->exit_status, 3);
}

TEST(PosixProcessRunnerTest, EndlessOutputDoesNotOutrunTheDeadline) {
  EXPECT_FALSE(PosixProcessRunner().Run({{"cat", "/dev/zero"}, milliseconds(100)}));
}

TEST(PosixProcessRunnerTest, WhatAHangingProgramStartedIsStoppedToo) {
  const TemporaryDirectory directory;
  const std::string path = directory / "pid";
  // It does not listen to SIGTERM either.
  const std::string script = fmt::format("trap '' TERM; sleep 60 & echo $! > {}; wait", path);
  EXPECT_FALSE(RunShell(script, milliseconds(1000)));
  ASSERT_TRUE(std::filesystem::exists(path)) << "the host is too slow for this test";
  EXPECT_TRUE(WaitUntilGone(std::stoi(ReadText(path))));
}

TEST(PosixProcessRunnerTest, ProgramMayTidyUpWhenItsTimeIsOver) {
  const TemporaryDirectory directory;
  const std::string path = directory / "tidied";
  EXPECT_FALSE(RunShell(fmt::format("trap 'echo > {}; exit' TERM; sleep 60 & wait", path),
                        milliseconds(1000)));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(PosixProcessRunnerTest, ProgramEndsWithItsParent) {
  const TemporaryDirectory directory;
  const std::string path = directory / "pid";
  const pid_t parent = fork();
  if (parent == 0) {
    const auto ignored =
        RunShell(fmt::format("echo $$ > {0}.tmp; mv {0}.tmp {0}; exec sleep 60", path));
    _exit(ignored ? 0 : 1);
  }
  for (int i = 0; i < 1000 && !std::filesystem::exists(path); ++i) usleep(10'000);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(WaitUntilGone(std::stoi(ReadText(path))));
}

TEST(PosixProcessRunnerTest, OurDescriptorsAreNotHandedOn) {
  // As a library would open it: without close-on-exec.
  const Descriptor leaky(fcntl(STDERR_FILENO, F_DUPFD, 77));
  ASSERT_GE(leaky.Get(), 77);
  const auto result = PosixProcessRunner().Run({{"ls", "/proc/self/fd"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->standard_output, "0\n1\n2\n3\n") << "3 is what ls reads the directory with";
}

TEST(PosixProcessRunnerTest, IgnoredAndBlockedSignalsAreNotHandedOn) {
  const auto previous = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto pipe_result = RunShell("kill -PIPE $$; exit 0");
  const auto user_result = RunShell("kill -USR1 $$; exit 0");
  sigprocmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGPIPE, previous);
  ASSERT_TRUE(pipe_result && user_result);
  EXPECT_EQ(pipe_result->exit_status, 128 + SIGPIPE);
  EXPECT_EQ(user_result->exit_status, 128 + SIGUSR1);
}

TEST(PosixProcessRunnerTest, WorksWhenOurOwnStandardStreamsAreClosed) {
  const std::string answer = test::ComputeAsNobody([]() -> std::string {
    // The answer's pipe is above 2.
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(number);
    const auto result = RunShell("cat; echo out; echo err >&2");
    return result ? result->standard_output + result->standard_error : result.error().message;
  });
  EXPECT_EQ(answer, "out\nerr\n");
}

TEST(PosixProcessRunnerTest, NoDescriptorIsLeftOpen) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  const auto before = count();
  EXPECT_TRUE(RunShell("exit 0"));
  EXPECT_FALSE(PosixProcessRunner().Run({{"no-such-program-1"}}));
  EXPECT_FALSE(PosixProcessRunner().Run({{"sleep", "60"}, milliseconds(10)}));
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace lastgood
