// SPDX-License-Identifier: MIT
#include "support/fake_http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lastgood::test {
namespace {

constexpr std::size_t kPieceBytes = 16 * 1024;  // as libcurl's

std::string_view CauseOf(HttpTrouble trouble) {
  switch (trouble) {
    case HttpTrouble::kResolve:
      return "name not resolved";
    case HttpTrouble::kConnect:
      return "connection refused";
    case HttpTrouble::kUnreachable:
      return "no connection within 5 s";
    case HttpTrouble::kNoNetwork:
      return "network is unreachable";
    case HttpTrouble::kTls:
      return "no TLS spoken there";
    case HttpTrouble::kNotYetValid:
      return "certificate not trusted: it is not valid yet, the clock is behind";
    case HttpTrouble::kExpired:
      return "certificate not trusted: it has expired, or the clock is ahead";
    case HttpTrouble::kForeignCertificate:
      return "certificate not trusted: its issuer is unknown";
    case HttpTrouble::kProxy:
      return "the proxy answers 407 Proxy Authentication Required";
    case HttpTrouble::kTimeout:
      return "timed out";
    case HttpTrouble::kTooSlow:
      return "too slow, given up";
    case HttpTrouble::kCutOff:
      return "cut off";
    case HttpTrouble::kProtocol:
      return "an answer that is not HTTP";
    case HttpTrouble::kLocal:
      return "no such file or directory";
    case HttpTrouble::kNone:
      break;
  }
  return "no trouble";
}

// What of the body is sent, and under which status.
struct Part {
  int status;
  std::size_t from;
  std::size_t end;
};

Part Select(const HttpRequest& request, const FakeAnswer& answer) {
  const std::size_t size = answer.body.size();
  const bool ranged = request.range_from > 0 || request.range_to.has_value();
  const bool same_file = request.if_range.empty() || request.if_range == answer.etag;
  if (answer.status != 200 || !answer.serves_ranges || !ranged || !same_file)
    return {answer.status, 0, size};
  if (request.range_from >= size) return {416, 0, 0};
  const std::size_t end =
      request.range_to
          ? static_cast<std::size_t>(std::min<std::uint64_t>(*request.range_to + 1, size))
          : size;
  return {206, static_cast<std::size_t>(request.range_from), end};
}

// What stands behind the URL in the script.
std::string WayOf(const HttpRequest& request) {
  if (request.proxy) return request.proxy->empty() ? " directly" : " via " + *request.proxy;
  if (request.family == AddressFamily::kIpv4) return " over IPv4";
  if (request.family == AddressFamily::kIpv6) return " over IPv6";
  return {};
}

}  // namespace

void FakeHttpClient::Script(const std::string& url, FakeAnswer answer) {
  const std::lock_guard lock(shared_->mutex);
  shared_->script[url].push_back(std::move(answer));
}

void FakeHttpClient::Serve(const std::string& url, Bytes body) {
  FakeAnswer answer;
  answer.body = std::move(body);
  Script(url, std::move(answer));
}

void FakeHttpClient::Answer(const std::string& url, int status, const std::string& page) {
  FakeAnswer answer;
  answer.status = status;
  answer.body = ToBytes(page);
  answer.content_type = "text/html";
  answer.etag.clear();
  answer.serves_ranges = false;
  Script(url, std::move(answer));
}

void FakeHttpClient::Redirect(const std::string& url, const std::string& to) {
  FakeAnswer answer;
  answer.status = 302;
  answer.location = to;
  Script(url, std::move(answer));
}

void FakeHttpClient::Trouble(const std::string& url, HttpTrouble trouble) {
  FakeAnswer answer;
  answer.trouble = trouble;
  Script(url, std::move(answer));
}

void FakeHttpClient::CutOff(const std::string& url, Bytes body, std::size_t after) {
  FakeAnswer answer;
  answer.body = std::move(body);
  answer.cut_after = after;
  Script(url, std::move(answer));
}

std::unique_ptr<HttpClient> FakeHttpClient::Another() const {
  auto another = std::make_unique<FakeHttpClient>(*this);
  if (clock_ != nullptr) another->own_now_ = clock_->Now();
  return another;
}

std::vector<HttpRequest> FakeHttpClient::requests() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->requests;
}

std::vector<std::string> FakeHttpClient::requested_urls() const {
  std::vector<std::string> urls;
  for (const HttpRequest& request : requests()) urls.push_back(request.url);
  return urls;
}

void FakeHttpClient::Note(const HttpRequest& request) {
  const std::lock_guard lock(shared_->mutex);
  shared_->requests.push_back(request);
}

FakeAnswer FakeHttpClient::Next(const HttpRequest& request) {
  const std::lock_guard lock(shared_->mutex);
  auto found = shared_->script.find(request.url + WayOf(request));
  const bool through_proxy = request.proxy && !request.proxy->empty();
  if (found == shared_->script.end() && !through_proxy) found = shared_->script.find(request.url);
  if (found == shared_->script.end()) {
    FakeAnswer unknown;
    unknown.trouble = HttpTrouble::kResolve;
    return unknown;
  }
  FakeAnswer answer = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return answer;
}

void FakeHttpClient::Spend(std::chrono::milliseconds time) {
  if (clock_ == nullptr) return;
  const TimePoint end = own_now_.value_or(clock_->Now()) + time;
  if (own_now_) own_now_ = end;
  clock_->SleepUntil(end);
}

tl::unexpected<Error> FakeHttpClient::FailWith(HttpTrouble trouble, const std::string& url) {
  trouble_ = trouble;
  return Fail(ExitCode::kCannotDownload, fmt::format("{}: {}", url, CauseOf(trouble)));
}

Result<HttpResponse> FakeHttpClient::Get(const HttpRequest& request, HttpSink& sink,
                                         const Interrupt& interrupt) {
  trouble_ = HttpTrouble::kNone;
  HttpRequest hop = request;
  for (int redirects = 0;; ++redirects) {
    TRY_DO(interrupt.Check());
    Note(hop);
    const FakeAnswer answer = Next(hop);
    Spend(std::min(answer.takes, hop.total_timeout));
    if (answer.takes >= hop.total_timeout) return FailWith(HttpTrouble::kTimeout, hop.url);
    if (answer.trouble) return FailWith(*answer.trouble, hop.url);
    const bool followed = !answer.location.empty() && request.redirects_max > 0;
    if (!followed) return Deliver(hop, answer, sink, interrupt);
    if (redirects == request.redirects_max) return FailWith(HttpTrouble::kProtocol, request.url);
    hop.url = answer.location;
  }
}

Result<HttpResponse> FakeHttpClient::Deliver(const HttpRequest& request, const FakeAnswer& answer,
                                             HttpSink& sink, const Interrupt& interrupt) {
  const Part part = Select(request, answer);
  HttpResponse response;
  response.status = part.status;
  response.etag = answer.etag;
  response.content_type = answer.content_type;
  response.effective_url = request.url;
  response.location = answer.location;
  response.date = answer.date;
  response.retry_after = answer.retry_after;
  if (answer.announced_bytes) {
    response.content_length = answer.announced_bytes;
  } else if (answer.announces_length) {
    response.content_length = part.end - part.from;
  }
  TRY_DO(sink.OnResponse(response));
  const ByteSpan whole = ByteSpan(answer.body).subspan(part.from, part.end - part.from);
  const ByteSpan body =
      whole.first(std::min(whole.size(), answer.cut_after.value_or(whole.size())));
  for (std::size_t at = 0; at < body.size(); at += kPieceBytes) {
    TRY_DO(interrupt.Check());
    TRY_DO(sink.OnBody(body.subspan(at, std::min(kPieceBytes, body.size() - at))));
  }
  if (response.content_length && body.size() < *response.content_length)
    return FailWith(HttpTrouble::kCutOff, request.url);
  return response;
}

}  // namespace lastgood::test
