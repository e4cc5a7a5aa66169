// SPDX-License-Identifier: MIT
// The program gets a socket as standard input (a write to a program that has ended is an error
// there, not a signal) and pipes as standard output and error. It is a process group of its own, so
// that whatever it starts ends with it.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "host/descriptor.h"
#include "sim/pty_server.h"

namespace lastgood::sim {
namespace {

constexpr std::size_t kPendingMax = 65536;        // typed and not yet taken by the program
constexpr std::size_t kOutputPerPollMax = 65536;  // the rest waits in the pipe
constexpr std::size_t kComplaintMax = 4096;
constexpr std::string_view kFirmwareVariable = "LASTGOOD_SIM_FIRMWARE=";

struct Ends {
  Descriptor ours;
  Descriptor theirs;
};

Ends MakePipeFromProgram() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends MakeSocketToProgram() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Ours, with the firmware's version in place of whatever the variable was.
std::vector<std::string> EnvironmentFor(const std::string& version) {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (std::string_view(*entry).substr(0, kFirmwareVariable.size()) != kFirmwareVariable)
      out.emplace_back(*entry);
  out.push_back(std::string(kFirmwareVariable) + version);
  return out;
}

// Appends what can be read without waiting, until `out` has `size_max` octets. False at the end of
// the stream.
bool ReadAvailable(int descriptor, Bytes& out, std::size_t size_max) {
  std::array<std::uint8_t, 4096> buffer;
  while (out.size() < size_max) {
    const ssize_t count =
        ::read(descriptor, buffer.data(), std::min(buffer.size(), size_max - out.size()));
    if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
    out.insert(out.end(), buffer.begin(), buffer.begin() + count);
  }
  return true;
}

std::string LastLine(const Bytes& text) {
  std::string_view lines = AsText(text);
  while (!lines.empty() && (lines.back() == '\n' || lines.back() == '\r')) lines.remove_suffix(1);
  const std::size_t start = lines.find_last_of('\n');
  return std::string(start == std::string_view::npos ? lines : lines.substr(start + 1));
}

class ExternalConsole final : public Console {
 public:
  explicit ExternalConsole(std::vector<std::string> argv) : argv_(std::move(argv)) {}
  ~ExternalConsole() override { Stop(); }

  Bytes Start(const FirmwareFacts& facts) override {
    Stop();
    problem_.clear();
    complaints_.clear();
    if (argv_.empty())
      problem_ = "the console program has no name";
    else
      Spawn(facts.version);
    return Poll();
  }

  Bytes Receive(std::uint8_t octet) override {
    if (process_ > 0 && pending_.size() < kPendingMax) pending_.push_back(octet);
    return Poll();
  }

  Bytes Poll() override {
    Bytes out;
    if (process_ <= 0) return out;
    SendPending();
    ReadComplaints();
    if (!ReadAvailable(output_.Get(), out, kOutputPerPollMax)) NoteEnd();
    return out;
  }

  void Stop() override {
    if (process_ > 0) {
      ::kill(-process_, SIGKILL);
      Reap();
    }
    input_.Reset();
    output_.Reset();
    errors_.Reset();
    pending_.clear();
  }

  std::string Problem() const override { return problem_; }

 private:
  void Spawn(const std::string& version) {
    Ends input = MakeSocketToProgram();
    Ends output = MakePipeFromProgram();
    Ends errors = MakePipeFromProgram();
    Ends failure = MakePipeFromProgram();  // carries errno when exec fails, closes when it succeeds
    if (input.ours.Get() < 0 || output.ours.Get() < 0 || errors.ours.Get() < 0 ||
        failure.ours.Get() < 0)
      return CannotStart(errno);
    std::vector<std::string> environment = EnvironmentFor(version);
    std::vector<std::string> arguments = argv_;
    const std::vector<char*> argument_pointers = Pointers(arguments);
    const std::vector<char*> environment_pointers = Pointers(environment);
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ < 0) return CannotStart(errno);
    if (process_ == 0)
      RunProgram({input.theirs.Get(), output.theirs.Get(), errors.theirs.Get()},
                 failure.theirs.Get(), parent, argument_pointers.data(),
                 environment_pointers.data());
    ::setpgid(process_, process_);  // in the child too: whoever comes first
    input_ = std::move(input.ours);
    output_ = std::move(output.ours);
    errors_ = std::move(errors.ours);
    failure.theirs.Reset();
    AwaitExec(failure.ours.Get());
  }

  // In the child, between fork and exec: nothing that allocates or locks.
  [[noreturn]] static void RunProgram(std::array<int, 3> streams, int failure, pid_t parent,
                                      char* const* arguments, char* const* environment) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // it died before the line above
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // Out of the way first: in a host without standard streams ours may be any of 0, 1 and 2.
    failure = ::fcntl(failure, F_DUPFD_CLOEXEC, 3);
    for (int& stream : streams) stream = ::fcntl(stream, F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; ++i) ::dup2(streams[static_cast<std::size_t>(i)], i);
    ::execvpe(arguments[0], arguments, environment);
    const int error = errno;
    if (::write(failure, &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
  }

  // Ends at once: the pipe closes at exec or carries the error.
  void AwaitExec(int descriptor) {
    ::fcntl(descriptor, F_SETFL, 0);
    int error = 0;
    if (::read(descriptor, &error, sizeof error) != sizeof error) return;
    Stop();
    CannotStart(error);
  }

  void CannotStart(int error) {
    process_ = -1;
    problem_ = fmt::format("cannot start '{}': {}", argv_[0], ErrnoText(error));
  }

  void SendPending() {
    const ssize_t sent =
        ::send(input_.Get(), pending_.data(), pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) pending_.erase(pending_.begin(), pending_.begin() + sent);
  }

  // All of it is taken, so that the program never waits; the end of it is kept.
  void ReadComplaints() {
    ReadAvailable(errors_.Get(), complaints_, complaints_.size() + kOutputPerPollMax);
    if (complaints_.size() > kComplaintMax)
      complaints_.erase(complaints_.begin(), complaints_.end() - kComplaintMax);
  }

  // The program has closed its output: it has ended, or is of no use any more.
  void NoteEnd() {
    ReadComplaints();
    ::kill(-process_, SIGKILL);
    const int status = Reap();
    const std::string how = WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                                              : fmt::format("signal {}", WTERMSIG(status));
    const std::string last = LastLine(complaints_);
    problem_ = fmt::format("the console program '{}' ended: {}{}{}", argv_[0], how,
                           last.empty() ? "" : ", ", last);
  }

  int Reap() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

  std::vector<std::string> argv_;
  pid_t process_ = -1;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  Bytes pending_;
  Bytes complaints_;
  std::string problem_;
};

}  // namespace

std::unique_ptr<Console> MakeExternalConsole(std::vector<std::string> argv) {
  return std::make_unique<ExternalConsole>(std::move(argv));
}

}  // namespace lastgood::sim
