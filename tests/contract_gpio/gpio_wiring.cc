// SPDX-License-Identifier: MIT
#include "contract_gpio/gpio_wiring.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace lastgood::test {

std::vector<PinRecorder::Edge> PinRecorder::Walk() const {
  std::array<bool, 2> levels = released_;
  std::vector<Edge> edges;
  for (const GpioTrace::Event& event : trace_.Events()) {
    const bool is_reset = event.number == base_ + kReset;
    if ((!is_reset && event.number != base_ + kBoot) || event.what == "out") continue;
    const std::size_t pin = is_reset ? 0 : 1;
    const bool level = event.what == "in" ? released_[pin] : event.what == "1";
    if (levels[pin] != level) edges.push_back({pin, level});
    levels[pin] = level;
  }
  return edges;
}

std::string PinRecorder::Edges() const {
  std::vector<std::string> words;
  for (const Edge& edge : Walk())
    words.push_back(fmt::format("{} {}", edge.pin == 0 ? "reset" : "boot", edge.level ? 1 : 0));
  return fmt::format("{}", fmt::join(words, ", "));
}

bool PinRecorder::Released() const {
  std::array<bool, 2> levels = released_;
  for (const Edge& edge : Walk()) levels[edge.pin] = edge.level;
  return levels == released_;
}

std::vector<std::string> HeldRequests() {
  std::vector<std::string> held;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.starts_with("anon_inode:gpio-line")) held.push_back(target);
  }
  return held;
}

bool UsesFirstInterface() {
  SimulatedChip chip("contract-generation");
  VirtualClock clock;
  const auto lines = Open({{}, "contract-generation", 0}, {{}, "contract-generation", 1}, clock);
  const std::vector<std::string> held = HeldRequests();
  return std::find(held.begin(), held.end(), "anon_inode:gpio-linehandle") != held.end();
}

}  // namespace lastgood::test
