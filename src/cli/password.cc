// SPDX-License-Identifier: MIT
#include "cli/password.h"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "digest/secrets.h"
#include "host/descriptor.h"
#include "host/files.h"
#include "report/print.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kLimit{2};
constexpr milliseconds kSlice{100};  // how long an interrupt may go unnoticed
constexpr std::size_t kPasswordSizeMax = 1024;

// A terminal that does not show what is typed, for as long as this lives.
class SilentTerminal {
 public:
  explicit SilentTerminal(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_silent_ = tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (is_silent_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  int terminal_;
  termios before_{};
  bool is_silent_ = false;
};

std::string FirstLine(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

// One octet at a time: what follows the line is not ours.
Result<std::string> ReadLine(int input, Toolbox& tools) {
  const Deadline deadline(tools.clock, kLimit);
  std::string line;
  while (!deadline.Expired()) {
    TRY_DO(tools.interrupt.Check());
    pollfd waiting{input, POLLIN, 0};
    const auto slice = std::min<milliseconds>(deadline.Remaining(), kSlice);
    if (poll(&waiting, 1, static_cast<int>(slice.count())) <= 0) continue;
    char octet = 0;
    const ssize_t count = RetryOnInterrupt([&] { return read(input, &octet, 1); });
    if (count <= 0 || octet == '\n') return FirstLine(std::move(line));
    if (line.size() == kPasswordSizeMax)
      return Fail(ExitCode::kUsage,
                  fmt::format("the password is longer than {} bytes", kPasswordSizeMax));
    line += octet;
  }
  return Fail(ExitCode::kUsage,
              fmt::format("no password was typed within {} minutes", kLimit.count()));
}

Result<std::string> Ask(const std::string& question, Toolbox& tools) {
  const SignalWatch watch(tools.interrupt);
  const SilentTerminal silent(STDIN_FILENO);
  Print(tools.err, "{}: ", question);
  std::fflush(tools.err);
  Result<std::string> answer = ReadLine(STDIN_FILENO, tools);
  Print(tools.err, "\n");
  return answer;
}

Result<std::string> FromFile(const std::string& name, Toolbox& tools) {
  if (name == "-") {
    const SignalWatch watch(tools.interrupt);
    return ReadLine(STDIN_FILENO, tools);
  }
  const Result<Bytes> content = ReadFile(name, kPasswordSizeMax + 2);
  if (!content) return Fail(ExitCode::kUsage, content.error().message);
  return FirstLine(std::string(AsText(*content)));
}

Result<std::string> FromTerminal(const std::string& of, bool twice, Toolbox& tools) {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    return Fail(ExitCode::kUsage, fmt::format("the secret key '{}' needs a password", of),
                "give it with --password-file FILE, or run this at a terminal");
  }
  TRY(std::string password, Ask(fmt::format("Password of the secret key '{}'", of), tools));
  if (!twice) return password;
  TRY(std::string again, Ask("The same again", tools));
  const bool same = again == password;
  Wipe(again);
  if (!same) return Fail(ExitCode::kUsage, "the two passwords differ");
  return password;
}

}  // namespace

Result<std::string> ReadPassword(const CommandLine& line, const std::string& of, bool twice,
                                 Toolbox& tools) {
  Result<std::string> password = line.password_file.empty() ? FromTerminal(of, twice, tools)
                                                            : FromFile(line.password_file, tools);
  if (password && password->empty())
    return Fail(ExitCode::kUsage, "the password is empty",
                twice ? "--no-password leaves the key unencrypted" : "");
  return password;
}

}  // namespace lastgood
