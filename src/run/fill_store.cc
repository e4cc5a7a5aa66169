// SPDX-License-Identifier: MIT
#include "run/fill_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/units.h"
#include "run/downloads.h"
#include "run/firmware_files.h"
#include "run/network_check.h"
#include "run/step_files.h"

namespace lastgood {
namespace {

struct Wanted {
  std::string title;
  FirmwareSpec firmware;
};

std::string TitleIn(const Plan& plan, const FirmwareSpec& firmware) {
  return fmt::format("{} of {}", firmware.Title(), plan.manifest.name);
}

// Without these there is no run of these plans.
std::vector<Wanted> Needed(const std::vector<const Plan*>& plans) {
  std::vector<Wanted> needed;
  for (const Plan* plan : plans)
    needed.push_back({TitleIn(*plan, plan->manifest.firmware), plan->manifest.firmware});
  for (const Plan* plan : plans)
    if (std::optional<FirmwareSpec> files = StepFilesOf(*plan))
      needed.push_back({TitleIn(*plan, *files), *std::move(files)});
  return needed;
}

std::vector<Wanted> Fallbacks(const std::vector<const Plan*>& plans) {
  std::vector<Wanted> fallbacks;
  for (const Plan* plan : plans)
    for (const FirmwareSpec& fallback : plan->manifest.fallbacks)
      fallbacks.push_back({"fallback " + TitleIn(*plan, fallback), fallback});
  return fallbacks;
}

Firmwares FirmwaresOf(const std::vector<Wanted>& all) {
  Firmwares firmwares;
  for (const Wanted& wanted : all) firmwares.push_back(&wanted.firmware);
  return firmwares;
}

// Lower is more serious; what is not listed is the last.
std::size_t Rank(ExitCode code) {
  constexpr std::array kBySeverity = {ExitCode::kInterrupted, ExitCode::kInternal,
                                      ExitCode::kNotTrusted, ExitCode::kBusy,
                                      ExitCode::kCannotDownload};
  return static_cast<std::size_t>(std::find(kBySeverity.begin(), kBySeverity.end(), code) -
                                  kBySeverity.begin());
}

class Filling {
 public:
  explicit Filling(const StoreSeams& seams) : seams_(seams) {}

  void ProbeNetwork(Downloads& downloads);
  void Fetch(Downloads& downloads, const std::vector<Wanted>& all);
  RunOutcome Outcome(std::size_t count) const;

 private:
  void Take(const Wanted& wanted, FirmwareDownload download);
  void Say(StageOutcome outcome, std::string text, std::vector<std::string> details);

  const StoreSeams& seams_;
  std::size_t failed_ = 0;
  std::size_t downloaded_ = 0;
  std::uint64_t received_bytes_ = 0;
  Error worst_;
  std::string remedy_;  // where the network cannot be reached
};

// One artifact stands for all: another server's trouble is found out by asking it.
void Filling::ProbeNetwork(Downloads& downloads) {
  if (downloads.nothing_missing()) return;
  const auto report = CheckNetwork(seams_, downloads.first_urls());
  if (!report) return;  // interrupted: the downloads say so
  for (const StageEvent& stage : StagesOf(*report)) seams_.reporter.Stage(stage);
  if (!IsReached(report->verdict.reachability)) remedy_ = report->verdict.remedy;
  downloads.GoThrough(report->verdict.proxy);
}

void Filling::Fetch(Downloads& downloads, const std::vector<Wanted>& all) {
  std::vector<FirmwareDownload> fetched = downloads.Fetch(FirmwaresOf(all));
  for (std::size_t i = 0; i < all.size(); ++i) Take(all[i], std::move(fetched[i]));
}

void Filling::Take(const Wanted& wanted, FirmwareDownload download) {
  received_bytes_ += download.bytes_received;
  std::vector<std::string> details = std::move(download.rejected);
  if (!download.error) {
    // A member that is not in its archive is found out now, not beside the board.
    if (auto parts = LoadFetched(seams_.store, wanted.firmware); !parts)
      download.error = parts.error();
  }
  if (!download.error) {
    if (download.artifacts > 0) ++downloaded_;
    const char* const origin = download.artifacts > 0 ? "" : ", was in the store already";
    Say(StageOutcome::kOk,
        fmt::format("{}, {}, sha256 {}{}", wanted.title,
                    FormatByteCount(DownloadSize(wanted.firmware)),
                    Abbreviate(wanted.firmware.parts.front().sha256), origin),
        std::move(details));
    return;
  }
  for (const WrongAnswer& answer : download.wrong_answers)
    details.push_back(fmt::format("{} sent {} bytes, sha256 {}", answer.url, answer.bytes,
                                  answer.sha256.ToHex()));
  const bool interrupted = download.error->code == ExitCode::kInterrupted;
  if (failed_++ == 0 || Rank(download.error->code) < Rank(worst_.code)) {
    worst_ = *download.error;
    if (!interrupted) worst_.message = fmt::format("{}: {}", wanted.title, worst_.message);
  }
  if (interrupted) return;
  Say(StageOutcome::kFail, fmt::format("{}: {}", wanted.title, download.error->message),
      std::move(details));
}

void Filling::Say(StageOutcome outcome, std::string text, std::vector<std::string> details) {
  seams_.reporter.Stage({"fetch", outcome, std::move(text), std::move(details), {}});
}

RunOutcome Filling::Outcome(std::size_t count) const {
  RunOutcome outcome;
  outcome.changed = downloaded_ > 0;
  if (failed_ > 0) {
    outcome.code = worst_.code;
    outcome.text = worst_.message;
    if (failed_ > 1 && worst_.code != ExitCode::kInterrupted)
      outcome.text += fmt::format("; and {} more failed", failed_ - 1);
    outcome.hint = worst_.code == ExitCode::kInterrupted
                       ? "what has come is kept: run it again to go on from there"
                   : worst_.code == ExitCode::kCannotDownload && !remedy_.empty() ? remedy_
                                                                                  : worst_.hint;
  } else if (downloaded_ == 0) {
    outcome.text = "Everything was in the store already.";
  } else {
    outcome.text = fmt::format("Everything is in the store: {} of {} downloaded ({}).", downloaded_,
                               count, FormatByteCount(received_bytes_));
  }
  return outcome;
}

}  // namespace

RunOutcome FillStore(const StoreSeams& seams, const std::vector<const Plan*>& plans) {
  const std::vector<Wanted> needed = Needed(plans);
  const std::vector<Wanted> fallbacks = Fallbacks(plans);
  Firmwares all = FirmwaresOf(needed);
  for (const FirmwareSpec* const fallback : FirmwaresOf(fallbacks)) all.push_back(fallback);
  Result<Downloads> downloads = Downloads::Prepare(seams, all);
  if (!downloads) {
    RunOutcome outcome;
    outcome.code = downloads.error().code;
    outcome.text = downloads.error().message;
    outcome.hint = downloads.error().hint;
    return outcome;
  }
  Filling filling(seams);
  filling.ProbeNetwork(*downloads);
  filling.Fetch(*downloads, needed);
  filling.Fetch(*downloads, fallbacks);
  return filling.Outcome(all.size());
}

}  // namespace lastgood
