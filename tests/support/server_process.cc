// SPDX-License-Identifier: MIT
#include "support/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace lastgood::test {
namespace {

constexpr int kStartLimitMs = 30'000;

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  }
};

pid_t Spawn(const std::vector<std::string>& argv, int standard_input, int standard_output) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_output, STDOUT_FILENO);
  pid_t process = -1;
  const int error = posix_spawn(&process, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + argv[0]);
  return process;
}

// A developer's proxy settings are not for loopback.
void KeepProxiesOut() { ::setenv("no_proxy", "127.0.0.1,localhost", 1); }

// Empty when the program ended or said nothing in time.
std::string ReadLine(int descriptor) {
  std::string line;
  char c = 0;
  pollfd waiting{descriptor, POLLIN, 0};
  while (::poll(&waiting, 1, kStartLimitMs) == 1 && ::read(descriptor, &c, 1) == 1) {
    if (c == '\n') return line;
    line += c;
  }
  return {};
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& argv) {
  KeepProxiesOut();
  const Pipe input;
  const Pipe output;
  standard_input_ = input.ends[1];
  process_ = Spawn(argv, input.ends[0], output.ends[1]);
  ::close(input.ends[0]);
  ::close(output.ends[1]);
  root_ = ReadLine(output.ends[0]);
  ::close(output.ends[0]);
  if (!root_.empty()) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(standard_input_);
  throw std::runtime_error("no server: " + argv[0]);
}

ServerProcess::~ServerProcess() {
  ::close(standard_input_);
  ::waitpid(process_, nullptr, 0);
}

std::string ServerProcess::Url(std::string_view path) const {
  return fmt::format("{}/{}", root_, path);
}

// The kernel hands out a free tcp_port; with the socket bound and never listening, it refuses.
std::string RefusingUrl() {
  KeepProxiesOut();
  static const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // Fails from the second call on, when it is bound already.
  (void)::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return fmt::format("http://127.0.0.1:{}/a.bin", ntohs(address.sin_port));
}

}  // namespace lastgood::test
