// SPDX-License-Identifier: MIT
#include "health/boot_observation.h"

#include <array>

#include "health/boot_watch.h"
#include "health/line_listener.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRomTextMax{500};
constexpr milliseconds kRomTextQuiet{40};  // longer than a USB adapter holds octets back
constexpr milliseconds kFirmwareQuiet{1000};

struct Trial {
  bool other_rate = false;
  int patience = 0;
};
// Rates first: most boards that are not understood are heard.
constexpr std::array kTrials = {Trial{false, 0}, Trial{true, 0}, Trial{false, 2}};

class Observer {
 public:
  Observer(SerialPort& serial_port, BoardLines& lines, Clock& clock, const Interrupt& interrupt,
           Chip chip)
      : line_(serial_port, clock, interrupt), lines_(lines), rom_baud_(RomTextBaud(chip)) {}

  Result<BootObservation> Download();
  Result<BootObservation> Run();

 private:
  Result<bool> TryDownload(const Trial& trial);

  LineListener line_;
  BoardLines& lines_;
  std::uint32_t rom_baud_;
  BootObservation seen_;
};

Result<bool> Observer::TryDownload(const Trial& trial) {
  const std::uint32_t other = rom_baud_ == kRomBaud ? kConsoleBaud : kRomBaud;
  const std::uint32_t rate = trial.other_rate ? other : rom_baud_;
  if (!line_.SetRate(rate)) {
    seen_.rates_refused = true;
    return false;
  }
  TRY_DO(line_.Discard());
  line_.Mark();
  TRY_DO(lines_.Reset(BoardMode::kDownload, trial.patience));
  const Deadline deadline(line_.clock(), kRomTextMax);
  BootLog log;
  while (!deadline.Expired()) {
    TRY(const std::size_t size, line_.Hear(kRomTextQuiet));
    log = ReadBootLog(AsBytes(line_.SinceMark()));
    if (size == 0 && !log.attempts.empty()) break;
  }
  if (log.attempts.empty()) return false;
  seen_.rom_baud = rate;
  seen_.patience = trial.patience;
  seen_.log = std::move(log);
  return true;
}

Result<BootObservation> Observer::Download() {
  for (const Trial& trial : kTrials) {
    // Silence has no rate.
    if (trial.other_rate && line_.transcript().total() == 0) continue;
    TRY(const bool readable, TryDownload(trial));
    if (readable) break;
  }
  seen_.heard = line_.transcript().Text();
  if (!seen_.readable()) seen_.log = ReadBootLog(seen_.heard);
  return std::move(seen_);
}

Result<BootObservation> Observer::Run() {
  BootWatch watch(line_, rom_baud_);
  TRY_DO(watch.Prepare());
  TRY_DO(lines_.Reset(BoardMode::kRun, 0));
  watch.ResetIsDone();
  TRY(seen_.log, watch.UntilUp(kFirmwareQuiet));
  if (BootHasFailed(seen_.log)) {
    TRY(seen_.log, watch.CountResets());
  }
  seen_.heard = line_.transcript().Text();
  if (!seen_.log.attempts.empty()) seen_.rom_baud = rom_baud_;
  return std::move(seen_);
}

}  // namespace

Result<BootObservation> ObserveBoot(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                    const Interrupt& interrupt, Chip chip, BoardMode mode) {
  Observer observer(serial_port, lines, clock, interrupt, chip);
  return mode == BoardMode::kDownload ? observer.Download() : observer.Run();
}

}  // namespace lastgood
