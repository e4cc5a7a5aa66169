// SPDX-License-Identifier: MIT
// A server for tests: a program that ends with its object, and with the test program however it
// ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace lastgood::test {

// A program that prints its URL and serves until its standard input closes.
class ServerProcess {
 public:
  // Throws std::runtime_error when the program does not start: what it said is on standard error.
  explicit ServerProcess(const std::vector<std::string>& argv);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // "a.bin" to "http://127.0.0.1:40123/a.bin".
  std::string Url(std::string_view path) const;

 private:
  pid_t process_ = -1;
  int standard_input_ = -1;
  std::string root_;
};

// A URL on loopback where nobody listens.
std::string RefusingUrl();

}  // namespace lastgood::test
