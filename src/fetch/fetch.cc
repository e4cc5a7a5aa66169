// SPDX-License-Identifier: MIT
#include "fetch/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>

#include "digest/digest.h"
#include "fetch/artifact_sink.h"
#include "fetch/download_lock.h"
#include "fetch/part_file.h"
#include "host/files.h"
#include "http/answer.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Of one URL in one turn. Every try after the first waits twice as long as the one before.
constexpr int kTriesMax = 5;
constexpr int kFruitlessTriesMax = 2;  // in a row, without a new byte
constexpr milliseconds kFirstWait{500};
// A URL has its turn again after the others: an overloaded server recovers, a Wi-Fi comes back.
constexpr int kTurnsMax = 3;
constexpr milliseconds kTurnWait{5'000};
constexpr seconds kRetryAfterMax{60};
constexpr milliseconds kInterruptCheck{100};
constexpr seconds kTimeMin{600};
constexpr std::uint64_t kSlowestBytesPerSecond = 2'000;
// What is left to others on the same disk, which on a kiosk is the root file system.
constexpr std::uint64_t kReserveBytes = 4 << 20;

enum class Outcome {
  kComplete,
  kTryAgain,   // cut off: the part file grew, or may
  kStartOver,  // what was there before is of no use: ask for the whole
  kNextUrl,
  kLater,  // the next URL, and then this one again
};

struct Attempt {
  Outcome outcome = Outcome::kNextUrl;
  bool wrong_bytes = false;  // something was delivered, and it is not the artifact
  std::string reason;        // "http://…: 404 Not Found"
  std::string hint;
  std::optional<seconds> retry_after{};
};

// A URL that is still to be asked.
struct Source {
  std::string url;
  int turns = 0;           // that it had
  bool delivered = false;  // anything, in one of them
  TimePoint not_before{};
};

bool IsWorthAnotherTry(HttpTrouble trouble) {
  return trouble == HttpTrouble::kCutOff || trouble == HttpTrouble::kTooSlow ||
         trouble == HttpTrouble::kTimeout;
}

// Of a URL that has delivered, also this may pass: a link that was pulled and is plugged in again.
bool MayPass(HttpTrouble trouble) {
  return IsWorthAnotherTry(trouble) || trouble == HttpTrouble::kResolve ||
         trouble == HttpTrouble::kConnect || trouble == HttpTrouble::kUnreachable;
}

class Download {
 public:
  Download(const FetchSeams& seams, const FetchRequest& request, const FetchListener& listener,
           PartFile part)
      : seams_(seams),
        request_(request),
        listener_(listener),
        time_(seams.clock, FetchTimeMax(request.size_bytes)),
        turn_(time_),
        part_(std::move(part)) {}

  Result<FetchSummary> Run();

 private:
  Result<bool> UseWhatIsThere();
  Result<bool> From(Source source);
  Result<Attempt> TakeTurn(Source& source);
  Result<Attempt> TryOnce(Source& source, bool resume);
  Result<Attempt> Judge(const std::string& url, bool continued);
  Attempt Refused(const std::string& url, const ArtifactSink& sink) const;
  Attempt Failed(const Error& error, bool resume, bool delivered) const;
  bool ComesBack(const Attempt& last, Source& source) const;
  void Keep(const WrongAnswer& answer) const;
  milliseconds Jittered(milliseconds wait) const;
  Result<void> WaitUntil(TimePoint when) const;
  tl::unexpected<Error> FailAll() const;

  const FetchSeams& seams_;
  const FetchRequest& request_;
  const FetchListener& listener_;
  Deadline time_;  // for all
  Deadline turn_;  // for the URL that is being asked
  PartFile part_;
  std::deque<Source> sources_;
  FetchSummary summary_;
  bool wrong_bytes_came_ = false;
  std::string hint_;
};

Result<FetchSummary> Download::Run() {
  TRY(bool done, UseWhatIsThere());
  for (const std::string& url : request_.urls) sources_.push_back({url});
  while (!done && !sources_.empty()) {
    Source source = std::move(sources_.front());
    sources_.pop_front();
    TRY(done, From(std::move(source)));
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

Result<bool> Download::From(Source source) {
  TRY_DO(WaitUntil(source.not_before));
  turn_ = Deadline(seams_.clock,
                   time_.Remaining() / static_cast<milliseconds::rep>(sources_.size() + 1));
  TRY(Attempt last, TakeTurn(source));
  if (last.outcome == Outcome::kComplete) {
    summary_.url = source.url;
    return true;
  }
  if (ComesBack(last, source)) {
    sources_.push_back(std::move(source));
    return false;
  }
  wrong_bytes_came_ = wrong_bytes_came_ || last.wrong_bytes;
  if (!last.hint.empty()) hint_ = last.hint;
  summary_.rejected.push_back(std::move(last.reason));
  return false;
}

// Tries one URL until it has delivered, or it is better to go on to another.
Result<Attempt> Download::TakeTurn(Source& source) {
  int fruitless = 0;
  bool started_over = false;
  Attempt last;
  for (int tries = 1; tries <= kTriesMax && fruitless < kFruitlessTriesMax; ++tries) {
    if (last.outcome == Outcome::kTryAgain)
      TRY_DO(WaitUntil(
          std::min(turn_.At(), seams_.clock.Now() + Jittered(kFirstWait * (1 << (tries - 2))))));
    if (turn_.Expired()) {
      if (last.reason.empty()) last.reason = UrlForPeople(source.url) + ": not asked, time is up";
      break;
    }
    const std::uint64_t received_before = summary_.bytes_received;
    TRY(last, TryOnce(source, last.outcome != Outcome::kStartOver));
    if (last.outcome == Outcome::kComplete || last.outcome == Outcome::kNextUrl ||
        last.outcome == Outcome::kLater)
      break;
    const bool start_over = last.outcome == Outcome::kStartOver;
    if (start_over && started_over) break;
    started_over = started_over || start_over;
    fruitless = summary_.bytes_received > received_before ? 0 : fruitless + 1;
  }
  if (last.outcome == Outcome::kTryAgain && source.delivered) last.outcome = Outcome::kLater;
  return last;
}

// Whether the URL of `source` has its turn again, and when.
bool Download::ComesBack(const Attempt& last, Source& source) const {
  if (last.outcome != Outcome::kLater || ++source.turns >= kTurnsMax) return false;
  if (last.retry_after > kRetryAfterMax) return false;
  const milliseconds wait = last.retry_after ? *last.retry_after + Jittered(kFirstWait)
                                             : Jittered(kTurnWait * (1 << (source.turns - 1)));
  source.not_before = seams_.clock.Now() + wait;
  return source.not_before < time_.At();
}

Result<Attempt> Download::TryOnce(Source& source, bool resume) {
  resume = resume && part_.size_bytes() > 0;
  ArtifactSink sink(part_, source.url, request_.size_bytes, resume, listener_.progress);
  HttpRequest request;
  request.url = source.url;
  request.proxy = request_.proxy;
  request.total_timeout = turn_.Remaining();
  if (resume) {
    request.range_from = part_.size_bytes();
    request.if_range = part_.RecallEtag(source.url);
  }
  const auto response = seams_.http.Get(request, sink, seams_.interrupt);
  summary_.bytes_received += sink.received_bytes();
  source.delivered = source.delivered || sink.received_bytes() > 0;
  if (!response && response.error().code != ExitCode::kCannotDownload)
    return Fail(response.error());
  if (sink.refusal() != ArtifactSink::Refusal::kNone) return Refused(source.url, sink);
  return response ? Judge(source.url, sink.continued())
                  : Failed(response.error(), resume, source.delivered);
}

Attempt Download::Refused(const std::string& url, const ArtifactSink& sink) const {
  Attempt attempt;
  if (sink.refusal() == ArtifactSink::Refusal::kNoRange) attempt.outcome = Outcome::kStartOver;
  if (sink.refusal() == ArtifactSink::Refusal::kLater) attempt.outcome = Outcome::kLater;
  attempt.wrong_bytes = sink.refusal() == ArtifactSink::Refusal::kWrongBytes;
  attempt.reason = fmt::format("{}: {}", UrlForPeople(url), sink.Reason());
  attempt.retry_after = sink.retry_after();
  if (attempt.retry_after)
    attempt.reason += fmt::format(", to be asked again after {} s", attempt.retry_after->count());
  if (sink.wrong_answer()) Keep(*sink.wrong_answer());
  return attempt;
}

// A whole answer: are these the bytes?
Result<Attempt> Download::Judge(const std::string& url, bool continued) {
  std::string reason;
  if (part_.size_bytes() < request_.size_bytes)
    reason = fmt::format("a short file, {} of {} bytes", part_.size_bytes(), request_.size_bytes);
  WrongAnswer came = WrongAnswerOf(part_, url, reason);
  if (reason.empty() && came.sha256 == request_.sha256) {
    summary_.resumed = continued;
    return Attempt{Outcome::kComplete, false, "", ""};
  }
  std::string evidence = came.bytes > 0 ? "; " + DescribeAnswer(came) : "";
  if (reason.empty()) {
    came.reason = fmt::format("has SHA-256 {}, the manifest says {}", came.sha256.ToHex(),
                              request_.sha256.ToHex());
    evidence = "; " + DescribeStart(came.start);
  }
  if (came.bytes > 0) Keep(came);
  TRY_DO(part_.Discard());
  // The wrong bytes may have been in the part file before.
  return Attempt{continued ? Outcome::kStartOver : Outcome::kNextUrl, true,
                 fmt::format("{}: {}{}", came.url, came.reason, evidence), ""};
}

Attempt Download::Failed(const Error& error, bool resume, bool delivered) const {
  Attempt attempt{Outcome::kNextUrl, false, error.message, error.hint};
  const HttpTrouble trouble = seams_.http.LastTrouble();
  if (delivered ? MayPass(trouble) : IsWorthAnotherTry(trouble))
    attempt.outcome = Outcome::kTryAgain;
  // Some boxes in between answer a range with nonsense, and a whole request well.
  if (trouble == HttpTrouble::kProtocol && resume) attempt.outcome = Outcome::kStartOver;
  return attempt;
}

void Download::Keep(const WrongAnswer& answer) const {
  if (listener_.wrong_answer) listener_.wrong_answer(answer);
}

// From `wait` to half as much again.
milliseconds Download::Jittered(milliseconds wait) const {
  return wait + milliseconds(seams_.random() % (static_cast<std::uint64_t>(wait.count()) / 2 + 1));
}

Result<void> Download::WaitUntil(TimePoint when) const {
  while (seams_.clock.Now() < when) {
    TRY_DO(seams_.interrupt.Check());
    seams_.clock.SleepUntil(std::min(when, seams_.clock.Now() + kInterruptCheck));
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

Result<void> CheckRoomFor(std::uint64_t missing_bytes, const std::filesystem::path& directory) {
  TRY(const std::uint64_t free_bytes, FreeBytes(directory));
  if (free_bytes >= kReserveBytes && missing_bytes <= free_bytes - kReserveBytes) return {};
  return Fail(ExitCode::kInternal,
              fmt::format("no room for {} bytes in '{}': {} bytes are free, {} of them are kept "
                          "for others",
                          missing_bytes, directory.string(), free_bytes, kReserveBytes),
              "make room on this disk: 'lastgood cache prune' removes what no board needs");
}

std::uint64_t SizeOfPart(const FetchRequest& request) {
  std::filesystem::path part = request.destination;
  part += ".part";
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(part, error);
  return error || size > request.size_bytes ? 0 : size;
}

bool HoldsArtifact(const FetchRequest& request) {
  std::error_code ignored;
  if (std::filesystem::file_size(request.destination, ignored) != request.size_bytes) return false;
  const auto digest = Sha256OfFile(request.destination);
  return digest && *digest == request.sha256;
}

}  // namespace

seconds FetchTimeMax(std::uint64_t size_bytes) {
  // No disk holds what would take longer than this many seconds at that rate.
  constexpr std::uint64_t kSecondsMax = 1U << 30;
  return std::max(kTimeMin, seconds(std::min(size_bytes / kSlowestBytesPerSecond, kSecondsMax)));
}

Result<FetchSummary> Fetch(const FetchSeams& seams, const FetchRequest& request,
                           const FetchListener& listener) {
  TRY_DO(seams.interrupt.Check());
  if (HoldsArtifact(request)) return FetchSummary{};
  TRY(const DownloadLock lock,
      DownloadLock::Acquire(request.destination, seams.clock, FetchTimeMax(request.size_bytes),
                            seams.interrupt, listener.waiting));
  if (HoldsArtifact(request)) return FetchSummary{};
  TRY(PartFile part, PartFile::Open(request.destination, request.size_bytes, seams.interrupt));
  TRY_DO(CheckRoomFor(request.size_bytes - part.size_bytes(), request.destination.parent_path()));
  return Download(seams, request, listener, std::move(part)).Run();
}

Result<bool> DiscardUnfinished(const std::filesystem::path& destination, Clock& clock,
                               const Interrupt& interrupt) {
  const auto lock = DownloadLock::Acquire(destination, clock, milliseconds(0), interrupt, {});
  if (!lock && lock.error().code == ExitCode::kBusy) return false;
  if (!lock) return Fail(lock.error());
  TRY(PartFile part, PartFile::Open(destination, 0, interrupt));
  TRY_DO(part.Discard());
  return true;
}

Result<void> CheckRoom(const std::vector<FetchRequest>& requests) {
  if (requests.empty()) return {};
  std::uint64_t missing_bytes = 0;
  for (const FetchRequest& request : requests)
    missing_bytes += request.size_bytes - SizeOfPart(request);
  return CheckRoomFor(missing_bytes, requests.front().destination.parent_path());
}

}  // namespace lastgood
