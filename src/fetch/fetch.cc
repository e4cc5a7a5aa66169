// SPDX-License-Identifier: MIT
#include "fetch/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "digest/digest.h"
#include "fetch/artifact_sink.h"
#include "fetch/part_file.h"
#include "host/files.h"
#include "http/answer.h"

namespace lastgood {
namespace {

// Of one URL. Every try after the first waits twice as long as the one before: 7.5 s together.
constexpr int kTriesMax = 5;
constexpr int kFruitlessTriesMax = 2;  // in a row, without a new byte
constexpr std::chrono::milliseconds kFirstWait{500};
constexpr std::chrono::milliseconds kInterruptCheck{100};
// What is left to others on the same disk, which on a kiosk is the root file system.
constexpr std::uint64_t kReserveBytes = 4 << 20;

enum class Outcome {
  kComplete,
  kTryAgain,   // cut off: the part file grew, or may
  kStartOver,  // what was there before is of no use: ask for the whole
  kNextUrl,
};

struct Attempt {
  Outcome outcome = Outcome::kNextUrl;
  bool wrong_bytes = false;  // something was delivered, and it is not the artifact
  std::string reason;        // "http://…: 404 Not Found"
  std::string hint;
};

bool IsWorthAnotherTry(HttpTrouble trouble) {
  return trouble == HttpTrouble::kCutOff || trouble == HttpTrouble::kTooSlow ||
         trouble == HttpTrouble::kTimeout;
}

Attempt Refused(const std::string& url, const ArtifactSink& sink) {
  Attempt attempt;
  if (sink.refusal() == ArtifactSink::Refusal::kNoRange) attempt.outcome = Outcome::kStartOver;
  attempt.wrong_bytes = sink.refusal() == ArtifactSink::Refusal::kWrongBytes;
  attempt.reason = fmt::format("{}: {}", UrlForPeople(url), sink.Reason());
  return attempt;
}

class Download {
 public:
  Download(HttpClient& http, Clock& clock, const FetchRequest& request,
           const FetchProgress& progress, const Interrupt& interrupt, PartFile part)
      : http_(http),
        clock_(clock),
        request_(request),
        progress_(progress),
        interrupt_(interrupt),
        part_(std::move(part)) {}

  Result<FetchSummary> Run();

 private:
  Result<bool> UseWhatIsThere();
  Result<bool> From(const std::string& url);
  Result<Attempt> TryOnce(const std::string& url, bool resume);
  Result<Attempt> Judge(const std::string& url, bool continued);
  Attempt Failed(const Error& error, bool resume) const;
  Result<void> Wait(std::chrono::milliseconds duration);
  tl::unexpected<Error> FailAll() const;

  HttpClient& http_;
  Clock& clock_;
  const FetchRequest& request_;
  const FetchProgress& progress_;
  const Interrupt& interrupt_;
  PartFile part_;
  FetchSummary summary_;
  bool wrong_bytes_came_ = false;
  std::string hint_;
};

Result<FetchSummary> Download::Run() {
  TRY(bool done, UseWhatIsThere());
  for (const std::string& url : request_.urls) {
    if (done) break;
    TRY(done, From(url));
  }
  if (!done) return FailAll();
  TRY_DO(part_.Publish(request_.destination));
  return std::move(summary_);
}

// A whole part file: the last run ended between the last byte and the final name.
Result<bool> Download::UseWhatIsThere() {
  if (part_.size_bytes() == 0 || part_.size_bytes() < request_.size_bytes) return false;
  summary_.resumed = part_.FinishDigest() == request_.sha256;
  if (!summary_.resumed) TRY_DO(part_.Discard());
  return summary_.resumed;
}

Result<bool> Download::From(const std::string& url) {
  int fruitless = 0;
  bool started_over = false;
  Attempt last;
  for (int tries = 1; tries <= kTriesMax && fruitless < kFruitlessTriesMax; ++tries) {
    if (last.outcome == Outcome::kTryAgain) TRY_DO(Wait(kFirstWait * (1 << (tries - 2))));
    const std::uint64_t received_before = summary_.bytes_received;
    TRY(last, TryOnce(url, last.outcome != Outcome::kStartOver));
    if (last.outcome == Outcome::kComplete) {
      summary_.url = url;
      return true;
    }
    const bool start_over = last.outcome == Outcome::kStartOver;
    if (last.outcome == Outcome::kNextUrl || (start_over && started_over)) break;
    started_over = started_over || start_over;
    fruitless = summary_.bytes_received > received_before ? 0 : fruitless + 1;
  }
  wrong_bytes_came_ = wrong_bytes_came_ || last.wrong_bytes;
  if (!last.hint.empty()) hint_ = last.hint;
  summary_.rejected.push_back(std::move(last.reason));
  return false;
}

Result<Attempt> Download::TryOnce(const std::string& url, bool resume) {
  const auto progress = [this](std::uint64_t done) {
    if (progress_) progress_(done, request_.size_bytes);
  };
  resume = resume && part_.size_bytes() > 0;
  ArtifactSink sink(part_, url, request_.size_bytes, resume, progress);
  HttpRequest request;
  request.url = url;
  if (resume) {
    request.range_from = part_.size_bytes();
    request.if_range = part_.RecallEtag(url);
  }
  const auto response = http_.Get(request, sink, interrupt_);
  summary_.bytes_received += sink.received_bytes();
  if (!response && response.error().code != ExitCode::kCannotDownload)
    return Fail(response.error());
  if (sink.refusal() != ArtifactSink::Refusal::kNone) return Refused(url, sink);
  return response ? Judge(url, sink.continued()) : Failed(response.error(), resume);
}

// A whole answer: are these the bytes?
Result<Attempt> Download::Judge(const std::string& url, bool continued) {
  std::string reason;
  if (part_.size_bytes() < request_.size_bytes) {
    reason = fmt::format("a short file, {} of {} bytes", part_.size_bytes(), request_.size_bytes);
  } else if (const Sha256Digest actual = part_.FinishDigest(); actual != request_.sha256) {
    reason = fmt::format("has SHA-256 {}, the manifest says {}", actual.ToHex(),
                         request_.sha256.ToHex());
  } else {
    summary_.resumed = continued;
    return Attempt{Outcome::kComplete, false, "", ""};
  }
  const std::string start = DescribeStart(part_.Start());
  if (!start.empty()) reason += "; " + start;
  TRY_DO(part_.Discard());
  // The wrong bytes may have been in the part file before.
  return Attempt{continued ? Outcome::kStartOver : Outcome::kNextUrl, true,
                 fmt::format("{}: {}", UrlForPeople(url), reason), ""};
}

Attempt Download::Failed(const Error& error, bool resume) const {
  Attempt attempt{Outcome::kNextUrl, false, error.message, error.hint};
  const HttpTrouble trouble = http_.LastTrouble();
  if (IsWorthAnotherTry(trouble)) attempt.outcome = Outcome::kTryAgain;
  // Some boxes in between answer a range with nonsense, and a whole request well.
  if (trouble == HttpTrouble::kProtocol && resume) attempt.outcome = Outcome::kStartOver;
  return attempt;
}

Result<void> Download::Wait(std::chrono::milliseconds duration) {
  const Deadline deadline(clock_, duration);
  while (!deadline.Expired()) {
    TRY_DO(interrupt_.Check());
    clock_.SleepFor(std::min(kInterruptCheck, deadline.Remaining()));
  }
  return {};
}

tl::unexpected<Error> Download::FailAll() const {
  std::string reasons;
  for (const std::string& line : summary_.rejected) reasons += (reasons.empty() ? "" : "; ") + line;
  if (reasons.empty()) reasons = "no URL to fetch it from";
  if (wrong_bytes_came_) {
    return Fail(ExitCode::kNotTrusted, "not what the manifest asks for: " + reasons,
                "an HTML page means that this network wants a sign-in; any other bytes, that the "
                "file was replaced: ask the author of the manifest");
  }
  std::string hint = hint_;
  if (part_.size_bytes() > 0) {
    if (!hint.empty()) hint += "; ";
    hint += fmt::format("{} of {} bytes are kept: run it again to go on from there",
                        part_.size_bytes(), request_.size_bytes);
  }
  return Fail(ExitCode::kCannotDownload, "cannot download: " + reasons, std::move(hint));
}

Result<void> CheckRoom(const FetchRequest& request, std::uint64_t there_bytes) {
  const std::filesystem::path directory = request.destination.parent_path();
  TRY(const std::uint64_t free_bytes, FreeBytes(directory));
  const std::uint64_t missing_bytes = request.size_bytes - there_bytes;
  if (free_bytes >= kReserveBytes && missing_bytes <= free_bytes - kReserveBytes) return {};
  return Fail(ExitCode::kInternal,
              fmt::format("no room for {} bytes in '{}': {} bytes are free, {} of them are kept "
                          "for others",
                          missing_bytes, directory.string(), free_bytes, kReserveBytes),
              "make room on this disk");
}

bool HoldsArtifact(const FetchRequest& request) {
  std::error_code ignored;
  if (std::filesystem::file_size(request.destination, ignored) != request.size_bytes) return false;
  const auto digest = Sha256OfFile(request.destination);
  return digest && *digest == request.sha256;
}

}  // namespace

Result<FetchSummary> Fetch(HttpClient& http, Clock& clock, const FetchRequest& request,
                           const FetchProgress& progress, const Interrupt& interrupt) {
  TRY_DO(interrupt.Check());
  if (HoldsArtifact(request)) return FetchSummary{};
  TRY(PartFile part, PartFile::Open(request.destination, request.size_bytes, interrupt));
  TRY_DO(CheckRoom(request, part.size_bytes()));
  return Download(http, clock, request, progress, interrupt, std::move(part)).Run();
}

}  // namespace lastgood
