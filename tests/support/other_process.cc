// SPDX-License-Identifier: MIT
#include "support/other_process.h"

#include <fmt/format.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace lastgood::test {
namespace {

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Pipe MakePipe() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe(ends.data()), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void BecomeNobody() {
  constexpr uid_t kNobody = 65534;
  if (getuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(99);
}

}  // namespace

OtherProcess::OtherProcess(const std::function<void()>& begin) {
  Pipe ready = MakePipe();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
    begin();
    [[maybe_unused]] const ssize_t written = write(ready.write_end.Get(), "!", 1);
    for (;;) pause();
  }
  ready.write_end.Reset();
  char mark = 0;
  EXPECT_EQ(read(ready.read_end.Get(), &mark, 1), 1) << "the other process did not begin";
}

void OtherProcess::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
}

std::string ComputeAsNobody(const std::function<std::string()>& compute) {
  Pipe answer = MakePipe();
  const pid_t pid = fork();
  if (pid == 0) {
    BecomeNobody();
    const std::string text = compute();
    [[maybe_unused]] const ssize_t written =
        write(answer.write_end.Get(), text.data(), text.size());
    _exit(0);
  }
  answer.write_end.Reset();
  std::string text;
  std::array<char, 4096> chunk;
  for (ssize_t count; (count = read(answer.read_end.Get(), chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(count));
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0) << "the process without rights failed";
  return text;
}

bool IsRunning(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  if (!std::getline(file, stat)) return false;
  // The state follows the name in parentheses, which may itself contain anything.
  const std::size_t end_of_name = stat.rfind(')');
  return end_of_name != std::string::npos && stat.substr(end_of_name).find("Z") != 2;
}

bool WaitUntilGone(pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    if (!IsRunning(pid)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace lastgood::test
