// SPDX-License-Identifier: MIT
#include "device/no_lines.h"

#include <fmt/format.h>

#include <string_view>

namespace lastgood {
namespace {

constexpr std::string_view kIntoLoader =
    "hold the board's boot button (GPIO0, FLASH), press and release its reset button, then let go "
    "of the boot button";
constexpr std::string_view kIntoFirmware =
    "press and release the board's reset button, or take its power away and give it back";

}  // namespace

Result<void> NoLines::Reset(BoardMode mode, int patience) {
  const bool download = mode == BoardMode::kDownload;
  const std::string_view what = download ? kIntoLoader : kIntoFirmware;
  if (attendant_ == nullptr)
    return Fail(ExitCode::kRefused,
                download ? "cannot put the board into its loader: no reset and boot lines are "
                           "wired to this host"
                         : "cannot reset the board into its firmware: no reset line is wired to "
                           "this host",
                std::string(what));
  const std::string_view before = patience > 0 ? "no loader answered; once more: " : "";
  Result<void> asked = attendant_->Ask({mode, fmt::format("{}: {}{}", device_, before, what)});
  if (asked || asked.error().code != ExitCode::kRefused) return asked;
  attendant_ = nullptr;  // whoever went away is not waited for again
  return Fail(ExitCode::kRefused, asked.error().message, std::string(what));
}

}  // namespace lastgood
