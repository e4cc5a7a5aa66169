// SPDX-License-Identifier: MIT
#include "connectivity/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

constexpr std::size_t kKnownAnswerBytesMax = 4096;

// Keeps the first octets and has then seen enough: servers that ignore ranges would send it all.
class StartSink final : public HttpSink {
 public:
  StartSink(const Clock& wall_clock, std::size_t wanted)
      : wall_clock_(wall_clock), wanted_(wanted) {}

  Result<void> OnResponse(const HttpResponse& response) override {
    response_ = response;
    if (response.date) {
      clock_behind_ =
          std::chrono::duration_cast<std::chrono::seconds>(*response.date - wall_clock_.WallNow());
    }
    return {};
  }
  Result<void> OnBody(ByteSpan piece) override {
    const std::size_t missing = wanted_ - start_.size();
    Append(start_, piece.first(std::min(piece.size(), missing)));
    if (piece.size() <= missing) return {};
    return Fail(ExitCode::kCannotDownload, "seen enough");
  }
  bool HasAnswer(bool complete) const { return complete || !start_.empty(); }
  const HttpResponse& response() const { return response_; }
  const Bytes& start() const { return start_; }
  std::optional<std::chrono::seconds> clock_behind() const { return clock_behind_; }

 private:
  const Clock& wall_clock_;
  std::size_t wanted_;
  HttpResponse response_;
  Bytes start_;
  std::optional<std::chrono::seconds> clock_behind_;
};

HttpRequest RequestFor(const Question& question, std::chrono::milliseconds limit) {
  HttpRequest request;
  request.url = question.url;
  request.family = question.family;
  request.proxy = question.proxy;
  request.connect_timeout = limit;
  request.total_timeout = limit;
  // Of a known URL a redirect is an answer: it shows where a portal is, also when that does not
  // answer.
  if (question.subject == ProbeSubject::kKnownAnswer)
    request.redirects_max = 0;
  else
    request.range_to = kAnswerStartBytes - 1;
  return request;
}

// "http://a/fw.bin through proxy.school:3128"
std::string Title(const Question& question) {
  std::string title = UrlForPeople(question.url);
  switch (question.subject) {
    case ProbeSubject::kIpv4:
      return title + " over IPv4";
    case ProbeSubject::kIpv6:
      return title + " over IPv6";
    case ProbeSubject::kPastProxy:
      return title + " without the proxy";
    case ProbeSubject::kThroughProxy:
      return fmt::format("{} through {} of {}", title, NameOf(*question.proxy),
                         question.proxy_origin);
    case ProbeSubject::kTarget:
    case ProbeSubject::kMirror:
    case ProbeSubject::kKnownAnswer:
    case ProbeSubject::kNoSuchName:
    case ProbeSubject::kNameServer:
      break;
  }
  return title;
}

void TakePage(Probe& probe, const HttpResponse& response, ByteSpan start) {
  probe.outcome = ProbeOutcome::kPage;
  probe.page_url = response.location.empty() ? response.effective_url : response.location;
  const std::string host = UrlHost(probe.page_url);
  const bool elsewhere = !host.empty() && host != UrlHost(probe.question.url);
  probe.text = Title(probe.question);
  if (!response.location.empty()) {
    probe.text += " is redirected to " + UrlForPeople(probe.page_url);
    return;
  }
  if (elsewhere) probe.text += " is redirected to " + host + ",";
  if (start.empty()) {
    probe.text += " answers " + StatusForPeople(response.status) + " with nothing in it";
  } else if (LooksLikeHtml(start)) {
    probe.text += " answers with a web page: " + QuoteStart(start);
  } else {
    probe.text += " answers with something else: " + QuoteStart(start);
  }
}

void TakeStatus(Probe& probe, int status) {
  probe.outcome = ProbeOutcome::kStatus;
  probe.status = status;
  probe.text = fmt::format("{} answers {}", Title(probe.question), StatusForPeople(status));
}

void TakeAnswer(Probe& probe, std::string_view how = "answers") {
  probe.outcome = ProbeOutcome::kAnswers;
  probe.text = fmt::format("{} {}", Title(probe.question), how);
}

constexpr int kSignInRequired = 511;  // RFC 6585: what an honest portal answers

void JudgeArtifact(Probe& probe, const HttpResponse& response, ByteSpan start) {
  const bool success = response.status >= 200 && response.status < 300;
  if (response.status == kSignInRequired) return TakePage(probe, response, start);
  if (!success) return TakeStatus(probe, response.status);
  if (start.empty() || LooksLikeHtml(start)) return TakePage(probe, response, start);
  TakeAnswer(probe);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

void JudgeKnownAnswer(Probe& probe, const HttpResponse& response, ByteSpan start) {
  const std::optional<std::string>& expect = probe.question.expect;
  if (!expect) return TakeAnswer(probe);
  // A service that moves on to HTTPS is no portal, and proves nothing.
  const bool elsewhere =
      !response.location.empty() && UrlHost(response.location) != UrlHost(probe.question.url);
  if (elsewhere || response.status == kSignInRequired) return TakePage(probe, response, start);
  if (response.status < 200 || response.status >= 300) return TakeStatus(probe, response.status);
  if (Trimmed(AsText(start)) == Trimmed(*expect)) return TakeAnswer(probe, "answers as it should");
  TakePage(probe, response, start);
}

}  // namespace

std::string NameOf(const std::string& url) {
  const std::string host = UrlHost(url);
  return host.empty() ? UrlForPeople(url) : host;
}

bool HasAddress(const std::string& url) {
  const std::string host = UrlHost(url);
  return host.starts_with('[') || host.find_first_not_of("0123456789.:") == std::string::npos;
}

Result<Probe> Ask(HttpClient& http, const Clock& wall_clock, const Question& question,
                  std::chrono::milliseconds limit, const Interrupt& interrupt) {
  const bool known = question.subject == ProbeSubject::kKnownAnswer;
  StartSink sink(wall_clock, known ? kKnownAnswerBytesMax : kAnswerStartBytes);
  const auto response = http.Get(RequestFor(question, limit), sink, interrupt);
  if (!response && response.error().code == ExitCode::kInterrupted) return Fail(response.error());
  Probe probe;
  probe.question = question;
  probe.clock_behind = sink.clock_behind();
  if (!sink.HasAnswer(response.has_value())) {
    probe.trouble = http.LastTrouble();
    probe.text = response.error().message;
    if (Title(question) != UrlForPeople(question.url))
      probe.text = Title(question) + probe.text.substr(probe.text.find(": "));
    probe.hint = response.error().hint;
  } else if (known) {
    JudgeKnownAnswer(probe, sink.response(), sink.start());
  } else {
    JudgeArtifact(probe, sink.response(), sink.start());
  }
  return probe;
}

}  // namespace lastgood
