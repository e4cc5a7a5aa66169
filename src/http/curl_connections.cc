// SPDX-License-Identifier: MIT
#include "http/curl_connections.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace lastgood {
namespace {

constexpr std::size_t kHeaderBytesMax = 64 * 1024;  // of all lines together
constexpr int kInterruptCheckMs = 100;
constexpr long kOn = 1;

bool IsRanged(const HttpRequest& request) {
  return request.range_from > 0 || request.range_to.has_value();
}

std::string RangeOf(const HttpRequest& request) {
  return request.range_to ? fmt::format("{}-{}", request.range_from, *request.range_to)
                          : fmt::format("{}-", request.range_from);
}

long FamilyOf(const HttpRequest& request) {
  switch (request.family) {
    case AddressFamily::kIpv4:
      return CURL_IPRESOLVE_V4;
    case AddressFamily::kIpv6:
      return CURL_IPRESOLVE_V6;
    case AddressFamily::kAny:
      break;
  }
  return CURL_IPRESOLVE_WHATEVER;
}

// nullopt for what is no date, and for one that WallTime, which counts nanoseconds, cannot hold;
// libcurl reads every form that HTTP has ever allowed.
std::optional<WallTime> ParseDate(const std::string& header) {
  constexpr auto kLatest =
      std::chrono::duration_cast<std::chrono::seconds>(WallTime::duration::max()).count();
  const std::time_t seconds = header.empty() ? -1 : curl_getdate(header.c_str(), nullptr);
  if (seconds < 0 || seconds > kLatest) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

std::chrono::milliseconds Micros(curl_off_t microseconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds(microseconds));
}

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

// libcurl wants this once in a process; nothing needs its undoing before the process ends.
bool StartLibcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  return started == CURLE_OK;
}

// OpenSSL writes to sockets without MSG_NOSIGNAL, and with CURLOPT_NOSIGNAL libcurl does nothing
// about it: a peer that is gone would end the process. For this thread, for as long as it lives.
class BrokenPipeSignalOff {
 public:
  BrokenPipeSignalOff() {
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    pending_before_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &broken_pipe_, &mask_before_);
  }
  ~BrokenPipeSignalOff() {
    const timespec at_once{};
    if (!pending_before_) sigtimedwait(&broken_pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  BrokenPipeSignalOff(const BrokenPipeSignalOff&) = delete;
  BrokenPipeSignalOff& operator=(const BrokenPipeSignalOff&) = delete;

 private:
  sigset_t broken_pipe_;
  sigset_t mask_before_;
  bool pending_before_;
};

class Transfer {
 public:
  // `request` and `sink` must outlive it.
  Transfer(const HttpRequest& request, std::chrono::milliseconds spent, const std::string& ca_file,
           HttpSink& sink)
      : request_(request), sink_(sink), spent_(spent) {
    if (!easy_) return;
    SetTarget(ca_file);
    SetLimits();
    SetCallbacks();
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  TransferOutcome Run(CURLM* multi, const Interrupt& interrupt);

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnPiece(char* data, std::size_t size, std::size_t count, void* self);

  void SetTarget(const std::string& ca_file);
  void SetLimits();
  void SetCallbacks();
  void Drive(CURLM* multi, const Interrupt& interrupt);
  bool Begin();  // once, before the body; false: end here
  bool Take(ByteSpan data);
  void ReadHead();
  bool IsRedirect() const;
  bool HasRangeAskedFor() const;
  TransferEnd End() const;
  std::string Header(const char* name) const;
  std::string Location() const;
  TransferFacts Facts() const;
  template <class T>
  T Info(CURLINFO what) const;

  const HttpRequest& request_;
  HttpSink& sink_;
  std::chrono::milliseconds spent_;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_{curl_easy_init()};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  bool begun_ = false;
  bool redirected_ = false;
  std::optional<Error> stop_reason_;
  std::string nonsense_;
  CURLcode code_ = CURLE_OUT_OF_MEMORY;
};

void Transfer::SetTarget(const std::string& ca_file) {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "lastgood");
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, kOn);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_IPRESOLVE, FamilyOf(request_));
  if (request_.proxy) curl_easy_setopt(easy, CURLOPT_PROXY, request_.proxy->c_str());
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
  if (IsRanged(request_)) curl_easy_setopt(easy, CURLOPT_RANGE, RangeOf(request_).c_str());
  if (!request_.if_range.empty()) {
    headers_.reset(curl_slist_append(nullptr, ("If-Range: " + request_.if_range).c_str()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  }
}

void Transfer::SetLimits() {
  CURL* const easy = easy_.get();
  // 0 would mean no limit to libcurl.
  const auto at_least_1 = [](std::chrono::milliseconds limit) {
    return static_cast<long>(std::max<std::chrono::milliseconds::rep>(limit.count(), 1));
  };
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, at_least_1(request_.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, at_least_1(request_.total_timeout - spent_));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                   static_cast<long>(request_.low_speed_bytes_per_s));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(request_.low_speed_time.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, kOn);
  // Without this, giving up waits for the resolver's thread, that is for a dead name server's own
  // time-outs (10 s and more). The thread ends by itself and frees what it holds.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, kOn);
}

void Transfer::SetCallbacks() {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, kOn);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnPiece);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

TransferOutcome Transfer::Run(CURLM* multi, const Interrupt& interrupt) {
  if (easy_ && curl_multi_add_handle(multi, easy_.get()) == CURLM_OK) {
    Drive(multi, interrupt);
    curl_multi_remove_handle(multi, easy_.get());
  }
  if (code_ == CURLE_OK && !begun_) Begin();
  TransferOutcome outcome;
  outcome.end = End();
  outcome.response = response_;
  if (stop_reason_) outcome.stop_reason = *stop_reason_;
  outcome.nonsense = nonsense_;
  if (redirected_) outcome.location = Location();
  outcome.facts = Facts();
  return outcome;
}

// The multi interface because curl_easy_perform calls back only once a second while nothing
// arrives.
void Transfer::Drive(CURLM* multi, const Interrupt& interrupt) {
  int running = 1;
  while (running > 0) {
    if (auto wanted = interrupt.Check(); !wanted) {
      stop_reason_ = wanted.error();
      return;
    }
    if (curl_multi_perform(multi, &running) != CURLM_OK) return;
    if (running == 0) break;
    if (curl_multi_poll(multi, nullptr, 0, kInterruptCheckMs, nullptr) != CURLM_OK) return;
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left))
    if (message->msg == CURLMSG_DONE) code_ = message->data.result;
}

TransferEnd Transfer::End() const {
  if (stop_reason_) return TransferEnd::kStopped;
  if (!nonsense_.empty()) return TransferEnd::kNonsense;
  if (redirected_) return TransferEnd::kRedirected;
  return code_ == CURLE_OK ? TransferEnd::kComplete : TransferEnd::kFailed;
}

std::size_t Transfer::OnHeader(char*, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.header_bytes_ += size * count;
  if (transfer.header_bytes_ <= kHeaderBytesMax) return size * count;
  transfer.nonsense_ = "an answer with an endless header";
  return CURL_WRITEFUNC_ERROR;
}

std::size_t Transfer::OnPiece(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const bool go_on = transfer.Begin() && transfer.Take(AsBytes({data, size * count}));
  return go_on ? size * count : CURL_WRITEFUNC_ERROR;
}

bool Transfer::Begin() {
  if (begun_) return true;
  begun_ = true;
  ReadHead();
  redirected_ = IsRedirect();
  if (redirected_) return false;
  if (response_.status == 206 && !HasRangeAskedFor()) {
    nonsense_ = "answered with another part of the file than was asked for";
    return false;
  }
  if (auto accepted = sink_.OnResponse(response_); !accepted) stop_reason_ = accepted.error();
  return !stop_reason_;
}

bool Transfer::Take(ByteSpan data) {
  body_bytes_ += data.size();
  if (data.empty()) return true;
  if (auto taken = sink_.OnBody(data); !taken) stop_reason_ = taken.error();
  return !stop_reason_;
}

void Transfer::ReadHead() {
  response_.status = static_cast<int>(Info<long>(CURLINFO_RESPONSE_CODE));
  response_.etag = Header("etag");
  response_.content_type = Header("content-type");
  response_.effective_url = request_.url;
  response_.date = ParseDate(Header("date"));
  if (const auto length = Info<curl_off_t>(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T); length >= 0)
    response_.content_length = static_cast<std::uint64_t>(length);
  if (const auto after = Info<curl_off_t>(CURLINFO_RETRY_AFTER); after > 0)
    response_.retry_after = std::chrono::seconds(after);
}

bool Transfer::IsRedirect() const {
  const int status = response_.status;
  const bool moved = (status >= 301 && status <= 303) || status == 307 || status == 308;
  return moved && !Header("location").empty();
}

// "Content-Range: bytes 100-199/600888". libcurl passes on whatever range comes.
bool Transfer::HasRangeAskedFor() const {
  if (!IsRanged(request_)) return false;
  const std::string header = Header("content-range");
  std::string_view text = header;
  if (!text.starts_with("bytes ")) return false;
  text.remove_prefix(std::string_view("bytes ").size());
  std::uint64_t first = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), first);
  return error == std::errc() && end != text.data() + text.size() && *end == '-' &&
         first == request_.range_from;
}

std::string Transfer::Header(const char* name) const {
  curl_header* header = nullptr;
  constexpr int kLastRequest = -1;
  if (curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, kLastRequest, &header) != CURLHE_OK)
    return {};
  return header->value;
}

template <class T>
T Transfer::Info(CURLINFO what) const {
  T value = 0;
  curl_easy_getinfo(easy_.get(), what, &value);
  return value;
}

std::string Transfer::Location() const {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0) != CURLUE_OK)
    return {};
  const std::string location = Header("location");
  if (curl_url_set(url.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE) != CURLUE_OK)
    return {};
  char* text = nullptr;
  if (curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, void (*)(void*)> owner(text, &curl_free);
  return text;
}

TransferFacts Transfer::Facts() const {
  TransferFacts facts;
  facts.curl_code = code_;
  if (!easy_) return facts;
  facts.os_errno = static_cast<int>(Info<long>(CURLINFO_OS_ERRNO));
  facts.proxy_status = static_cast<int>(Info<long>(CURLINFO_HTTP_CONNECTCODE));
  facts.tls_verified = Info<long>(CURLINFO_SSL_VERIFYRESULT);
  // A connection that is used again has the times of its making no more.
  facts.connected = Info<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T) > 0;
  facts.name_resolved = facts.connected || Info<curl_off_t>(CURLINFO_NAMELOOKUP_TIME_T) > 0;
  facts.elapsed = spent_ + Micros(Info<curl_off_t>(CURLINFO_TOTAL_TIME_T));
  facts.first_octet = response_.status == 206 ? request_.range_from : 0;
  facts.body_bytes = body_bytes_;
  facts.content_length = response_.content_length;
  return facts;
}

}  // namespace

struct CurlConnections::Multi {
  std::unique_ptr<CURLM, MultiDeleter> handle;
};

CurlConnections::CurlConnections(std::string ca_file)
    : ca_file_(std::move(ca_file)), multi_(std::make_unique<Multi>()) {}
CurlConnections::~CurlConnections() {
  const BrokenPipeSignalOff guard;  // TLS says goodbye on every connection
  multi_.reset();
}

// The handle is made by the first request: starting libcurl and OpenSSL takes longer than
// `lastgood --version` may.
TransferOutcome CurlConnections::Perform(const HttpRequest& request,
                                         std::chrono::milliseconds spent, HttpSink& sink,
                                         const Interrupt& interrupt) {
  const BrokenPipeSignalOff guard;
  if (!multi_->handle && StartLibcurl()) multi_->handle.reset(curl_multi_init());
  if (!multi_->handle) {
    TransferOutcome outcome;
    outcome.facts.curl_code = CURLE_FAILED_INIT;
    return outcome;
  }
  return Transfer(request, spent, ca_file_, sink).Run(multi_->handle.get(), interrupt);
}

}  // namespace lastgood
