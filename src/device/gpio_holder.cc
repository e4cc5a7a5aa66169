// SPDX-License-Identifier: MIT
// A request is an open file of its own. One made through the second interface of the kernel tells
// in fdinfo which chip and lines it holds; one made through the first is only known to be one.
#include "device/gpio_holder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace lastgood {
namespace {

namespace fs = std::filesystem;

enum class Match { kNone, kChip, kSomeLines, kThisLine };

// "gpio-chip:\tgpiochip0\ngpio-line:\t17\n"
Match MatchOfRequest(const fs::path& info, const GpioPlace& place) {
  std::ifstream file(info);
  std::string line, chip;
  bool has_line = false;
  while (std::getline(file, line)) {
    constexpr std::string_view kChip = "gpio-chip:\t";
    if (line.starts_with(kChip)) chip = line.substr(kChip.size());
    if (line == fmt::format("gpio-line:\t{}", place.offset)) has_line = true;
  }
  if (chip.empty()) return Match::kSomeLines;
  return chip == place.chip && has_line ? Match::kThisLine : Match::kNone;
}

Match MatchOfDescriptor(const fs::path& process, const fs::path& descriptor,
                        const GpioPlace& place) {
  std::error_code gone;
  const std::string target = fs::read_symlink(descriptor, gone).string();
  if (target == place.path) return Match::kChip;
  if (target == "anon_inode:gpio-linehandle" || target == "anon_inode:gpio-event" ||
      target == "anon_inode:gpio-line")
    return MatchOfRequest(process / "fdinfo" / descriptor.filename(), place);
  return Match::kNone;
}

// Processes and their descriptors come and go while we look: whatever can not be read is skipped.
Match MatchOfProcess(const fs::path& process, const GpioPlace& place) {
  Match best = Match::kNone;
  std::error_code error;
  fs::directory_iterator descriptor(process / "fd", error);
  for (; !error && descriptor != fs::directory_iterator(); descriptor.increment(error))
    best = std::max(best, MatchOfDescriptor(process, descriptor->path(), place));
  return best;
}

std::optional<pid_t> ParsePid(const std::string& name) {
  pid_t pid = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, pid);
  if (parsed.ec != std::errc() || parsed.ptr != end || pid <= 0) return std::nullopt;
  return pid;
}

}  // namespace

std::optional<GpioHolder> FindGpioHolder(const GpioPlace& place, const std::string& processes) {
  std::optional<GpioHolder> holder;
  Match best = Match::kNone;
  std::error_code error;
  fs::directory_iterator process(processes, error);
  for (; !error && process != fs::directory_iterator(); process.increment(error)) {
    const std::optional<pid_t> pid = ParsePid(process->path().filename().string());
    if (!pid || *pid == getpid()) continue;
    const Match match = MatchOfProcess(process->path(), place);
    if (match <= best) continue;
    best = match;
    holder = GpioHolder{*pid, match == Match::kThisLine};
  }
  return holder;
}

}  // namespace lastgood
