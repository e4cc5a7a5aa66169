// SPDX-License-Identifier: MIT
#include "device/reset_sequence.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNoTime{0};

// Boot before reset, so that no edge of reset finds the boot line in motion (section 11.2).
constexpr std::array<ResetStep, 4> DirectDownload(milliseconds reset_hold, milliseconds boot_hold) {
  return {{{false, true, milliseconds(1)},
           {true, true, reset_hold},
           {false, true, boot_hold},
           {false, false, kNoTime}}};
}

// "unix tight" (section 11.1).
constexpr std::array<ResetStep, 5> TransistorDownload(milliseconds reset_hold,
                                                      milliseconds boot_hold) {
  return {{{false, false, kNoTime},
           {true, true, kNoTime},
           {true, false, reset_hold},
           {false, true, boot_hold},
           {false, false, kNoTime}}};
}

constexpr std::array<ResetStep, 5> UsbJtagDownload(milliseconds hold) {
  return {{{false, false, hold},
           {false, true, hold},
           {true, true, kNoTime},
           {true, false, hold},
           {false, false, kNoTime}}};
}

// The time behind it is the USB-Serial-JTAG unit's: it is busy with the reset.
constexpr std::array<ResetStep, 2> Run(milliseconds reset_hold, milliseconds rest = kNoTime) {
  return {{{true, false, reset_hold}, {false, false, rest}}};
}

// Milliseconds are ample for a bare chip; the last rows are for an enable pin behind a large
// capacitor, which needs its RC time to fall and, through its pull-up, much longer to rise.
constexpr std::array kDirectDownload = {
    DirectDownload(milliseconds(20), milliseconds(50)),
    DirectDownload(milliseconds(100), milliseconds(50)),
    DirectDownload(milliseconds(500), milliseconds(550)),
};
constexpr std::array kTransistorDownload = {
    TransistorDownload(milliseconds(100), milliseconds(50)),
    TransistorDownload(milliseconds(100), milliseconds(550)),
    TransistorDownload(milliseconds(500), milliseconds(1050)),
};
constexpr std::array kUsbJtagDownload = {UsbJtagDownload(milliseconds(100)),
                                         UsbJtagDownload(milliseconds(200))};
constexpr std::array kDirectRun = {Run(milliseconds(20)), Run(milliseconds(100)),
                                   Run(milliseconds(500))};
constexpr std::array kTransistorRun = {Run(milliseconds(100)), Run(milliseconds(500))};
constexpr std::array kUsbJtagRun = {Run(milliseconds(200), milliseconds(200)),
                                    Run(milliseconds(500), milliseconds(200))};

template <class Table>
std::span<const ResetStep> Row(const Table& table, int patience) {
  return table[static_cast<std::size_t>(
      std::clamp(patience, 0, static_cast<int>(table.size()) - 1))];
}

std::span<const ResetStep> DownloadSequence(SequenceName name, int patience) {
  switch (name) {
    case SequenceName::kDirect:
      return Row(kDirectDownload, patience);
    case SequenceName::kTwoTransistor:
      return Row(kTransistorDownload, patience);
    case SequenceName::kUsbJtag:
      break;
  }
  return Row(kUsbJtagDownload, patience);
}

std::span<const ResetStep> RunSequence(SequenceName name, int patience) {
  switch (name) {
    case SequenceName::kDirect:
      return Row(kDirectRun, patience);
    case SequenceName::kTwoTransistor:
      return Row(kTransistorRun, patience);
    case SequenceName::kUsbJtag:
      break;
  }
  return Row(kUsbJtagRun, patience);
}

Result<void> PlaySteps(std::span<const ResetStep> sequence, Clock& clock, const SetLines& set) {
  for (const ResetStep& step : sequence) {
    TRY_DO(set(step.reset_asserted, step.boot_asserted));
    clock.SleepFor(step.hold);
  }
  return {};
}

}  // namespace

std::span<const ResetStep> SequenceFor(BoardMode mode, int patience, SequenceName name) {
  return mode == BoardMode::kDownload ? DownloadSequence(name, patience)
                                      : RunSequence(name, patience);
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
