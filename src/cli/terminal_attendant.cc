// SPDX-License-Identifier: MIT
#include "cli/terminal_attendant.h"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "host/descriptor.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kLimit{2};
constexpr milliseconds kSlice{100};  // how long an interrupt may go unnoticed

tl::unexpected<Error> FailUnanswered(std::string_view why) {
  return Fail(ExitCode::kRefused, fmt::format("nobody pressed the board's buttons: {}", why));
}

}  // namespace

void TerminalAttendant::Show(const std::string& text) const {
  // A terminal that takes nothing shows nothing: then nobody will press Enter either.
  static_cast<void>(RetryOnInterrupt([&] { return write(output_, text.data(), text.size()); }));
}

Result<void> TerminalAttendant::AwaitEnter() {
  const Deadline deadline(clock_, kLimit);
  while (!deadline.Expired()) {
    TRY_DO(interrupt_.Check());
    pollfd waiting{input_, POLLIN, 0};
    const auto slice = std::min<milliseconds>(deadline.Remaining(), kSlice);
    if (poll(&waiting, 1, static_cast<int>(slice.count())) <= 0) continue;
    // The terminal hands over whole lines.
    std::array<char, 256> line;
    const ssize_t count = RetryOnInterrupt([&] { return read(input_, line.data(), line.size()); });
    if (count <= 0) return FailUnanswered("the terminal's input has ended");
    if (line[static_cast<std::size_t>(count) - 1] == '\n') return {};
  }
  return FailUnanswered(fmt::format("no Enter within {} minutes", kLimit.count()));
}

Result<void> TerminalAttendant::Ask(const HandRequest& request) {
  const std::scoped_lock one_question(one_question_);
  tcflush(input_, TCIFLUSH);  // an Enter from before is no answer
  // On a line of its own, whatever progress stands on this one.
  Show(fmt::format("\r\n{}\n(then press Enter; Ctrl-C gives up) ", request.text));
  Result<void> answered = AwaitEnter();
  if (!answered) Show("\n");
  return answered;
}

}  // namespace lastgood
