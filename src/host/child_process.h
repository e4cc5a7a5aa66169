// SPDX-License-Identifier: MIT
// One program in a session of its own, from fork to reaping. The mechanics under
// PosixProcessRunner.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/descriptor.h"

namespace lastgood {

class ChildProcess {
 public:
  // Starts argv with an empty standard input and the given outputs; nullopt with errno set when the
  // system has no room for another process. The child is sent SIGTERM when the calling thread ends.
  static std::optional<ChildProcess> Start(const std::vector<std::string>& argv,
                                           int standard_output, int standard_error);
  // A child that was not reaped is killed with its group.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)),
        exit_(std::move(other.exit_)),
        start_error_(std::move(other.start_error_)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;

  int ExitDescriptor() const { return exit_.Get(); }  // readable once the child has exited
  void SignalGroup(int signal) const;

  // For a child that has exited: why argv could not be executed, as errno; 0 when it was.
  int StartError() const;
  // For a child that has exited: its exit status, or 128 + signal number; nullopt with errno set
  // when the system did not keep it.
  std::optional<int> Reap();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  Descriptor exit_;         // a pidfd
  Descriptor start_error_;  // a pipe that a successful exec closes
};

}  // namespace lastgood
