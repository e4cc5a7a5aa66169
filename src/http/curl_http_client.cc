// SPDX-License-Identifier: MIT
#include "http/curl_http_client.h"

#include <fmt/format.h>

#include <utility>

#include "http/answer.h"
#include "http/curl_connections.h"
#include "http/file_url.h"

namespace lastgood {
namespace {

// Knows whether a failure is the sink's own.
class WatchedSink final : public HttpSink {
 public:
  explicit WatchedSink(HttpSink& sink) : sink_(sink) {}
  Result<void> OnResponse(const HttpResponse& response) override {
    return Note(sink_.OnResponse(response));
  }
  Result<void> OnBody(ByteSpan piece) override { return Note(sink_.OnBody(piece)); }
  bool Failed() const { return failed_; }

 private:
  Result<void> Note(Result<void> result) {
    failed_ = !result;
    return result;
  }
  HttpSink& sink_;
  bool failed_ = false;
};

bool IsWeb(const std::string& scheme) { return scheme == "http" || scheme == "https"; }

// Why a redirect is not followed; empty when it is.
std::string_view RedirectRefusal(const std::string& from, const std::string& to) {
  if (!IsWeb(UrlScheme(to))) return "redirected to something that is not a web address, refused";
  if (UrlScheme(from) == "https" && UrlScheme(to) != "https")
    return "redirected from https to http, refused";
  return {};
}

// Where an error happened, for people: both ends of a redirect.
std::string Where(const HttpRequest& first, const HttpRequest& hop) {
  if (first.url == hop.url) return UrlForPeople(first.url);
  return fmt::format("{} (redirected to {})", UrlForPeople(first.url), UrlForPeople(hop.url));
}

bool HasControlCharacter(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

}  // namespace

CurlHttpClient::CurlHttpClient(CurlSettings settings)
    : settings_(std::move(settings)),
      connections_(std::make_unique<CurlConnections>(settings_.ca_file.string())) {}
CurlHttpClient::~CurlHttpClient() = default;

std::unique_ptr<HttpClient> CurlHttpClient::Another() const {
  return std::make_unique<CurlHttpClient>(settings_);
}

tl::unexpected<Error> CurlHttpClient::FailWith(HttpTrouble trouble, const std::string& where,
                                               std::string cause, std::string hint) {
  trouble_ = trouble;
  return Fail(ExitCode::kCannotDownload, fmt::format("{}: {}", where, cause), std::move(hint));
}

Result<HttpResponse> CurlHttpClient::Get(const HttpRequest& request, HttpSink& sink,
                                         const Interrupt& interrupt) {
  trouble_ = HttpTrouble::kNone;
  // libcurl would send a line break in a header on to the server.
  if (HasControlCharacter(request.url) || HasControlCharacter(request.if_range))
    return FailWith(HttpTrouble::kProtocol, "a URL with control characters", "refused");
  const std::string scheme = UrlScheme(request.url);
  if (scheme == "file") return GetFile(request, sink, interrupt);
  if (!IsWeb(scheme)) {
    return FailWith(HttpTrouble::kProtocol, UrlForPeople(request.url),
                    "not an http, https or file URL");
  }
  return GetWeb(request, sink, interrupt);
}

Result<HttpResponse> CurlHttpClient::GetFile(const HttpRequest& request, HttpSink& sink,
                                             const Interrupt& interrupt) {
  WatchedSink watched(sink);
  auto response = GetFileUrl(request, watched, interrupt);
  const bool own = !response && !watched.Failed() && !interrupt.Requested();
  if (own) trouble_ = HttpTrouble::kLocal;
  return response;
}

// Redirects are followed here and not by libcurl, whose rule knows only the first URL's scheme:
// http → https → http would pass.
Result<HttpResponse> CurlHttpClient::GetWeb(const HttpRequest& request, HttpSink& sink,
                                            const Interrupt& interrupt) {
  HttpRequest hop = request;
  std::chrono::milliseconds spent{0};
  for (int redirects = 0; redirects <= request.redirects_max; ++redirects) {
    TransferOutcome outcome = connections_->Perform(hop, spent, sink, interrupt);
    if (outcome.end == TransferEnd::kComplete) return std::move(outcome.response);
    if (outcome.end == TransferEnd::kStopped) return Fail(std::move(outcome.stop_reason));
    if (outcome.end == TransferEnd::kNonsense)
      return FailWith(HttpTrouble::kProtocol, Where(request, hop), outcome.nonsense);
    if (outcome.end == TransferEnd::kFailed) {
      TransferDiagnosis found = DiagnoseTransfer(outcome.facts, request);
      return FailWith(found.trouble, Where(request, hop), found.cause, found.hint);
    }
    if (request.redirects_max == 0) {
      outcome.response.location = outcome.location;
      TRY_DO(sink.OnResponse(outcome.response));
      return std::move(outcome.response);
    }
    if (const auto refusal = RedirectRefusal(hop.url, outcome.location); !refusal.empty())
      return FailWith(HttpTrouble::kProtocol, Where(request, hop), std::string(refusal));
    spent = outcome.facts.elapsed;
    hop.url = outcome.location;
  }
  return FailWith(HttpTrouble::kProtocol, UrlForPeople(request.url),
                  fmt::format("redirected more than {} times", request.redirects_max));
}

}  // namespace lastgood
