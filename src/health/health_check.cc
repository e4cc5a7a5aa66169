// SPDX-License-Identifier: MIT
// The order of a check: boot log, proof, name and version, the manifest's expectations, settling,
// and whether what was left in the firmware's memory is still there. A board that resets itself
// while it settles, without naming a fault, is asked all that once more. Whatever fails, the board
// is listened to at the ROM's rate before judgement: a board that resets explains itself there.
#include "health/health_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "health/at_console.h"
#include "health/boot_watch.h"
#include "health/expectations.h"
#include "health/firmware_version.h"
#include "health/firmware_words.h"
#include "health/line_listener.h"
#include "health/micropython_console.h"
#include "health/readable_text.h"
#include "health/verdict.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSettleSlice{250};
constexpr milliseconds kLateQuiet{20};
constexpr milliseconds kLateMax{500};
// How long the line may be quiet before it is asked: a program may run in MicroPython, while AT
// firmware announces itself within three seconds.
constexpr milliseconds kMicropythonQuiet{1000};
constexpr milliseconds kAtQuiet{3000};
// Console rates that are met besides the usual one, the likeliest first.
constexpr std::array<std::uint32_t, 8> kOtherRates = {9600,  57600,  74880,  38400,
                                                      19200, 230400, 460800, 921600};
constexpr milliseconds kKnockMax{400};

// An echo, some of whose octets may have been lost on the way.
bool IsPartOf(std::string_view echo, std::string_view sent) {
  std::size_t at = 0;
  for (const char c : echo) {
    at = sent.find(c, at);
    if (at == std::string_view::npos) return false;
    ++at;
  }
  return true;
}

bool NamesFault(const BootLog& log) {
  return log.fault != BootFault::kNone &&
         (log.fault != BootFault::kUnknown || !log.fault_line.empty());
}

class HealthCheck {
 public:
  HealthCheck(LineListener& line, BoardLines& lines, const HealthSpec& spec,
              std::uint32_t nonce_seed, std::uint32_t rom_baud)
      : line_(line),
        lines_(lines),
        spec_(spec),
        nonce_seed_(nonce_seed),
        rom_baud_(rom_baud),
        watch_(line, rom_baud) {}

  Result<HealthVerdict> Run();

 private:
  Result<HealthVerdict> CheckBootLog();
  Result<HealthVerdict> CheckConsole();
  Result<HealthVerdict> FailedBoot();
  Result<bool> Open(FirmwareConsole& console);
  Result<HealthVerdict> CheckOpened(FirmwareConsole& console);
  Result<std::optional<HealthVerdict>> Examine(FirmwareConsole& console);
  Result<std::optional<HealthVerdict>> CheckExpectations(FirmwareConsole& console);
  Result<std::optional<HealthVerdict>> Ask(FirmwareConsole& console,
                                           const Expectation& expectation);
  Result<bool> StaysUp(FirmwareConsole& console);
  bool ShowsReset(std::string_view heard) const;
  struct Aftermath {
    bool fault = false;  // it named one
    bool again = false;  // it has reset itself once more
    bool soft = false;   // the interpreter did, not the chip
    bool came_back = false;
  };
  Result<Aftermath> SeeAftermath(FirmwareConsole& console);
  HealthVerdict LateCrash(const Aftermath& aftermath, bool repeated) const;
  Result<HealthVerdict> WithoutConsole(const FirmwareConsole& console, std::size_t heard_before);
  Result<std::optional<HealthVerdict>> FindOther(const FirmwareConsole& console);
  bool HeardOwnWordsOnly() const;
  std::string HeardSince(std::size_t total) const;
  std::unique_ptr<FirmwareConsole> MakeConsole(HealthKind kind) const;

  LineListener& line_;
  BoardLines& lines_;
  const HealthSpec& spec_;
  std::uint32_t nonce_seed_;
  std::uint32_t rom_baud_;
  BootWatch watch_;
  BootLog log_;
  std::uint32_t console_baud_ = kConsoleBaud;
  std::string version_;  // what the board said last
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
  if (!log_.handed_over())
    return VerdictOfNoConsole(log_, {.console = "ROM loader", .heard = {}, .own_words = false});
  HealthVerdict verdict = VerdictOfSettledBoot(log_, spec_.settle);
  if (log_.attempts.size() > 1) verdict.notes.push_back("reset itself once, and came back");
  return verdict;
}

Result<HealthVerdict> HealthCheck::CheckConsole() {
  TRY(log_, watch_.UntilUp(spec_.kind == HealthKind::kAt ? kAtQuiet : kMicropythonQuiet));
  if (BootHasFailed(log_)) return FailedBoot();
  const std::unique_ptr<FirmwareConsole> console = MakeConsole(spec_.kind);
  // It could be interrupted and would answer, until the next reset.
  if (const std::string heard = HeardSince(0); SaysFileSystemIsCorrupt(heard))
    return VerdictOfNoConsole(log_,
                              {.console = console->Name(), .heard = heard, .own_words = false});
  const std::size_t heard_before = line_.transcript().total();
  TRY(const bool open, Open(*console));
  if (!open) return WithoutConsole(*console, heard_before);
  TRY(HealthVerdict verdict, CheckOpened(*console));
  if (verdict.firmware.empty()) verdict.firmware = console->Product();
  if (console_baud_ != kConsoleBaud)
    verdict.notes.push_back(fmt::format("answers at {} baud", console_baud_));
  if (console->stopped_program()) TRY_DO(lines_.Reset(BoardMode::kRun, 0));
  return verdict;
}

Result<HealthVerdict> HealthCheck::FailedBoot() {
  const ProductName greeting = NameInGreetings(HeardSince(0));
  if (greeting.product == kRomBasic) return VerdictOfGreeting(log_, greeting, {});
  if (KindOf(log_.fault) == FaultKind::kCrashed || log_.looping) {
    TRY(log_, watch_.CountResets());
  }
  return VerdictOfFailedBoot(log_, watch_.Watched());
}

// Where nothing readable answers, the console may run at another rate.
Result<bool> HealthCheck::Open(FirmwareConsole& console) {
  const std::size_t heard_before = line_.transcript().total();
  TRY(const bool open, console.Open(log_.prompt));
  if (open) return true;
  if (HasWords(HeardSince(heard_before)) || HeardOwnWordsOnly()) return false;
  for (const std::uint32_t rate : kOtherRates) {
    if (!line_.SetRate(rate)) continue;  // the device cannot
    TRY(const bool answers, console.Knock(kKnockMax));
    if (!answers) continue;
    TRY(const bool proven, console.Open(false));
    if (!proven) continue;
    console_baud_ = rate;
    return true;
  }
  TRY_DO(line_.SetRate(console_baud_));
  return false;
}

Result<HealthVerdict> HealthCheck::CheckOpened(FirmwareConsole& console) {
  const TimePoint answered = line_.clock().Now();
  std::vector<std::string> notes;
  while (true) {
    TRY(auto failed, Examine(console));
    if (failed) return *std::move(failed);
    TRY_DO(console.LeaveMark());
    TRY(const bool up, StaysUp(console));
    if (up) break;
    const auto after = std::chrono::round<std::chrono::seconds>(line_.clock().Now() - answered);
    TRY(const Aftermath aftermath, SeeAftermath(console));
    const bool repeated = aftermath.again || !notes.empty();
    if (aftermath.fault || repeated || !aftermath.came_back) return LateCrash(aftermath, repeated);
    notes.push_back(fmt::format("{} once {} s after it answered, and came back",
                                aftermath.soft ? "restarted its interpreter" : "reset itself",
                                after.count()));
  }
  TRY_DO(console.Close());
  HealthVerdict verdict = VerdictOfProof(console.Name(), version_, spec_.settle);
  verdict.notes = std::move(notes);
  return verdict;
}

// nullopt: it is who it should be, and as it should be.
Result<std::optional<HealthVerdict>> HealthCheck::Examine(FirmwareConsole& console) {
  TRY(ProductName name, console.Identify());
  if (name.product != console.Product())
    return VerdictOfOtherFirmware(name.product, name.version, console.Product());
  if (name.version.empty()) name.version = VersionOfBanner(log_.banner);
  version_ = std::move(name.version);
  if (!VersionMatches(spec_.version, version_)) {
    // One lost octet makes another version.
    TRY(ProductName again, console.Identify());
    if (again.product != console.Product() || !VersionMatches(spec_.version, again.version))
      return VerdictOfWrongVersion(console.Name(), version_, spec_.version);
    version_ = std::move(again.version);
  }
  return CheckExpectations(console);
}

Result<std::optional<HealthVerdict>> HealthCheck::CheckExpectations(FirmwareConsole& console) {
  for (const Expectation& expectation : ExpectationsOf(spec_)) {
    TRY(auto failed, Ask(console, expectation));
    if (failed && failed->health == Health::kCheckFailed && expectation.may_be_repeated) {
      TRY(failed, Ask(console, expectation));
    }
    if (failed) return failed;
  }
  return std::nullopt;
}

// nullopt: it is as expected.
Result<std::optional<HealthVerdict>> HealthCheck::Ask(FirmwareConsole& console,
                                                      const Expectation& expectation) {
  TRY(const auto answer, console.Execute(expectation.code, expectation.limit));
  if (!answer && ShowsReset(line_.SinceMark())) {
    TRY(const Aftermath aftermath, SeeAftermath(console));
    if (!aftermath.soft) return LateCrash(aftermath, aftermath.again);
  }
  auto failed = expectation.judge(answer);
  if (failed) failed->version = version_;
  return failed;
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
  const bool at = spec_.kind == HealthKind::kAt;
  const bool greets_again = at ? log.at_ready : !log.banner.empty() || SaysSoftReset(heard);
  return greets_again || !log.attempts.empty() || KindOf(log.fault) == FaultKind::kCrashed;
}

// What it says from here on, at the ROM's rate, and whether its console answers again.
Result<HealthCheck::Aftermath> HealthCheck::SeeAftermath(FirmwareConsole& console) {
  Aftermath aftermath;
  const std::string before(line_.SinceMark());
  const BootLog first = ReadBootLog(AsBytes(before));
  const std::size_t heard_before = line_.transcript().total();
  TRY(log_, watch_.CountResets());
  const BootLog all = ReadBootLog(AsBytes(before + HeardSince(heard_before)));
  aftermath.fault = NamesFault(all);
  // What the ROM said of the first reset was heard as words only at its own rate.
  const std::size_t of_first = rom_baud_ == console_baud_ ? 1 : first.attempts.size();
  aftermath.again = all.attempts.size() > of_first;
  aftermath.soft = SaysSoftReset(before) && all.attempts.empty();
  TRY_DO(line_.SetRate(console_baud_));
  if (log_.attempts.size() >= kResetsOfALoop || log_.download_mode) return aftermath;
  TRY(aftermath.came_back, console.Open(all.prompt));
  return aftermath;
}

HealthVerdict HealthCheck::LateCrash(const Aftermath& aftermath, bool repeated) const {
  return VerdictOfLateCrash(
      log_, watch_.Watched(),
      {.version = version_, .repeated = repeated, .came_back = aftermath.came_back});
}

Result<HealthVerdict> HealthCheck::WithoutConsole(const FirmwareConsole& console,
                                                  std::size_t heard_before) {
  std::string heard = HeardSince(heard_before);
  if (heard.empty() && IsMakingFileSystem(HeardSince(0))) heard = HeardSince(0);
  const NoConsole facts{
      .console = console.Name(), .heard = heard, .own_words = HeardOwnWordsOnly()};
  if (facts.own_words) return VerdictOfNoConsole(log_, facts);
  if (const ProductName greeting = NameInGreetings(HeardSince(0)); !greeting.product.empty())
    return VerdictOfGreeting(log_, greeting, console.Product());
  if (!heard.empty()) {
    TRY(auto other, FindOther(console));
    if (other) return *std::move(other);
  }
  TRY(log_, watch_.CountResets());
  if (BootHasFailed(log_) || log_.looping) return VerdictOfFailedBoot(log_, watch_.Watched());
  return VerdictOfNoConsole(log_, facts);
}

Result<std::optional<HealthVerdict>> HealthCheck::FindOther(const FirmwareConsole& console) {
  TRY_DO(line_.SetRate(kConsoleBaud));
  const auto other =
      MakeConsole(spec_.kind == HealthKind::kAt ? HealthKind::kMicropython : HealthKind::kAt);
  TRY(const bool open, other->Open(log_.prompt));
  if (!open) return std::nullopt;
  TRY(const ProductName name, other->Identify());
  return VerdictOfOtherFirmware(name.product, name.version, console.Product());
}

bool HealthCheck::HeardOwnWordsOnly() const {
  constexpr std::size_t kEnoughToTell = 4;
  const std::string heard = HeardSince(0);
  const std::string_view first = std::string_view(heard).substr(0, line_.Sent().size());
  return first.size() >= kEnoughToTell && IsPartOf(first, line_.Sent());
}

// What was heard after the first `total` octets, as far as it is kept.
std::string HealthCheck::HeardSince(std::size_t total) const {
  const Bytes all = line_.transcript().Text();
  const std::size_t since = std::min(line_.transcript().total() - total, all.size());
  return std::string(AsText(all).substr(all.size() - since));
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
