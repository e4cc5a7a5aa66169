// SPDX-License-Identifier: MIT
// doctor network: what every question to the network brought, and what follows from it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/doctor_output.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "http/answer.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "manifest/text_rules.h"
#include "report/print.h"
#include "run/network_check.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTargetsMax = 4;

// An installed manifest's download from each host: what lastgood is there for.
std::vector<std::string> InstalledTargets(const Surroundings& surroundings) {
  std::vector<std::string> urls;
  std::vector<std::string> hosts;
  for (const fs::path& directory : surroundings.data_directories) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory / "manifests", error))
      files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const Result<std::string> text = ReadDescription(file);
      if (!text) continue;
      const Result<Manifest> manifest = ParseManifest(*text, file.string());
      if (!manifest) continue;
      const std::string& url = manifest->firmware.parts.front().urls.front();
      const std::string host = UrlHost(url);
      const bool known = std::find(hosts.begin(), hosts.end(), host) != hosts.end();
      if (host.empty() || known || urls.size() == kTargetsMax) continue;
      hosts.push_back(host);
      urls.push_back(url);
    }
  }
  return urls;
}

Result<std::vector<std::string>> TargetsOf(const CommandLine& line,
                                           const Surroundings& surroundings) {
  if (line.url.empty()) return InstalledTargets(surroundings);
  if (const Refusal refusal = WhyNotUrl(line.url))
    return Fail(ExitCode::kUsage, "the URL " + *refusal, "such as https://micropython.org/");
  return std::vector<std::string>{line.url};
}

std::string CheckName(ProbeSubject subject) {
  switch (subject) {
    case ProbeSubject::kTarget:
      return "target";
    case ProbeSubject::kMirror:
      return "mirror";
    case ProbeSubject::kIpv4:
      return "ipv4";
    case ProbeSubject::kIpv6:
      return "ipv6";
    case ProbeSubject::kPastProxy:
      return "without-proxy";
    case ProbeSubject::kThroughProxy:
      return "proxy";
    case ProbeSubject::kKnownAnswer:
      return "known-answer";
    case ProbeSubject::kNoSuchName:
      return "no-such-name";
    case ProbeSubject::kNameServer:
      return "name-server";
  }
  return "network";
}

// That a name is not resolved is right for one that does not exist; a name server speaks no HTTP.
Finding FindingOf(const Probe& probe) {
  Finding finding;
  finding.check = CheckName(probe.question.subject);
  finding.text = probe.text;
  if (!probe.hint.empty()) finding.evidence.push_back(probe.hint);
  bool is_right = probe.outcome == ProbeOutcome::kAnswers;
  if (probe.question.subject == ProbeSubject::kNoSuchName)
    is_right = probe.trouble == HttpTrouble::kResolve;
  if (probe.question.subject == ProbeSubject::kNameServer) is_right = SomebodyThere(probe);
  finding.verdict = is_right ? FindingVerdict::kOk : FindingVerdict::kNote;
  return finding;
}

Finding ClockFinding(const NetworkReport& report) {
  const auto dated = std::find_if(report.probes.begin(), report.probes.end(),
                                  [](const Probe& probe) { return probe.clock_behind; });
  if (dated == report.probes.end())
    return {"clock", FindingVerdict::kUnknown, "no answer said what time it is", {}, {}};
  const std::string by = NameOf(dated->question.url);
  if (ClockIsRight(*dated->clock_behind))
    return {"clock", FindingVerdict::kOk, "right by the date of " + by, {}, {}};
  return {"clock",
          FindingVerdict::kNote,
          fmt::format("{} by the date of {}", ClockText(*dated->clock_behind), by),
          {},
          {}};
}

Findings FindingsOf(const NetworkReport& report) {
  Findings findings;
  for (const Probe& probe : report.probes) findings.push_back(FindingOf(probe));
  findings.push_back(ClockFinding(report));
  for (const std::string& note : report.notes)
    findings.push_back({"proxy", FindingVerdict::kNote, note, {}, {}});
  const ConnectivityVerdict& verdict = report.verdict;
  const bool reached = IsReached(verdict.reachability);
  const std::string name(ReachabilityName(verdict.reachability));
  findings.push_back({"network",
                      reached ? FindingVerdict::kOk : FindingVerdict::kProblem,
                      reached ? verdict.summary : name + ": " + verdict.summary,
                      verdict.remedy,
                      {}});
  return findings;
}

std::string VerdictJson(const ConnectivityVerdict& verdict, const std::string& url, ExitCode code) {
  JsonObject object;
  object.Set("v", 1).Set("event", "network");
  const auto set_or_null = [&object](std::string_view key, const std::string& value) {
    if (value.empty())
      object.SetNull(key);
    else
      object.Set(key, value);
  };
  set_or_null("url", url);
  object.Set("verdict", ReachabilityName(verdict.reachability));
  object.Set("text", verdict.summary).Set("remedy", verdict.remedy);
  set_or_null("proxy", verdict.proxy ? UrlForPeople(*verdict.proxy) : std::string());
  set_or_null("portal", verdict.portal_url);
  if (verdict.clock_behind)
    object.Set("clock_behind_s", verdict.clock_behind->count());
  else
    object.SetNull("clock_behind_s");
  object.Set("exit_code", static_cast<std::int64_t>(code));
  return object.Dump() + '\n';
}

}  // namespace

Result<ExitCode> RunDoctorNetwork(const CommandLine& line, Toolbox& tools) {
  const Surroundings& surroundings = tools.surroundings;
  TRY(const std::vector<std::string> urls, TargetsOf(line, surroundings));
  NetworkSurroundings around = surroundings.network;
  if (!line.root.empty()) {
    around.root = line.root;
    around.configuration.clear();
  }
  const SignalWatch watch(tools.interrupt);
  TRY(const NetworkReport report,
      ExamineNetwork({tools.http, tools.clock, tools.interrupt, around}, urls));
  const Findings findings = FindingsOf(report);
  const bool reached = IsReached(report.verdict.reachability);
  const ExitCode code = reached ? ExitCode::kDone : ExitCode::kCannotDownload;
  if (line.json) {
    Print(tools.out, "{}{}", FindingsJson(findings), VerdictJson(report.verdict, line.url, code));
    return code;
  }
  Print(tools.out, "{}", TextOf(findings, LookOf(line, surroundings)));
  const std::string from = line.url.empty() ? "" : " from " + NameOf(line.url);
  if (reached) {
    if (!line.quiet) Print(tools.out, "Downloads{} work.\n", from);
    return code;
  }
  std::fflush(tools.out);
  const std::string name(ReachabilityName(report.verdict.reachability));
  PrintError({code, fmt::format("cannot download{}: {}", from, name),
              "do what stands behind the arrow, then ask again"},
             /*json=*/false, tools.out, tools.err);
  return code;
}

}  // namespace lastgood
