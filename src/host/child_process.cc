// SPDX-License-Identifier: MIT
#include "host/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace lastgood {
namespace {

struct ChildEnds {
  int standard_output;
  int standard_error;
  int failure;  // closed by a successful exec; otherwise errno comes through it
};

[[noreturn]] void GiveUp(int failure, int error) {
  [[maybe_unused]] const ssize_t written = write(failure, &error, sizeof error);
  _exit(127);
}

void ResetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &standard, nullptr);  // ignored by us; exec would hand that on
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Between fork and exec: system calls only, no allocation. Another thread of the parent may have
// held the allocator's lock.
[[noreturn]] void Become(char* const* argv, ChildEnds ends, pid_t parent) {
  // Away from 0 to 2, which our own caller may have left closed.
  for (int* end : {&ends.standard_output, &ends.standard_error, &ends.failure})
    *end = fcntl(*end, F_DUPFD_CLOEXEC, 3);
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);  // it ended before the line above
  ResetSignals();
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || (null == STDIN_FILENO ? fcntl(null, F_SETFD, 0) : dup2(null, STDIN_FILENO)) < 0 ||
      dup2(ends.standard_output, STDOUT_FILENO) < 0 || dup2(ends.standard_error, STDERR_FILENO) < 0)
    GiveUp(ends.failure, errno);
  // What libraries opened without close-on-exec: a serial port, a GPIO request or a lock must not
  // live on in a daemon that a step starts. Older kernels lack the call; ours are marked anyway.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  execvp(argv[0], argv);
  GiveUp(ends.failure, errno);
}

std::vector<char*> Pointers(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::optional<ChildProcess> ChildProcess::Start(const std::vector<std::string>& argv,
                                                int standard_output, int standard_error) {
  std::array<int, 2> failure;
  if (pipe2(failure.data(), O_CLOEXEC) != 0) return std::nullopt;
  Descriptor read_end(failure[0]);
  const Descriptor write_end(failure[1]);
  const std::vector<char*> pointers = Pointers(argv);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), {standard_output, standard_error, failure[1]}, parent);
  if (pid < 0) return std::nullopt;
  ChildProcess child(pid);
  // By number: glibc 2.36 declares pidfd_open without extern "C". It sets close-on-exec.
  child.exit_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  child.start_error_ = std::move(read_end);
  if (!child.exit_) return std::nullopt;
  return child;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  SignalGroup(SIGKILL);
  constexpr int kGraceMs = 1000;
  pollfd exited{exit_.Get(), POLLIN, 0};
  RetryOnInterrupt([&] { return poll(&exited, 1, kGraceMs); });
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
}

void ChildProcess::SignalGroup(int signal) const {
  // The group is not there yet when the child has not come as far as setsid().
  if (kill(-pid_, signal) != 0) kill(pid_, signal);
}

int ChildProcess::StartError() const {
  int error = 0;
  // Both write ends are closed by now, so this does not wait.
  RetryOnInterrupt([&] { return read(start_error_.Get(), &error, sizeof error); });
  return error;
}

std::optional<int> ChildProcess::Reap() {
  siginfo_t info{};
  const pid_t pid = std::exchange(pid_, -1);
  const int waited = RetryOnInterrupt(
      [&] { return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG); });
  if (waited != 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

}  // namespace lastgood
