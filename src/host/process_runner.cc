// SPDX-License-Identifier: MIT
// Rules: the child starts in a session of its own, so that it has no terminal to ask questions on
// and can be signalled with everything it started; it inherits no descriptor but its three; it is
// not reaped before its group has been signalled, so that its id can not be somebody else's.
#include "host/process_runner.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>

#include "base/units.h"
#include "host/child_process.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "host/output_pipe.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterruptSlice{100};
constexpr milliseconds kSliceMax{3'600'000};  // poll(2) takes an int
constexpr milliseconds kTerminationGrace{2'000};
constexpr milliseconds kKillGrace{5'000};  // a process in an uninterruptible wait does not die

struct Running {
  ChildProcess child;
  OutputPipe standard_output;
  OutputPipe standard_error;
};

// Whether a person has asked twice since this was made.
class Impatience {
 public:
  explicit Impatience(const Interrupt* interrupt)
      : interrupt_(interrupt), before_(interrupt != nullptr ? interrupt->Count() : 0) {}
  bool Shown() const { return interrupt_ != nullptr && interrupt_->Count() >= before_ + 2; }
  milliseconds Slice() const { return interrupt_ != nullptr ? kInterruptSlice : kSliceMax; }

 private:
  const Interrupt* interrupt_;
  int before_;
};

// Moves output until the child has exited: true; or until the deadline, or nobody is patient:
// false.
bool WaitForExit(Running& running, const Deadline& deadline, const Impatience& impatience) {
  for (;;) {
    std::array<pollfd, 3> waiting = {{{running.child.ExitDescriptor(), POLLIN, 0},
                                      {running.standard_output.Get(), POLLIN, 0},
                                      {running.standard_error.Get(), POLLIN, 0}}};
    const milliseconds slice = std::min(deadline.Remaining(), impatience.Slice());
    const int ready = poll(waiting.data(), waiting.size(), static_cast<int>(slice.count()));
    if (waiting[1].revents != 0) running.standard_output.ReadSome();
    if (waiting[2].revents != 0) running.standard_error.ReadSome();
    if (ready > 0 && waiting[0].revents != 0) return true;
    if (deadline.Expired() || impatience.Shown()) return false;
  }
}

// Asks the whole group to end, then makes it end.
Error Stop(Running& running, const ProcessRequest& request, const Clock& clock, bool interrupted) {
  const Impatience none(nullptr);
  running.child.SignalGroup(SIGTERM);
  WaitForExit(running, Deadline(clock, kTerminationGrace), none);
  running.child.SignalGroup(SIGKILL);
  const bool ended = WaitForExit(running, Deadline(clock, kKillGrace), none);
  if (ended) running.child.Reap();
  if (interrupted)
    return {ExitCode::kInterrupted,
            fmt::format("interrupted, and '{}' was stopped{}", request.argv[0],
                        ended ? "" : ", but does not end"),
            {}};
  return {ExitCode::kSetupFailed,
          fmt::format("'{}' was still running after {} and was stopped{}", request.argv[0],
                      FormatSeconds(request.timeout), ended ? "" : ", but does not end"),
          fmt::format("run it by hand to see what it waits for: {}", fmt::join(request.argv, " "))};
}

Error CannotStart(const std::string& program, int error) {
  Error failure{
      ExitCode::kSetupFailed, fmt::format("cannot run '{}': {}", program, ErrnoText(error)), {}};
  if (error == ENOENT && program.find('/') == std::string::npos) {
    failure.message = fmt::format("cannot run '{}': there is no such program in PATH", program);
    failure.hint = fmt::format("install '{}', or correct its name", program);
  } else if (error == ENOENT) {
    failure.hint = "correct the path; for a script, also the interpreter that its first line names";
  } else if (error == EACCES) {
    failure.hint = fmt::format("make it executable: chmod +x {}", program);
  }
  return failure;
}

Result<Running> Start(const ProcessRequest& request) {
  if (request.argv.empty() || request.argv[0].empty())
    return Fail(ExitCode::kSetupFailed, "cannot run a program without a name");
  auto standard_output = OutputPipe::Open(request.output_bytes_max);
  auto standard_error = OutputPipe::Open(request.output_bytes_max);
  if (!standard_output || !standard_error) return Fail(CannotStart(request.argv[0], errno));
  auto child =
      ChildProcess::Start(request.argv, standard_output->WriteEnd(), standard_error->WriteEnd());
  if (!child) return Fail(CannotStart(request.argv[0], errno));
  standard_output->CloseWriteEnd();
  standard_error->CloseWriteEnd();
  return Running{*std::move(child), *std::move(standard_output), *std::move(standard_error)};
}

}  // namespace

Result<ProcessResult> PosixProcessRunner::Run(const ProcessRequest& request) {
  const SystemClock clock;
  const Deadline deadline(clock, request.timeout);
  const Impatience impatience(interrupt_);
  TRY(Running running, Start(request));
  if (!WaitForExit(running, deadline, impatience))
    return Fail(Stop(running, request, clock, impatience.Shown()));
  if (const int error = running.child.StartError(); error != 0)
    return Fail(CannotStart(request.argv[0], error));
  // What the program left in the pipes is its last words; a daemon that it started may hold the
  // pipes open for ever.
  running.standard_output.ReadLeftovers();
  running.standard_error.ReadLeftovers();
  const std::optional<int> exit_status = running.child.Reap();
  if (!exit_status)
    return Fail(ExitCode::kSetupFailed,
                fmt::format("cannot tell how '{}' ended: {}", request.argv[0], ErrnoText(errno)));
  return ProcessResult{*exit_status, running.standard_output.TakeText(),
                       running.standard_error.TakeText()};
}

}  // namespace lastgood
