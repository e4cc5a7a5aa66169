// SPDX-License-Identifier: MIT
// The console that is another program, with real programs.
#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "host/clock.h"
#include "sim/pty_server.h"
#include "unit/sim/console_driver.h"

namespace lastgood::sim {
namespace {

std::unique_ptr<Console> Shell(const std::string& script) {
  return MakeExternalConsole({"sh", "-c", script});
}

std::string Start(Console& console, const FirmwareFacts& facts = {}) {
  return std::string(AsText(console.Start(facts)));
}

// Polls until `wanted` has been said, the program has ended, or far too much time has passed.
std::string PollFor(Console& console, std::string_view wanted, std::string said = {}) {
  SystemClock clock;
  const Deadline deadline(clock, std::chrono::seconds(20));
  while (said.find(wanted) == std::string::npos && console.Problem().empty() &&
         !deadline.Expired()) {
    said += AsText(console.Poll());
    clock.SleepFor(std::chrono::milliseconds(1));
  }
  return said;
}

// Everything until the program has ended.
std::string StartAndPollToTheEnd(Console& console) {
  constexpr std::string_view kNever = "\x01 never said \x01";
  return PollFor(console, kNever, Start(console));
}

// A zombie that nobody has fetched yet is dead.
bool Lives(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string id, name, state;
  return static_cast<bool>(stat >> id >> name >> state) && state != "Z";
}

void AwaitDeath(pid_t process) {
  SystemClock clock;
  const Deadline deadline(clock, std::chrono::seconds(20));
  while (Lives(process) && !deadline.Expired()) clock.SleepFor(std::chrono::milliseconds(1));
}

TEST(ExternalConsoleTest, ProgramsOutputArrivesAndInputReachesIt) {
  const auto console = MakeExternalConsole({"cat"});
  std::string said = Start(*console);
  said += Type(*console, "abc\r\x01\xff");
  EXPECT_EQ(PollFor(*console, "\xff", said), "abc\r\x01\xff");
  EXPECT_EQ(console->Problem(), "");
}

TEST(ExternalConsoleTest, FirmwareVersionIsInTheProgramsEnvironmentAndNotInOurs) {
  const auto console = Shell("echo \"<$LASTGOOD_SIM_FIRMWARE>$HOME\"; cat");
  const std::string said = Start(*console, Micropython("v1.8.7 on 2017-01-08"));
  const char* const home = std::getenv("HOME");
  EXPECT_EQ(PollFor(*console, "\n", said),
            "<v1.8.7 on 2017-01-08>" + std::string(home != nullptr ? home : "") + "\n");
  EXPECT_EQ(std::getenv("LASTGOOD_SIM_FIRMWARE"), nullptr);
}

TEST(ExternalConsoleTest, EachStartIsANewProgram) {
  const auto console = Shell("read line; echo \"got $line\"; cat");
  console->Start({});
  Type(*console, "one");
  console->Start({});
  std::string said = Type(*console, "two\n");
  EXPECT_EQ(PollFor(*console, "\n", said), "got two\n");
}

TEST(ExternalConsoleTest, StopKillsTheProgramAndWhatItStarted) {
  const auto console = Shell("sleep 1000 & echo $!; trap '' TERM HUP; cat");
  const std::string said = PollFor(*console, "\n", Start(*console));
  const pid_t grandchild = static_cast<pid_t>(std::stoi(said));
  ASSERT_TRUE(Lives(grandchild));
  console->Stop();
  AwaitDeath(grandchild);
  EXPECT_FALSE(Lives(grandchild));
  EXPECT_EQ(AsText(console->Poll()), "");
  EXPECT_EQ(Type(*console, "x"), "");
}

TEST(ExternalConsoleTest, DestructionKillsTheProgram) {
  pid_t program = 0;
  {
    const auto console = Shell("echo $$; exec sleep 1000");
    program = static_cast<pid_t>(std::stoi(PollFor(*console, "\n", Start(*console))));
  }
  EXPECT_FALSE(Lives(program));
}

TEST(ExternalConsoleTest, ProgramThatIsNotThereIsAProblemAndSilence) {
  const auto console = MakeExternalConsole({"lastgood-no-such-program", "x"});
  EXPECT_EQ(AsText(console->Start({})), "");
  EXPECT_EQ(console->Problem(),
            "cannot start 'lastgood-no-such-program': no such file or directory");
  EXPECT_EQ(Type(*console, "abc\r"), "");
}

TEST(ExternalConsoleTest, NoProgramIsAProblem) {
  const auto console = MakeExternalConsole({});
  EXPECT_EQ(AsText(console->Start({})), "");
  EXPECT_EQ(console->Problem(), "the console program has no name");
}

TEST(ExternalConsoleTest, ProgramThatEndsLeavesItsLastWords) {
  const auto console = Shell(
      "[ \"$LASTGOOD_SIM_FIRMWARE\" = stay ] && exec cat; "
      "echo out; echo first >&2; echo 'module not found' >&2; exit 3");
  EXPECT_EQ(StartAndPollToTheEnd(*console), "out\n");
  EXPECT_EQ(console->Problem(), "the console program 'sh' ended: exit status 3, module not found");
  EXPECT_EQ(Type(*console, "abc"), "");
  Start(*console, Micropython("stay"));
  EXPECT_EQ(console->Problem(), "");
}

TEST(ExternalConsoleTest, ProgramThatIsKilledIsAProblem) {
  const auto console = Shell("kill -9 $$");
  EXPECT_EQ(StartAndPollToTheEnd(*console), "");
  EXPECT_EQ(console->Problem(), "the console program 'sh' ended: signal 9");
}

TEST(ExternalConsoleTest, ChattyErrorOutputDoesNotBlockTheProgram) {
  const auto console = Shell(
      "i=0; while [ $i -lt 4000 ]; do echo 'a line of sixty characters or so, for the pipe' "
      ">&2; i=$((i+1)); done; echo done; cat");
  EXPECT_EQ(PollFor(*console, "done\n", Start(*console)), "done\n");
}

TEST(ExternalConsoleTest, ProgramThatReadsNothingDoesNotBlockTheBoard) {
  const auto console = Shell("sleep 1000");
  console->Start({});
  for (int i = 0; i < 200000; ++i) console->Receive('x');
  EXPECT_EQ(console->Problem(), "");
}

// What the descriptors of this process refer to: "pipe:[4711]", …
std::set<std::string> OpenFiles() {
  std::set<std::string> links;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    links.insert(std::filesystem::read_symlink(entry.path(), gone).string());
  }
  return links;
}

TEST(ExternalConsoleTest, NoDescriptorOfAnotherConsoleLeaksIntoTheProgram) {
  const std::set<std::string> before = OpenFiles();
  const auto other = MakeExternalConsole({"cat"});
  Start(*other);
  std::set<std::string> of_other = OpenFiles();
  for (const std::string& link : before) of_other.erase(link);
  ASSERT_GE(of_other.size(), 3U);
  const auto console = Shell("for f in /proc/self/fd/*; do readlink $f; done; echo end; cat");
  const std::string links = PollFor(*console, "end\n", Start(*console));
  for (const std::string& link : of_other) EXPECT_EQ(links.find(link), std::string::npos) << links;
}

}  // namespace
}  // namespace lastgood::sim
