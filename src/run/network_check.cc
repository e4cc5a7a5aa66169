// SPDX-License-Identifier: MIT
#include "run/network_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/units.h"
#include "connectivity/name_servers.h"
#include "host/files.h"
#include "http/answer.h"
#include "run/seams.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kSettingsBytesMax = 1024 * 1024;
constexpr seconds kClockWait{30};
constexpr milliseconds kClockLook{100};
constexpr seconds kClockJump{60};  // less may be a clock that is being slewed

const Clock& WallClockOf(const NetworkSeams& seams) {
  return seams.around.wall_clock != nullptr ? *seams.around.wall_clock : seams.clock;
}

ConnectivitySeams SeamsOf(const NetworkSeams& seams) {
  return {seams.http, seams.clock, WallClockOf(seams), seams.interrupt};
}

JudgementBasis BasisOf(const NetworkSeams& seams) {
  return {seams.around.environment, WallClockOf(seams).WallNow(), seams.around.build_date};
}

bool Delivers(const std::vector<Probe>& probes) {
  return !probes.empty() && probes.back().outcome == ProbeOutcome::kAnswers;
}

// What took longer than a diagnosis has.
void TakeAnswer(const Probe& answer, std::vector<Probe>& probes) {
  const auto asked = std::find_if(probes.begin(), probes.end(), [&answer](const Probe& probe) {
    return probe.question.subject == answer.question.subject &&
           probe.question.url == answer.question.url;
  });
  if (asked != probes.end()) *asked = answer;
}

// A file that is missing, and a server's own answer over TLS: no network explains these.
bool ExplainThemselves(const std::vector<Probe>& probes) {
  return std::all_of(probes.begin(), probes.end(), [](const Probe& probe) {
    const std::string scheme = UrlScheme(probe.question.url);
    return scheme == "file" || (scheme == "https" && probe.outcome == ProbeOutcome::kStatus);
  });
}

// What an administrator wrote wrongly must not keep a run from its diagnosis.
NetworkSettings SettingsFor(const NetworkSeams& seams, std::vector<std::string>& notes) {
  Result<NetworkSettings> settings = ReadNetworkSettings(seams.around);
  if (settings) return *std::move(settings);
  const std::string& message = settings.error().message;
  notes.push_back("not used: " + message.substr(0, message.find('\n')));
  return {};
}

DiagnosisSettings DiagnosisSettingsFor(const NetworkSeams& seams, const NetworkSettings& settings,
                                       const std::vector<std::string>& urls,
                                       std::vector<std::string>& notes) {
  const auto web = std::find_if(urls.begin(), urls.end(),
                                [](const std::string& url) { return UrlScheme(url) != "file"; });
  ProxySearch search;
  if (web != urls.end()) search = FindProxies(seams.around.root, *web);
  notes.insert(notes.end(), search.notes.begin(), search.notes.end());
  return {settings.known_answers, std::move(search.proxies), seams.around.environment,
          FindNameServers(seams.around.root)};
}

Result<NetworkReport> CheckOnce(const NetworkSeams& seams, const std::vector<std::string>& urls) {
  NetworkReport report;
  TRY(report.probes, AskTargets(SeamsOf(seams), urls));
  if (!Delivers(report.probes) && !ExplainThemselves(report.probes)) {
    const NetworkSettings settings = SettingsFor(seams, report.notes);
    TRY(report.probes,
        Diagnose(SeamsOf(seams), urls, DiagnosisSettingsFor(seams, settings, urls, report.notes)));
  }
  report.verdict = JudgeNetwork(report.probes, BasisOf(seams));
  return report;
}

// The clock was set, in the direction that was wanted.
bool ClockJumped(seconds jump, const std::optional<seconds>& behind) {
  if (!behind) return std::chrono::abs(jump) > kClockJump;
  return *behind > seconds(0) ? jump > kClockJump : jump < -kClockJump;
}

// True when something set the clock meanwhile.
Result<bool> WaitForClock(const NetworkSeams& seams, const std::optional<seconds>& behind) {
  const Clock& wall_clock = WallClockOf(seams);
  const WallTime wall_start = wall_clock.WallNow();
  const TimePoint start = wall_clock.Now();
  const Deadline deadline(seams.clock, kClockWait);
  while (!deadline.Expired()) {
    TRY_DO(seams.interrupt.Check());
    const auto passed = wall_clock.Now() - start;
    const auto jump =
        std::chrono::duration_cast<seconds>(wall_clock.WallNow() - wall_start - passed);
    if (seams.around.clock_is_synchronised() || ClockJumped(jump, behind)) return true;
    seams.clock.SleepFor(kClockLook);
  }
  return false;
}

std::string Amount(const std::optional<seconds>& behind) {
  return behind ? ClockText(*behind) : "wrong";
}

}  // namespace

Result<NetworkSettings> ReadNetworkSettings(const NetworkSurroundings& around) {
  const std::filesystem::path directory =
      around.configuration.empty() ? around.root / "etc/lastgood" : around.configuration;
  const std::filesystem::path path = directory / "network.toml";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return NetworkSettings();
  const Result<Bytes> content = ReadFile(path, kSettingsBytesMax);
  if (!content) return Fail(ExitCode::kInvalidManifest, content.error().message);
  return ParseNetworkSettings(std::string(AsText(*content)), path.string());
}

Result<NetworkReport> CheckNetwork(const NetworkSeams& seams,
                                   const std::vector<std::string>& urls) {
  TRY(NetworkReport report, CheckOnce(seams, urls));
  const auto& is_synchronised = seams.around.clock_is_synchronised;
  const bool may_be_set = report.verdict.reachability == Reachability::kClockWrong &&
                          is_synchronised && !is_synchronised();
  if (!may_be_set) return report;
  const TimePoint start = seams.clock.Now();
  const std::optional<seconds> behind = report.verdict.clock_behind;
  TRY(const bool is_set, WaitForClock(seams, behind));
  const auto waited = std::chrono::duration_cast<milliseconds>(seams.clock.Now() - start);
  if (is_set) {
    TRY(report, CheckOnce(seams, urls));
    report.notes.push_back(
        fmt::format("waited {} for the clock: it was {}", FormatSeconds(waited), Amount(behind)));
  } else {
    report.notes.push_back(fmt::format("waited {} for the clock, which nobody has set: it is {}",
                                       FormatSeconds(waited), Amount(behind)));
  }
  return report;
}

Result<NetworkReport> CheckNetwork(const StoreSeams& seams, const std::vector<std::string>& urls) {
  const NetworkSurroundings unknown;
  return CheckNetwork(NetworkSeams{seams.http, seams.clock, seams.interrupt,
                                   seams.network != nullptr ? *seams.network : unknown},
                      urls);
}

std::vector<StageEvent> StagesOf(const NetworkReport& report) {
  std::vector<StageEvent> stages;
  for (const std::string& note : report.notes)
    stages.push_back({"network", StageOutcome::kNote, note, {}, {}});
  const ConnectivityVerdict& verdict = report.verdict;
  if (IsReached(verdict.reachability)) {
    stages.push_back({"network", StageOutcome::kOk, verdict.summary, {}, {}});
  } else {
    const std::string name(ReachabilityName(verdict.reachability));
    stages.push_back(
        {"network", StageOutcome::kFail, name + ": " + verdict.summary, verdict.probes, {}});
  }
  return stages;
}

Result<NetworkReport> ExamineNetwork(const NetworkSeams& seams,
                                     const std::vector<std::string>& urls) {
  NetworkReport report;
  TRY(const NetworkSettings settings, ReadNetworkSettings(seams.around));
  TRY(const std::vector<Probe> targets, AskTargets(SeamsOf(seams), urls));
  TRY(report.probes,
      Diagnose(SeamsOf(seams), urls, DiagnosisSettingsFor(seams, settings, urls, report.notes)));
  if (Delivers(targets)) TakeAnswer(targets.back(), report.probes);
  report.verdict = JudgeNetwork(report.probes, BasisOf(seams));
  return report;
}

}  // namespace lastgood
