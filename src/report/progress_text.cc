// SPDX-License-Identifier: MIT
#include "report/progress_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/units.h"
#include "report/display_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kBarMin = 8;
constexpr std::size_t kBarMax = 20;
constexpr std::string_view kGap = "  ";

std::string Bar(int percent, std::size_t length) {
  const std::size_t full = length * static_cast<std::size_t>(percent) / 100;
  return fmt::format("[{}{}]", std::string(full, '#'), std::string(length - full, '.'));
}

}  // namespace

int Percent(const ProgressEvent& event) {
  if (event.bytes_total == 0 || event.bytes_done > event.bytes_total) return -1;
  const double part =
      static_cast<double>(event.bytes_done) / static_cast<double>(event.bytes_total);
  // 100 % is said of all bytes only, however large their number.
  if (event.bytes_done == event.bytes_total) return 100;
  return std::min(static_cast<int>(part * 100.0), 99);
}

std::string FormatTimeLeft(std::chrono::seconds left) {
  const auto seconds = left.count();
  if (seconds < 100) return fmt::format("{} s", seconds);
  if (seconds < 100 * 60) return fmt::format("{} min", (seconds + 59) / 60);
  return fmt::format("{} h", (seconds + 3599) / 3600);
}

std::vector<std::string> ProgressFacts(const ProgressEvent& event, const RateMeter& meter) {
  std::vector<std::string> facts;
  const int percent = Percent(event);
  const std::string done = FormatByteCount(event.bytes_done);
  if (percent >= 0) facts.push_back(fmt::format("{} %", percent));
  facts.push_back(percent >= 0 ? fmt::format("{} of {}", done, FormatByteCount(event.bytes_total))
                               : done);
  if (const auto rate = meter.BytesPerSecond())
    facts.push_back(fmt::format("{}/s", FormatByteCount(*rate)));
  if (const auto left = meter.TimeLeft(event.bytes_total); left && percent >= 0)
    facts.push_back(fmt::format("{} left", FormatTimeLeft(*left)));
  return facts;
}

std::string ProgressBar(const ProgressEvent& event, const RateMeter& meter, std::size_t width) {
  std::vector<std::string> facts = ProgressFacts(event, meter);
  std::string text = fmt::format("{}", fmt::join(facts, kGap));
  while (facts.size() > 1 && DisplayWidth(text) > width) {
    facts.pop_back();
    text = fmt::format("{}", fmt::join(facts, kGap));
  }
  if (DisplayWidth(text) > width) return {};
  const std::size_t brackets_and_gap = 2 + kGap.size();
  const std::size_t room = width - DisplayWidth(text);
  if (Percent(event) < 0 || room < kBarMin + brackets_and_gap) return text;
  const std::size_t length = std::min(room - brackets_and_gap, kBarMax);
  return fmt::format("{}{}{}", Bar(Percent(event), length), kGap, text);
}

}  // namespace lastgood
