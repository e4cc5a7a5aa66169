// SPDX-License-Identifier: MIT
#include "device/reset_sequence.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

// Boot before reset, so that no edge of reset finds the boot line in motion.
constexpr std::array<ResetStep, 4> Download(milliseconds reset_hold, milliseconds boot_hold) {
  return {{{false, true, milliseconds(1)},
           {true, true, reset_hold},
           {false, true, boot_hold},
           {false, false, milliseconds(0)}}};
}

constexpr std::array<ResetStep, 2> Run(milliseconds reset_hold) {
  return {{{true, false, reset_hold}, {false, false, milliseconds(0)}}};
}

constexpr std::array<ResetStep, 5> ModemDownload(milliseconds boot_hold) {
  return {{{false, false, milliseconds(0)},
           {true, true, milliseconds(0)},
           {true, false, milliseconds(100)},
           {false, true, boot_hold},
           {false, false, milliseconds(0)}}};
}

// Milliseconds are ample for a bare chip; the last row is for an enable pin behind a large
// capacitor, which needs its RC time to fall and to rise.
constexpr std::array kDownload = {
    Download(milliseconds(20), milliseconds(50)),
    Download(milliseconds(100), milliseconds(50)),
    Download(milliseconds(500), milliseconds(550)),
};
constexpr std::array kModemDownload = {
    ModemDownload(milliseconds(50)),
    ModemDownload(milliseconds(550)),
};
constexpr std::array kRun = {Run(milliseconds(20)), Run(milliseconds(100)), Run(milliseconds(500))};

template <class Table>
std::span<const ResetStep> Row(const Table& table, int patience) {
  return table[static_cast<std::size_t>(
      std::clamp(patience, 0, static_cast<int>(table.size()) - 1))];
}

Result<void> PlaySteps(std::span<const ResetStep> sequence, Clock& clock, const SetLines& set) {
  for (const ResetStep& step : sequence) {
    TRY_DO(set(step.reset_asserted, step.boot_asserted));
    clock.SleepFor(step.hold);
  }
  return {};
}

}  // namespace

std::span<const ResetStep> DownloadSequence(int patience) { return Row(kDownload, patience); }
std::span<const ResetStep> RunSequence(int patience) { return Row(kRun, patience); }
std::span<const ResetStep> ModemDownloadSequence(int patience) {
  return Row(kModemDownload, patience);
}
std::span<const ResetStep> SequenceFor(BoardMode mode, int patience) {
  return mode == BoardMode::kDownload ? DownloadSequence(patience) : RunSequence(patience);
}

Result<void> PlaySequence(std::span<const ResetStep> sequence, Clock& clock, const SetLines& set) {
  Result<void> played = PlaySteps(sequence, clock, set);
  const bool released = played.has_value() && !sequence.empty() &&
                        !sequence.back().reset_asserted && !sequence.back().boot_asserted;
  if (released) return played;
  const Result<void> release = set(false, false);
  return played ? release : played;
}

}  // namespace lastgood
