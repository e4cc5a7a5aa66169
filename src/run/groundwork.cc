// SPDX-License-Identifier: MIT
#include "run/groundwork.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "base/units.h"
#include "evidence/wire_text.h"
#include "run/evidence_of.h"
#include "run/host_setup.h"
#include "run/network_check.h"

namespace lastgood {
namespace {

// What still has to come over the network; empty when everything is in the store.
Result<std::vector<std::string>> MissingUrls(const Seams& seams, const Firmwares& needed) {
  for (const FirmwareSpec* const firmware : needed)
    for (const PartSpec& part : firmware->parts) {
      TRY(const std::optional<Verified<Bytes>> loaded,
          seams.store.Load(part.sha256, part.size_bytes));
      if (!loaded) return UrlsOf(part, seams.mirrors);
    }
  return std::vector<std::string>();
}

}  // namespace

Result<void> Groundwork::Lay() {
  TRY_DO(FetchAll());
  TRY(host_changed_, SetUpHost(seams_, plan_, journal_, setup_));
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
  const auto missing = MissingUrls(seams_, Needed());
  if (missing && missing->empty()) {
    journal_.Say(
        {"network", StageOutcome::kSkip, "not needed, the firmware is in the store", {}, {}});
    return;
  }
  const auto& urls = missing ? *missing : plan_.manifest.firmware.parts.front().urls;
  const auto report = CheckNetwork(seams_.OfStore(), urls);
  if (!report) return;  // interrupted: the fetch says so
  online_ = IsReached(report->verdict.reachability);
  network_remedy_ = report->verdict.remedy;
  proxy_ = report->verdict.proxy;
  for (const Probe& probe : report->probes) journal_.Keep(ProbeEvidenceOf(probe));
  for (StageEvent& stage : StagesOf(*report)) journal_.Say(std::move(stage));
}

// Without these there is no run.
Firmwares Groundwork::Needed() const {
  Firmwares needed{&plan_.manifest.firmware};
  if (step_files_) needed.push_back(&*step_files_);
  return needed;
}

// In order of need.
Firmwares Groundwork::Wanted() const {
  Firmwares wanted = Needed();
  if (!online_) return wanted;
  for (const FirmwareSpec& fallback : plan_.manifest.fallbacks) wanted.push_back(&fallback);
  return wanted;
}

Result<void> Groundwork::FetchStepFiles(Downloads& downloads) {
  if (!step_files_) return {};
  const FirmwareDownload download = std::move(downloads.Fetch({&*step_files_}).front());
  KeepEvidence(*step_files_, download);
  if (download.error) return NotFetched(*download.error);
  journal_.Say(
      {"fetch",
       StageOutcome::kOk,
       fmt::format("{}, {}{}", step_files_->Title(), FormatByteCount(DownloadSize(*step_files_)),
                   download.bytes_received == 0 ? ", from the store" : ""),
       download.rejected,
       {}});
  return {};
}

Result<void> Groundwork::FetchAll() {
  TRY_DO(journal_.Enter(RunState::kFetched, plan_.manifest.firmware.Title()));
  journal_.StartStage();
  ProbeNetwork();
  const FirmwareSpec& firmware = plan_.manifest.firmware;
  StoreSeams seams = seams_.OfStore();
  seams.proxy = proxy_;
  Result<Downloads> downloads = Downloads::Prepare(seams, Wanted());
  if (!downloads) return NotFetched(std::move(downloads).error());
  // The fallbacks take nothing of the link before the firmware is there.
  const FirmwareDownload download = std::move(downloads->Fetch({&firmware}).front());
  KeepEvidence(firmware, download);
  if (download.error) return NotFetched(*download.error);
  Result<FirmwareParts> parts = LoadFetched(seams_.store, firmware);
  if (!parts) return NotFetched(std::move(parts).error());
  parts_ = *std::move(parts);
  const std::string digest = Abbreviate(firmware.parts.front().sha256);
  const std::string origin = download.bytes_received == 0 ? ", from the store" : "";
  journal_.Say(
      {"fetch",
       StageOutcome::kOk,
       fmt::format("{}, sha256 {}{}", FormatByteCount(DownloadSize(firmware)), digest, origin),
       download.rejected,
       {}});
  TRY_DO(FetchStepFiles(*downloads));
  if (online_ || download.bytes_received == 0) {
    FetchFallbacks(*downloads);
  } else {
    // That it came proves more than a probe whose time was up, on a slow name server for one.
    online_ = true;
    Result<Downloads> others = Downloads::Prepare(seams, Wanted());
    if (!others) return NotFetched(std::move(others).error());
    FetchFallbacks(*others);
  }
  return seams_.interrupt.Check();
}

tl::unexpected<Error> Groundwork::NotFetched(Error error) {
  journal_.Say({"fetch", StageOutcome::kFail, error.message, {}, {}});
  const bool explained = !online_ && error.code == ExitCode::kCannotDownload;
  if (explained || error.hint.empty()) error.hint = network_remedy_;
  return Fail(std::move(error));
}

// What came instead of an artifact, for who has to find out whose it is.
void Groundwork::KeepEvidence(const FirmwareSpec& firmware, const FirmwareDownload& download) {
  if (download.artifacts > 0 || download.error)
    journal_.Keep(DownloadEvidenceOf(firmware.Title(), download));
  for (const WrongAnswer& answer : download.wrong_answers) {
    journal_.Keep(TextEvidence{
        "instead of the artifact, " + answer.url + " sent",
        fmt::format("{}\n{} bytes until then, sha256 {}, beginning with\n{}", answer.reason,
                    answer.bytes, answer.sha256.ToHex(), Printable(answer.start))});
  }
}

// A fallback that cannot be had now is a note: whether enough is at hand is decided for the board.
void Groundwork::FetchFallbacks(Downloads& downloads) {
  const std::vector<FirmwareSpec>& fallbacks = plan_.manifest.fallbacks;
  if (!online_) return;
  Firmwares wanted;
  for (const FirmwareSpec& fallback : fallbacks) wanted.push_back(&fallback);
  const std::vector<FirmwareDownload> fetched = downloads.Fetch(wanted);
  if (seams_.interrupt.Requested()) return;
  for (std::size_t i = 0; i < fallbacks.size(); ++i) {
    KeepEvidence(fallbacks[i], fetched[i]);
    std::optional<Error> error = fetched[i].error;
    // A member that is not in its archive is found out now.
    if (!error) {
      if (auto parts = LoadFetched(seams_.store, fallbacks[i]); !parts) error = parts.error();
    }
    if (error) {
      journal_.Say(
          {"fetch",
           StageOutcome::kNote,
           fmt::format("fallback {} not fetched: {}", fallbacks[i].Title(), error->message),
           {},
           {}});
    } else if (fetched[i].bytes_received > 0) {  // else it was in the store
      journal_.Say({"fetch",
                    StageOutcome::kOk,
                    fmt::format("fallback {}, {}, sha256 {}", fallbacks[i].Title(),
                                FormatByteCount(DownloadSize(fallbacks[i])),
                                Abbreviate(fallbacks[i].parts.front().sha256)),
                    fetched[i].rejected,
                    {}});
    }
  }
}

}  // namespace lastgood
