// SPDX-License-Identifier: MIT
#include "health/boot_watch.h"

#include <algorithm>

#include "health/firmware_words.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBootMax{12000};
constexpr milliseconds kFileSystemMax{60000};
constexpr milliseconds kSlice{30};       // longer than a USB adapter holds octets back
constexpr milliseconds kReadEvery{250};  // reading the log anew costs, a flood must not multiply it
constexpr milliseconds kRomSilence{400};
// Noise brought us back to the ROM's rate: long enough for a whole turn of a boot loop.
constexpr milliseconds kRomSilenceOfLoop{1500};
constexpr milliseconds kAfterPrompt{200};
constexpr milliseconds kFlood{3000};
constexpr milliseconds kCountResetsMax{3000};
constexpr milliseconds kRomTextMax{3000};
// Noise at both rates is a program that speaks at a third one, or in binary: stop changing over.
constexpr int kRomVisitsMax = 6;

bool ConsoleIsReady(const BootLog& log) { return log.prompt || log.at_ready; }

}  // namespace

bool BootHasFailed(const BootLog& log) {
  const FaultKind kind = KindOf(log.fault);
  return log.starts >= kResetsOfALoop || log.download_mode || kind == FaultKind::kRefused ||
         kind == FaultKind::kCrashed;
}

Result<void> BootWatch::Prepare(std::uint32_t baud) {
  TRY_DO(ListenAt(baud == kRomBaud ? rom_baud_ : baud));
  return line_.Discard();
}

void BootWatch::ResetIsDone() { started_ = rate_since_ = last_heard_ = line_.clock().Now(); }

Result<BootLog> BootWatch::UntilUp(milliseconds quiet) {
  const Deadline deadline(line_.clock(), kBootMax);
  const Deadline made(line_.clock(), kFileSystemMax);
  while (!deadline.Expired() || (IsMakingFileSystem(line_.SinceMark()) && !made.Expired())) {
    TRY_DO(HearAndRead());
    if (BootHasFailed(log_)) return log_;
    if (line_.rate() == kRomBaud) {
      if (RomHasFinished()) TRY_DO(ListenAt(kConsoleBaud));
    } else if (line_.HearsNoise() && rom_visits_ < kRomVisitsMax && RomMaySpeakAt(kRomBaud)) {
      TRY_DO(ListenAt(kRomBaud));
    } else if (IsUp(quiet)) {
      return log_;
    }
  }
  if (line_.rate() != kConsoleBaud) TRY_DO(ListenAt(kConsoleBaud));
  return log_;
}

Result<BootLog> BootWatch::UntilSettled(milliseconds settle) {
  const Deadline deadline(line_.clock(), kBootMax + 3 * settle);
  std::size_t resets = 0;
  TimePoint up_since = line_.clock().Now();
  while (!deadline.Expired()) {
    TRY_DO(HearAndRead());
    if (BootHasFailed(log_)) return log_;
    TRY_DO(LeaveNoise());
    if (log_.attempts.size() > resets) up_since = line_.clock().Now();
    resets = log_.attempts.size();
    const bool heard_rom = log_.handed_over();
    const auto up_for = line_.clock().Now() - up_since;
    if (heard_rom ? up_for >= settle : up_for >= kRomTextMax) break;
  }
  return log_;
}

Result<BootLog> BootWatch::CountResets() {
  const Deadline deadline(line_.clock(), kCountResetsMax);
  TRY_DO(ListenAt(readable_at_ != 0 ? readable_at_ : rom_baud_));
  const std::size_t enough = std::max(log_.attempts.size(), kResetsOfALoop + 1);
  while (!deadline.Expired() && log_.attempts.size() < enough) {
    TRY_DO(HearAndRead());
    TRY_DO(LeaveNoise());
  }
  Read();
  return log_;
}

milliseconds BootWatch::Watched() const {
  return std::chrono::round<milliseconds>(line_.clock().Now() - started_);
}

Result<void> BootWatch::ListenAt(std::uint32_t baud) {
  Read();  // what was heard until now was heard at the old rate
  if (baud == kRomBaud) ++rom_visits_;
  if (baud == kRomBaud && !line_.SetRate(baud)) {
    rom_visits_ = kRomVisitsMax;
    baud = kConsoleBaud;
  }
  if (baud == kConsoleBaud) TRY_DO(line_.SetRate(baud));
  rate_since_ = last_heard_ = line_.clock().Now();
  return {};
}

Result<void> BootWatch::HearAndRead() {
  TRY(const std::size_t size, line_.Hear(kSlice));
  const TimePoint now = line_.clock().Now();
  if (size > 0) last_heard_ = now;
  if (size == 0 || now - last_read_ >= kReadEvery) {
    Read();
    last_read_ = now;
  }
  return {};
}

// What is noise before any reset line was read is the ROM at its other rate.
Result<void> BootWatch::LeaveNoise() {
  if (readable_at_ != 0 || !line_.HearsNoise() || rom_visits_ >= kRomVisitsMax) return {};
  return ListenAt(line_.rate() == kRomBaud ? kConsoleBaud : kRomBaud);
}

bool BootWatch::RomMaySpeakAt(std::uint32_t baud) const {
  return readable_at_ == 0 || readable_at_ == baud;
}

bool BootWatch::RomHasFinished() const {
  if (line_.HearsNoise()) return true;
  const bool first_visit = rom_visits_ == 1;
  const bool handed_over = !log_.attempts.empty() && log_.attempts.back().handed_over();
  if (first_visit && handed_over) return QuietFor() >= kSlice;
  return QuietFor() >= (first_visit ? kRomSilence : kRomSilenceOfLoop);
}

bool BootWatch::IsUp(milliseconds quiet) const {
  if (ConsoleIsReady(log_)) return QuietFor() >= kAfterPrompt || AtThisRateFor() >= kFlood;
  // Stopping MicroPython now would leave half of one.
  if (IsMakingFileSystem(line_.SinceMark())) return false;
  return QuietFor() >= quiet || (QuietFor() < kAfterPrompt && AtThisRateFor() >= kFlood);
}

void BootWatch::Read() {
  const std::size_t resets = log_.attempts.size();
  log_ = ReadBootLog(line_.transcript().Text());
  if (log_.attempts.size() > resets) readable_at_ = line_.rate();
}

std::chrono::nanoseconds BootWatch::QuietFor() const { return line_.clock().Now() - last_heard_; }

std::chrono::nanoseconds BootWatch::AtThisRateFor() const {
  return line_.clock().Now() - rate_since_;
}

}  // namespace lastgood
