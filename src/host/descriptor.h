// SPDX-License-Identifier: MIT
// An open file descriptor that closes itself, and the words for what went wrong with one.
#pragma once

#include <cerrno>
#include <string>
#include <utility>

namespace lastgood {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  int Get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  // Closes it; errno survives, so that a failure can be reported after its descriptor is gone.
  void Reset();
  // Hands it over: the caller closes it.
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto RetryOnInterrupt(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// "no such file or directory": the system's words as this project's messages spell them.
std::string ErrnoText(int error);

}  // namespace lastgood
