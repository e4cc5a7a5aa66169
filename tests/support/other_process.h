// SPDX-License-Identifier: MIT
// Code that has to run in another process, or as a user without rights: what root may do proves
// nothing about permissions.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "host/descriptor.h"

namespace lastgood::test {

// A forked copy of this process that runs `begin`, then stays until it is killed by the destructor.
class OtherProcess {
 public:
  explicit OtherProcess(const std::function<void()>& begin);  // returns once `begin` has
  ~OtherProcess() { Kill(); }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Kill();

 private:
  pid_t pid_ = -1;
};

// What `compute` returns in a forked copy of this process that is user "nobody" (when this process
// is root; else as who we are).
std::string ComputeAsNobody(const std::function<std::string()>& compute);

// Neither gone nor a zombie.
bool IsRunning(pid_t pid);
// Waits, bounded, until that is false; false when it stays true.
bool WaitUntilGone(pid_t pid);

}  // namespace lastgood::test
