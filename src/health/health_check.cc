// SPDX-License-Identifier: MIT
// The order of a check: boot log, proof, version, the manifest's commands, settling, and whether
// what was left in the firmware's memory is still there. Whatever fails, the board is listened to
// at the ROM's rate once more before judgement: a board that resets explains itself there.
#include "health/health_check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "health/at_console.h"
#include "health/boot_watch.h"
#include "health/firmware_version.h"
#include "health/line_listener.h"
#include "health/micropython_console.h"
#include "health/verdict.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCommandMax{10000};
constexpr milliseconds kSettleSlice{250};
constexpr milliseconds kLateQuiet{20};
constexpr milliseconds kLateMax{500};
// How long the line may be quiet before it is asked: a program may run in MicroPython, while AT
// firmware announces itself within three seconds.
constexpr milliseconds kMicropythonQuiet{1000};
constexpr milliseconds kAtQuiet{3000};

class HealthCheck {
 public:
  HealthCheck(LineListener& line, BoardLines& lines, const HealthSpec& spec,
              std::uint32_t nonce_seed, std::uint32_t rom_baud)
      : line_(line), lines_(lines), spec_(spec), nonce_seed_(nonce_seed), watch_(line, rom_baud) {}

  Result<HealthVerdict> Run();

 private:
  Result<HealthVerdict> CheckBootLog();
  Result<HealthVerdict> CheckConsole();
  Result<HealthVerdict> CheckOpened(FirmwareConsole& console);
  Result<std::optional<HealthVerdict>> RunCommands(FirmwareConsole& console);
  Result<bool> StaysUp(FirmwareConsole& console);
  Result<HealthVerdict> LateCrash(std::string_view version);
  Result<HealthVerdict> WithoutConsole(const std::string& expected, std::string_view heard);
  Result<std::optional<HealthVerdict>> FindOther(const std::string& expected);
  bool HeardOwnWordsOnly() const;
  bool ShowsReset(std::string_view heard) const;
  std::unique_ptr<FirmwareConsole> MakeConsole(HealthKind kind) const;

  LineListener& line_;
  BoardLines& lines_;
  const HealthSpec& spec_;
  std::uint32_t nonce_seed_;
  BootWatch watch_;
  BootLog log_;
};

Result<HealthVerdict> HealthCheck::Run() {
  // A person presses a button and then says so: by that time it is the application that talks.
  const bool late = lines_.MovedBy() != LinesMover::kHost && spec_.kind != HealthKind::kBootLog;
  TRY_DO(watch_.Prepare(late ? kConsoleBaud : kRomBaud));
  TRY_DO(lines_.Reset(BoardMode::kRun, 0));
  if (late) {
    // What of it is noise was the ROM's, and no reason to listen at the ROM's rate now.
    TRY_DO(line_.HearUntilQuiet(kLateQuiet, kLateMax));
    TRY_DO(line_.SetRate(kConsoleBaud));
  }
  watch_.ResetIsDone();
  switch (spec_.kind) {
    case HealthKind::kMicropython:
    case HealthKind::kAt:
      return CheckConsole();
    case HealthKind::kBootLog:
      return CheckBootLog();
    case HealthKind::kNone:
      break;
  }
  HealthVerdict verdict;
  verdict.health = Health::kHealthy;
  verdict.summary = "not checked";
  return verdict;
}

std::unique_ptr<FirmwareConsole> HealthCheck::MakeConsole(HealthKind kind) const {
  if (kind == HealthKind::kAt) return std::make_unique<AtConsole>(line_);
  return std::make_unique<MicropythonConsole>(line_, nonce_seed_);
}

Result<HealthVerdict> HealthCheck::CheckBootLog() {
  TRY(log_, watch_.UntilSettled(spec_.settle));
  if (BootHasFailed(log_)) return VerdictOfFailedBoot(log_, watch_.Watched());
  if (log_.attempts.empty() || !log_.attempts.back().handed_over())
    return VerdictOfNoConsole(log_, {.console = "ROM loader", .heard = {}, .own_words = false});
  return VerdictOfSettledBoot(log_, spec_.settle);
}

Result<HealthVerdict> HealthCheck::CheckConsole() {
  TRY(log_, watch_.UntilUp(spec_.kind == HealthKind::kAt ? kAtQuiet : kMicropythonQuiet));
  if (BootHasFailed(log_)) {
    if (log_.fault == BootFault::kException || log_.looping) {
      TRY(log_, watch_.CountResets());
    }
    return VerdictOfFailedBoot(log_, watch_.Watched());
  }
  const std::unique_ptr<FirmwareConsole> console = MakeConsole(spec_.kind);
  // It could be interrupted and would answer, until the next reset.
  if (const Bytes all = line_.transcript().Text(); SaysFileSystemIsCorrupt(AsText(all)))
    return VerdictOfNoConsole(
        log_, {.console = console->Name(), .heard = AsText(all), .own_words = false});
  const std::size_t heard_before = line_.transcript().total();
  TRY(const bool open, console->Open(log_.prompt));
  if (!open) {
    const Bytes all = line_.transcript().Text();
    const std::size_t since = std::min(line_.transcript().total() - heard_before, all.size());
    return WithoutConsole(console->Name(), AsText(all).substr(all.size() - since));
  }
  TRY(HealthVerdict verdict, CheckOpened(*console));
  if (console->stopped_program()) TRY_DO(lines_.Reset(BoardMode::kRun, 0));
  return verdict;
}

Result<HealthVerdict> HealthCheck::CheckOpened(FirmwareConsole& console) {
  TRY(std::string version, console.ReadVersion());
  if (version.empty()) version = VersionOfBanner(log_.banner);
  if (!VersionMatches(spec_.version, version))
    return VerdictOfWrongVersion(console.Name(), version, spec_.version);
  TRY(auto failed, RunCommands(console));
  if (failed) return *std::move(failed);
  TRY_DO(console.LeaveMark());
  TRY(const bool up, StaysUp(console));
  if (!up) return LateCrash(version);
  TRY_DO(console.Close());
  return VerdictOfProof(console.Name(), version, spec_.settle);
}

Result<std::optional<HealthVerdict>> HealthCheck::RunCommands(FirmwareConsole& console) {
  for (const HealthCommand& command : spec_.run) {
    TRY(const auto answer, console.Execute(command.code, kCommandMax));
    if (!answer && ShowsReset(line_.SinceMark())) {
      TRY(HealthVerdict verdict, LateCrash(""));
      return verdict;
    }
    const std::string printed = answer ? answer->output + answer->error : std::string();
    if (!answer || !answer->error.empty() ||
        answer->output.find(command.expect) == std::string::npos)
      return VerdictOfFailedCommand(command, printed);
  }
  return std::nullopt;
}

Result<bool> HealthCheck::StaysUp(FirmwareConsole& console) {
  TRY_DO(line_.HearUntilQuiet(kSettleSlice, 2 * kSettleSlice));
  line_.Mark();
  const Deadline settled(line_.clock(), spec_.settle);
  while (!settled.Expired()) {
    TRY_DO(line_.Pause(std::min(settled.Remaining(), kSettleSlice)));
    if (ShowsReset(line_.SinceMark())) return false;
  }
  TRY(const bool there, console.MarkIsThere());
  if (there) return true;
  // One lost octet must not condemn a firmware; a reset has wiped the mark out for good.
  return console.MarkIsThere();
}

bool HealthCheck::ShowsReset(std::string_view heard) const {
  const BootLog log = ReadBootLog(AsBytes(heard));
  const bool greets_again = spec_.kind == HealthKind::kAt ? log.at_ready : !log.banner.empty();
  return greets_again || !log.attempts.empty() || log.fault == BootFault::kException;
}

Result<HealthVerdict> HealthCheck::LateCrash(std::string_view version) {
  TRY(log_, watch_.CountResets());
  return VerdictOfLateCrash(log_, watch_.Watched(), version);
}

Result<HealthVerdict> HealthCheck::WithoutConsole(const std::string& expected,
                                                  std::string_view heard) {
  NoConsole facts{.console = expected, .heard = heard, .own_words = HeardOwnWordsOnly()};
  if (facts.own_words) return VerdictOfNoConsole(log_, facts);
  if (!heard.empty()) {
    TRY(auto other, FindOther(expected));
    if (other) return *std::move(other);
  }
  TRY(log_, watch_.CountResets());
  if (BootHasFailed(log_) || log_.looping) return VerdictOfFailedBoot(log_, watch_.Watched());
  return VerdictOfNoConsole(log_, facts);
}

Result<std::optional<HealthVerdict>> HealthCheck::FindOther(const std::string& expected) {
  TRY_DO(line_.SetRate(kConsoleBaud));
  const auto other =
      MakeConsole(spec_.kind == HealthKind::kAt ? HealthKind::kMicropython : HealthKind::kAt);
  TRY(const bool open, other->Open(log_.prompt));
  if (!open) return std::nullopt;
  TRY(const std::string version, other->ReadVersion());
  return VerdictOfOtherFirmware(other->Name(), version, expected);
}

bool HealthCheck::HeardOwnWordsOnly() const {
  constexpr std::size_t kEnoughToTell = 4;
  const Bytes heard = line_.transcript().Text();
  const std::string_view first = AsText(heard).substr(0, line_.Sent().size());
  return first.size() >= kEnoughToTell && line_.Sent().starts_with(first);
}

}  // namespace

Result<HealthVerdict> CheckHealth(SerialPort& serial_port, BoardLines& lines, Clock& clock,
                                  const HealthSpec& spec, std::uint32_t nonce_seed,
                                  const Interrupt& interrupt, Chip chip) {
  LineListener line(serial_port, clock, interrupt);
  HealthCheck check(line, lines, spec, nonce_seed, RomTextBaud(chip));
  TRY(HealthVerdict verdict, check.Run());
  verdict.transcript = line.transcript().Text();
  return verdict;
}

}  // namespace lastgood
