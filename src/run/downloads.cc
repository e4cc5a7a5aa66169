// SPDX-License-Identifier: MIT
#include "run/downloads.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "fetch/fetch_all.h"

namespace lastgood {
namespace {

void Append(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void Take(FirmwareDownload& download, FetchReport report) {
  download.wrong_answers.insert(download.wrong_answers.end(), report.wrong_answers.begin(),
                                report.wrong_answers.end());
  ++download.artifacts;
  if (!report.summary) {
    if (!download.error) download.error = std::move(report.summary).error();
    return;
  }
  download.bytes_received += report.summary->bytes_received;
  Append(download.rejected, report.summary->rejected);
}

}  // namespace

Result<Downloads> Downloads::Prepare(const StoreSeams& seams, const Firmwares& wanted) {
  Downloads downloads(seams);
  for (const FirmwareSpec* firmware : wanted) downloads.Note(*firmware);
  std::vector<std::string> names;
  const std::vector<FetchRequest> requests = downloads.RequestsOf(wanted, names);
  TRY_DO(CheckRoom(requests));
  for (const FetchRequest& request : requests) downloads.total_bytes_ += request.size_bytes;
  if (!requests.empty()) downloads.first_urls_ = requests.front().urls;
  return downloads;
}

void Downloads::Note(const FirmwareSpec& firmware) {
  for (const PartSpec& part : firmware.parts) {
    if (missing_.contains(part.sha256)) continue;
    const auto loaded = seams_.store.Load(part.sha256, part.size_bytes);
    // What can not be loaded for another reason is said when it is to be used.
    if (loaded && !*loaded) missing_.emplace(part.sha256, part);
  }
}

std::vector<FetchRequest> Downloads::RequestsOf(const Firmwares& firmwares,
                                                std::vector<std::string>& names) const {
  std::vector<FetchRequest> requests;
  std::set<Sha256Digest> asked;
  for (const FirmwareSpec* firmware : firmwares) {
    for (const PartSpec& part : firmware->parts) {
      if (!missing_.contains(part.sha256) || !asked.insert(part.sha256).second) continue;
      requests.push_back({UrlsOf(part, seams_.mirrors), part.sha256, part.size_bytes,
                          seams_.store.PathOf(part.sha256), seams_.proxy});
      names.push_back(NameOf(part));
    }
  }
  return requests;
}

std::vector<FirmwareDownload> Downloads::Fetch(const Firmwares& firmwares) {
  std::vector<std::string> names;
  const std::vector<FetchRequest> requests = RequestsOf(firmwares, names);
  FetchAllListener listener;
  listener.progress = [this](std::uint64_t done) {
    seams_.reporter.Progress({"fetch", done_bytes_ + done, total_bytes_});
  };
  listener.waiting = [this, &names](std::size_t index) {
    seams_.reporter.Stage(
        {"fetch",
         StageOutcome::kNote,
         fmt::format("another lastgood downloads {}: waiting for it", names[index]),
         {},
         {}});
  };
  const FetchSeams seams{seams_.http, seams_.clock, seams_.random, seams_.interrupt};
  std::vector<FetchReport> reports = FetchAll(seams, requests, listener);
  std::map<Sha256Digest, FetchReport> by_digest;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    done_bytes_ += requests[i].size_bytes;
    missing_.erase(requests[i].sha256);
    if (!reports[i].summary) failed_.emplace(requests[i].sha256, reports[i].summary.error());
    by_digest.emplace(requests[i].sha256, std::move(reports[i]));
  }
  std::vector<FirmwareDownload> downloads;
  for (const FirmwareSpec* firmware : firmwares) {
    FirmwareDownload& download = downloads.emplace_back();
    for (const PartSpec& part : firmware->parts) {
      if (auto report = by_digest.extract(part.sha256)) {
        Take(download, std::move(report.mapped()));
      } else if (const auto failed = failed_.find(part.sha256);
                 failed != failed_.end() && !download.error) {
        download.error = failed->second;
      }
    }
  }
  return downloads;
}

std::vector<std::string> UrlsOf(const PartSpec& part, const std::vector<std::string>& mirrors) {
  std::vector<std::string> urls;
  for (const std::string& mirror : mirrors)
    urls.push_back(mirror + (mirror.ends_with('/') ? "" : "/") + part.sha256.ToHex());
  Append(urls, part.urls);
  return urls;
}

std::string NameOf(const PartSpec& part) {
  if (part.urls.empty()) return "artifact " + Abbreviate(part.sha256);
  const std::string& url = part.urls.front();
  return fmt::format("'{}'", url.substr(url.rfind('/') + 1));
}

}  // namespace lastgood
