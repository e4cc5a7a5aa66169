// SPDX-License-Identifier: MIT
#include "health/verdict.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/units.h"
#include "health/readable_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kEvidenceMax = 8;

// The line that names the fault, from its first telling word on (it may stand behind a prompt). A
// watchdog's line comes after the fact; then, and when no line tells, what was said last before a
// reset, or by a board that did not reset again.
std::string LastWords(const BootLog& log) {
  if (const auto match = FindLoose(log.fault_line, "fatalexception"))
    return log.fault_line.substr(match->begin);
  if (!log.fault_line.empty() && log.fault != BootFault::kWatchdog) return log.fault_line;
  for (std::size_t i = log.attempts.size(); i-- > 0;) {
    const bool ended = i + 1 < log.attempts.size() || log.attempts.size() == 1;
    if (ended && !log.attempts[i].last_words.empty()) return log.attempts[i].last_words;
  }
  return log.attempts.empty() ? std::string() : log.attempts.back().last_words;
}

std::string Quoted(std::string_view lead, const std::string& words) {
  return words.empty() ? std::string() : fmt::format("{}\"{}\"", lead, words);
}

HealthVerdict Verdict(Health health, std::string summary, std::string_view remedy) {
  HealthVerdict verdict;
  verdict.health = health;
  verdict.summary = std::move(summary);
  verdict.remedy = std::string(remedy);
  return verdict;
}

HealthVerdict WithLog(HealthVerdict verdict, const BootLog& log) {
  verdict.fault = log.fault;
  if (log.fault != BootFault::kNone) verdict.cause = BootFaultName(log.fault);
  verdict.evidence = log.evidence;
  return verdict;
}

// What the report of the crash says, in words: " (exception 28, load prohibited, at 0x…)".
std::string InWords(const BootLog& log) {
  const BootAttempt* crashed = log.before.crash ? &log.before : nullptr;
  for (const BootAttempt& attempt : log.attempts)
    if (attempt.crash) crashed = &attempt;
  const std::string words = crashed != nullptr ? DescribeCrash(*crashed->crash) : std::string();
  return words.empty() ? words : fmt::format(" ({})", words);
}

std::vector<std::string> LinesOf(std::string_view heard) {
  std::vector<std::string> lines;
  for (const std::string_view line : SplitLines(heard))
    if (std::string clean = CleanLine(line); !clean.empty()) lines.push_back(std::move(clean));
  if (lines.size() > kEvidenceMax)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kEvidenceMax));
  return lines;
}

bool IsNoise(std::string_view heard) {
  const Readability readability = Measure(heard);
  return readability.characters >= 8 && readability.IsNoise();
}

std::string LastOf(const std::vector<std::string>& lines) {
  return lines.empty() ? std::string() : lines.back();
}

std::string Answers(std::string_view console, std::string_view version) {
  return version.empty() ? fmt::format("{} answers", console)
                         : fmt::format("{} answers as {}", console, version);
}

HealthVerdict Because(std::string_view cause, HealthVerdict verdict) {
  verdict.cause = std::string(cause);
  return verdict;
}

HealthVerdict VerdictOfSilence(const BootLog& log) {
  if (log.attempts.empty() && !log.before.handed_over() && !log.before.second_stage.seen)
    return Because(
        "nothing heard",
        Verdict(Health::kSilent, "nothing was heard, not even the ROM loader",
                "check that the board has power, that its TX is wired to this host's RX, and "
                "that this is the right serial device"));
  const int mode = log.attempts.empty() ? -1 : log.attempts.back().boot_mode;
  if (mode == 3 || mode < 0)
    return Because("no console", Verdict(Health::kSilent,
                                         "the boot log ends well, then the firmware says nothing",
                                         "check that this firmware has a console on this UART"));
  return Because(fmt::format("boot mode {}", mode),
                 Verdict(Health::kSilent,
                         fmt::format("the chip does not start from flash: boot mode {}", mode),
                         "check the boot pins: GPIO15 must be low, GPIO0 and GPIO2 high"));
}

// What a program says that can be talked to by nobody here.
HealthVerdict VerdictOfTalk(const NoConsole& facts) {
  if (SaysFileSystemIsCorrupt(facts.heard))
    return Because("file system corrupt",
                   Verdict(Health::kBusyProgram, "its file system looks corrupt, no prompt comes",
                           "what another firmware left in the flash is taken for a file system: "
                           "set erase = \"all\" in [firmware.flash]"));
  if (IsMakingFileSystem(facts.heard))
    return Because("makes its file system",
                   Verdict(Health::kBusyProgram, "it has not finished making its file system",
                           "leave it powered until it has, then run again; if it never does, set "
                           "erase = \"all\" in [firmware.flash]"));
  if (SaysParametersAreInvalid(facts.heard))
    return Because("parameters invalid",
                   Verdict(Health::kBusyProgram, "it says that its stored parameters are invalid",
                           "set erase = \"all\" in [firmware.flash]"));
  if (AsksForPassword(facts.heard))
    return Because("asks for a password",
                   Verdict(Health::kBusyProgram, "the console asks for a password",
                           "let its program leave the console on this UART open, or set erase = "
                           "\"all\" in [firmware.flash]"));
  return Because("a program runs",
                 Verdict(Health::kBusyProgram,
                         fmt::format("the board talks, but no {} answers", facts.console),
                         "its program cannot be stopped from here: remove it, or set erase = "
                         "\"all\" in [firmware.flash]"));
}

}  // namespace

HealthVerdict VerdictOfFailedBoot(const BootLog& log, std::chrono::milliseconds watched) {
  if (log.download_mode)
    return WithLog(Verdict(Health::kDownloadMode,
                           "the chip waits in its ROM loader instead of starting the firmware",
                           "the boot line (GPIO0) is held low: check its wiring and the recipe's "
                           "[board.lines]"),
                   log);
  return log.starts >= kResetsOfALoop ? VerdictOfLoop(log, watched) : VerdictOfCrash(log);
}

HealthVerdict VerdictOfLoop(const BootLog& log, std::chrono::milliseconds watched) {
  std::string summary = "boot loop";
  if (!log.attempts.empty())
    summary +=
        fmt::format(": {} {}", log.attempts.size(), log.attempts.size() == 1 ? "reset" : "resets");
  if (watched.count() > 0) summary += " in " + FormatSeconds(watched);
  summary += Quoted(", last words ", LastWords(log));
  return WithLog(Verdict(Health::kBootLoop, std::move(summary), RemedyFor(log.fault)), log);
}

HealthVerdict VerdictOfCrash(const BootLog& log) {
  std::string summary;
  switch (KindOf(log.fault)) {
    case FaultKind::kCrashed:
      summary = "crash:" + Quoted(" ", LastWords(log)) + InWords(log);
      break;
    case FaultKind::kRefused:
      summary = RefusalOf(log.fault);
      break;
    case FaultKind::kWatchdog:
      summary = "it hangs, and its watchdog resets it" + Quoted(", last words ", LastWords(log));
      break;
    default:
      summary = (log.looping ? "it resets by itself" : "it does not start") +
                Quoted(", last words ", LastWords(log));
  }
  return WithLog(Verdict(Health::kCrash, std::move(summary), RemedyFor(log.fault)), log);
}

HealthVerdict VerdictOfLateCrash(const BootLog& log, std::chrono::milliseconds watched,
                                 const Relapse& relapse) {
  HealthVerdict verdict;
  if (log.starts >= kResetsOfALoop) {
    verdict = VerdictOfLoop(log, watched);
  } else {
    const std::string words =
        KindOf(log.fault) == FaultKind::kCrashed ? Quoted(", ", LastWords(log)) : std::string();
    verdict = WithLog(
        Verdict(Health::kCrash,
                fmt::format("it answered, then crashed or reset itself{}{}{}",
                            relapse.repeated ? " more than once" : "", words,
                            relapse.came_back ? ", and came back" : ", and did not come back"),
                RemedyFor(log.fault)),
        log);
  }
  if (verdict.fault == BootFault::kNone) verdict.fault = BootFault::kUnknown;
  if (verdict.fault == BootFault::kUnknown) verdict.cause = "resets itself";
  verdict.version = std::string(relapse.version);
  return verdict;
}

HealthVerdict VerdictOfNoConsole(const BootLog& log, const NoConsole& facts) {
  HealthVerdict verdict;
  if (facts.own_words)
    verdict =
        Because("RX wired to TX",
                Verdict(Health::kSilent, "our own words come back: RX is wired to TX",
                        "wire this host's TX to the board's RX and its RX to the board's TX"));
  else if (IsNoise(facts.heard) || (facts.heard.empty() && log.attempts.empty() && log.garbage))
    verdict =
        Because("unreadable at any rate",
                Verdict(Health::kGarbage, "only unreadable octets are heard at 115200 baud",
                        "check that ground is connected, that the firmware's console runs at a "
                        "usual baud rate, and that no other program has the serial device open"));
  else if (!facts.heard.empty())
    verdict = VerdictOfTalk(facts);
  else if (log.prompt || log.at_ready || !log.banner.empty())
    verdict = Because("does not hear",
                      Verdict(Health::kBusyProgram, "the board greets, but does not hear this host",
                              "check that this host's TX is wired to the board's RX"));
  else
    verdict = VerdictOfSilence(log);
  const std::string cause = verdict.cause;
  verdict = WithLog(std::move(verdict), log);
  if (log.fault == BootFault::kUnknown) verdict.cause = cause;
  if (verdict.evidence.empty()) verdict.evidence = LinesOf(facts.heard);
  return verdict;
}

HealthVerdict VerdictOfOtherFirmware(std::string_view found, std::string_view version,
                                     std::string_view expected) {
  HealthVerdict verdict =
      Verdict(Health::kOtherFirmware,
              fmt::format("{}, where {} was expected", Answers(found, version), expected),
              "check kind in [firmware.health], and that this image is what it is called");
  verdict.firmware = std::string(found);
  verdict.version = std::string(version);
  return verdict;
}

HealthVerdict VerdictOfGreeting(const BootLog& log, const ProductName& found,
                                std::string_view expected) {
  HealthVerdict verdict =
      found.product == kRomBasic
          ? Because("nothing to boot from",
                    Verdict(Health::kOtherFirmware,
                            "the ROM's own BASIC answers: it found nothing to boot from",
                            "check the offsets of [[firmware.part]], and that GPIO12 is low at "
                            "reset: it sets the flash's voltage"))
          : VerdictOfOtherFirmware(found.product, found.version, expected);
  verdict.firmware = found.product;
  verdict.version = found.version;
  verdict.fault = log.fault;
  verdict.evidence = log.evidence;
  return verdict;
}

HealthVerdict VerdictOfWrongVersion(std::string_view console, std::string_view version,
                                    std::string_view expected) {
  HealthVerdict verdict =
      version.empty() ? Verdict(Health::kWrongVersion,
                                fmt::format("{} answers but does not tell its version, expected {}",
                                            console, expected),
                                "leave version out of [firmware.health] for such firmware")
                      : Verdict(Health::kWrongVersion,
                                fmt::format("{}, expected {}", Answers(console, version), expected),
                                "check version in [firmware.health], and that the image is of that "
                                "version");
  verdict.cause = version.empty() ? "no version told" : fmt::format("expected {}", expected);
  verdict.version = std::string(version);
  return verdict;
}

HealthVerdict VerdictOfFailedCommand(const HealthCommand& command, std::string_view printed) {
  const std::vector<std::string> lines = LinesOf(printed);
  std::string code = command.code;
  std::replace(code.begin(), code.end(), '\n', ';');
  HealthVerdict verdict =
      Verdict(Health::kCheckFailed,
              fmt::format("'{}' printed \"{}\", expected \"{}\"", CleanLine(code), LastOf(lines),
                          CleanLine(command.expect)),
              "check run in [firmware.health], and what the command says on the board's console");
  verdict.cause = "a command";
  verdict.evidence = lines;
  return verdict;
}

HealthVerdict VerdictOfMemoryFree(std::optional<std::uint32_t> free, std::uint32_t expected,
                                  std::string_view printed) {
  const std::vector<std::string> lines = LinesOf(printed);
  const std::string found =
      free ? fmt::format("{} octets of memory are free", *free)
           : fmt::format("the free memory is not told{}", Quoted(": ", LastOf(lines)));
  HealthVerdict verdict = Verdict(
      Health::kCheckFailed, fmt::format("{}, expected at least {}", found, expected),
      "check memory_free in [firmware.health], and what the board's boot.py and main.py take");
  verdict.cause = "free memory";
  verdict.evidence = lines;
  return verdict;
}

HealthVerdict VerdictOfMissingFiles(const std::vector<std::string>& missing) {
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "'" : ", '") + name + "'";
  HealthVerdict verdict =
      Verdict(Health::kCheckFailed, fmt::format("not on the board: {}", names),
              "copy what is missing to the board, or take it out of files in [firmware.health]");
  verdict.cause = "files missing";
  verdict.evidence = missing;
  return verdict;
}

HealthVerdict VerdictOfNoFileList(std::string_view printed) {
  const std::vector<std::string> lines = LinesOf(printed);
  HealthVerdict verdict = Verdict(
      Health::kCheckFailed, "the board does not tell its files" + Quoted(": ", LastOf(lines)),
      "check that its file system is there; if not, set erase = \"all\" in [firmware.flash]");
  verdict.cause = "no file list";
  verdict.evidence = lines;
  return verdict;
}

HealthVerdict VerdictOfProof(std::string_view console, std::string_view version,
                             std::chrono::seconds settle) {
  HealthVerdict verdict =
      Verdict(Health::kHealthy,
              fmt::format("{}, up for {} s", Answers(console, version), settle.count()), "");
  verdict.version = std::string(version);
  return verdict;
}

HealthVerdict VerdictOfSelfReport(const BootLog& log, std::string_view console,
                                  std::string_view version) {
  HealthVerdict verdict =
      Verdict(Health::kHealthy,
              version.empty() ? fmt::format("{} greets", console)
                              : fmt::format("{} greets as {}", console, version),
              "");
  verdict.version = std::string(version);
  verdict.evidence = log.evidence;
  return verdict;
}

HealthVerdict VerdictOfStart(const BootLog& log, std::string_view application) {
  HealthVerdict verdict = Verdict(
      Health::kHealthy,
      fmt::format("the boot log ends well: {} is started, nothing later was heard", application),
      "");
  verdict.evidence = log.evidence;
  return verdict;
}

HealthVerdict VerdictOfSettledBoot(const BootLog& log, std::chrono::seconds settle) {
  HealthVerdict verdict =
      Verdict(Health::kHealthy, fmt::format("boot log ends well, up for {} s", settle.count()), "");
  verdict.evidence = log.evidence;
  return verdict;
}

}  // namespace lastgood
