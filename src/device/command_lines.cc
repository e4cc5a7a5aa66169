// SPDX-License-Identifier: MIT
#include "device/command_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace lastgood {
namespace {

constexpr std::size_t kQuotedMax = 200;

std::string_view LastLine(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  text = text.substr(0, text.find_last_not_of(kBlank) + 1);  // npos + 1 is 0: all blank
  text = text.substr(text.find_last_of("\r\n") + 1);
  text = text.substr(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, kQuotedMax);
}

}  // namespace

Result<void> CommandLines::Reset(BoardMode mode, int) {
  const std::vector<std::string>& argv =
      mode == BoardMode::kDownload ? enter_download_ : run_firmware_;
  const Result<ProcessResult> result = runner_.Run({argv, timeout_});
  // To the caller it is the board that can not be reset, whatever the program's trouble.
  if (!result) return Fail(ExitCode::kBoard, result.error().message, result.error().hint);
  if (result->exit_status == 0) return {};
  std::string message =
      fmt::format("'{}' failed with exit status {}", fmt::join(argv, " "), result->exit_status);
  if (const std::string_view words = LastLine(result->standard_error); !words.empty())
    message += fmt::format(": {}", words);
  return Fail(ExitCode::kBoard, message,
              mode == BoardMode::kDownload ? "check enter_download in [board.lines]"
                                           : "check run_firmware in [board.lines]");
}

std::string CommandLines::Name() const {
  return enter_download_.empty() ? "command" : fmt::format("command '{}'", enter_download_[0]);
}

}  // namespace lastgood
