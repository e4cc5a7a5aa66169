// SPDX-License-Identifier: MIT
#include "run/groundwork.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "base/units.h"
#include "run/network_check.h"
#include "setup/setup_runner.h"
#include "setup/step.h"

namespace lastgood {
namespace {

// What still has to come over the network; empty when everything is in the store.
Result<std::vector<std::string>> MissingUrls(const ArtifactStore& store,
                                             const FirmwareSpec& firmware) {
  for (const PartSpec& part : firmware.parts) {
    TRY(const std::optional<Verified<Bytes>> loaded, store.Load(part.sha256, part.size_bytes));
    if (!loaded) return part.urls;
  }
  return std::vector<std::string>();
}

class StepJournal final : public SetupObserver {
 public:
  StepJournal(Journal& journal, std::size_t count) : journal_(journal), count_(count) {}
  Result<void> BeforeApply(std::size_t index, const Step& step) override {
    return journal_.Enter(RunState::kSetup,
                          fmt::format("{}/{} {}", index + 1, count_, step.Describe()));
  }

 private:
  Journal& journal_;
  std::size_t count_;
};

}  // namespace

Result<void> Groundwork::Lay() {
  TRY_DO(FetchFirmware());
  TRY_DO(SetUpHost());
  laid_ = true;
  return {};
}

Result<void> Groundwork::Take(const Groundwork& other) {
  TRY_DO(journal_.Enter(RunState::kFetched, plan_.manifest.firmware.Title()));
  parts_ = other.parts_;
  host_changed_ = other.host_changed_;
  laid_ = true;
  return {};
}

void Groundwork::ProbeNetwork() {
  const auto missing = MissingUrls(seams_.store, plan_.manifest.firmware);
  if (missing && missing->empty()) {
    journal_.Say(
        {"network", StageOutcome::kSkip, "not needed, the firmware is in the store", {}, {}});
    return;
  }
  const auto& urls = missing ? *missing : plan_.manifest.firmware.parts.front().urls;
  const NetworkSurroundings unknown;
  const NetworkSeams network{seams_.http, seams_.clock, seams_.interrupt,
                             seams_.network != nullptr ? *seams_.network : unknown};
  const auto report = CheckNetwork(network, urls);
  if (!report) return;  // interrupted: the fetch says so
  for (const std::string& note : report->notes)
    journal_.Say({"network", StageOutcome::kNote, note, {}, {}});
  const ConnectivityVerdict& verdict = report->verdict;
  online_ = IsReached(verdict.reachability);
  network_remedy_ = verdict.remedy;
  proxy_ = verdict.proxy;
  const std::string name(ReachabilityName(verdict.reachability));
  journal_.Say({"network",
                online_ ? StageOutcome::kOk : StageOutcome::kFail,
                online_ ? verdict.summary : name + ": " + verdict.summary,
                online_ ? std::vector<std::string>() : verdict.probes,  // news only when it failed
                {}});
}

Result<void> Groundwork::FetchFirmware() {
  TRY_DO(journal_.Enter(RunState::kFetched, plan_.manifest.firmware.Title()));
  journal_.StartStage();
  ProbeNetwork();
  const FirmwareSpec& firmware = plan_.manifest.firmware;
  Result<ObtainedFirmware> obtained = ObtainFirmware(seams_, firmware);
  if (!obtained) {
    Error error = std::move(obtained).error();
    journal_.Say({"fetch", StageOutcome::kFail, error.message, {}, {}});
    const bool explained = !online_ && error.code == ExitCode::kCannotDownload;
    if (explained || error.hint.empty()) error.hint = network_remedy_;
    return Fail(std::move(error));
  }
  parts_ = std::move(obtained->parts);
  const std::string digest = Abbreviate(firmware.parts.front().sha256);
  const std::string origin = obtained->bytes_received == 0 ? ", from the store" : "";
  journal_.Say(
      {"fetch",
       StageOutcome::kOk,
       fmt::format("{}, sha256 {}{}", FormatByteCount(DownloadSize(firmware)), digest, origin),
       obtained->rejected,
       {}});
  FetchFallbacks();
  return seams_.interrupt.Check();
}

// A fallback that cannot be had now is a note: whether enough is at hand is decided for the board.
void Groundwork::FetchFallbacks() {
  for (const FirmwareSpec& fallback : plan_.manifest.fallbacks) {
    if (!online_ || seams_.interrupt.Requested()) return;
    const Result<ObtainedFirmware> obtained = ObtainFirmware(seams_, fallback);
    if (obtained && obtained->bytes_received == 0) continue;  // it was in the store
    if (!obtained) {
      journal_.Say(
          {"fetch",
           StageOutcome::kNote,
           fmt::format("fallback {} not fetched: {}", fallback.Title(), obtained.error().message),
           {},
           {}});
      continue;
    }
    journal_.Say({"fetch",
                  StageOutcome::kOk,
                  fmt::format("fallback {}, {}, sha256 {}", fallback.Title(),
                              FormatByteCount(DownloadSize(fallback)),
                              Abbreviate(fallback.parts.front().sha256)),
                  obtained->rejected,
                  {}});
  }
}

Result<void> Groundwork::SetUpHost() {
  if (plan_.steps.empty()) return {};
  journal_.StartStage();
  TRY(auto steps, MakeSteps(plan_.steps, seams_.process_runner));
  StepJournal observer(journal_, steps.size());
  Result<SetupSummary> summary = RunSteps(steps, observer, seams_.interrupt);
  if (!summary) {
    journal_.Say({"host", StageOutcome::kFail, summary.error().message, {}, {}});
    return Fail(std::move(summary).error());
  }
  host_changed_ = summary->changed > 0;
  std::string changed = fmt::format("{} changed", summary->changed);
  if (host_changed_) changed += fmt::format(" ({})", fmt::join(summary->names, ", "));
  journal_.Say(
      {"host",
       StageOutcome::kOk,
       fmt::format("{} steps: {} done already, {}", steps.size(), summary->done_already, changed),
       {},
       {}});
  return {};
}

}  // namespace lastgood
