// SPDX-License-Identifier: MIT
// HttpClient without a network: answers are scripted by URL, and what was asked can be looked at
// afterwards. It keeps HttpClient's contract (tests/contract/http_client_test.cc runs over it).
//
//   FakeHttpClient http;
//   http.Serve("http://a/fw.bin", image);                    // ranges, ETag, If-Range
//   http.Answer("http://b/fw.bin", 404);                      // any status, a short page as body
//   http.Trouble("http://c/fw.bin", HttpTrouble::kResolve);   // no answer
//   http.CutOff("http://d/fw.bin", image, 1000);              // 1000 octets, then the end
//
//   http.Redirect("http://e/", "http://portal/");
//   http.Serve("http://f/ via http://proxy:3128", image);     // also " over IPv4", " over IPv6",
//                                                             // " directly" (past the environment)
//
// Clients made by Another() have the same script and the same list of requests; each has a time of
// its own, which begins when it is made: what several are asked at once takes as long as the
// slowest.
//
// A URL may be scripted several times: its answers are given in that order, the last one for ever.
// A URL that nobody scripted is HttpTrouble::kResolve. What is scripted for a URL alone serves
// every way to it but a proxy that the request names.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "host/clock.h"
#include "http/http_client.h"

namespace lastgood::test {

struct FakeAnswer {
  int status = 200;
  Bytes body;
  std::string content_type = "application/octet-stream";
  std::string etag = "\"fake\"";
  bool serves_ranges = true;                     // with status 200 only
  bool announces_length = true;                  // Content-Length
  std::optional<std::uint64_t> announced_bytes;  // a Content-Length that lies
  std::optional<std::size_t> cut_after;          // body octets of each answer, then the end
  std::optional<HttpTrouble> trouble;            // instead of an answer
  std::chrono::milliseconds takes{0};            // on the clock that was given, if any
  std::optional<std::chrono::seconds> retry_after{};
  std::string location{};  // a redirect's
  std::optional<WallTime> date{};
};

class FakeHttpClient final : public HttpClient {
 public:
  FakeHttpClient() = default;
  // `clock` is moved by answers that take time; a request's total_timeout is kept.
  explicit FakeHttpClient(VirtualClock& clock) : clock_(&clock) {}

  void Script(const std::string& url, FakeAnswer answer);
  void Serve(const std::string& url, Bytes body);
  void Answer(const std::string& url, int status, const std::string& page = "<html></html>");
  void Redirect(const std::string& url, const std::string& to);
  void Trouble(const std::string& url, HttpTrouble trouble);
  void CutOff(const std::string& url, Bytes body, std::size_t after);

  // Every request, in order.
  std::vector<HttpRequest> requests() const;
  std::vector<std::string> requested_urls() const;

  Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink,
                           const Interrupt& interrupt) override;
  HttpTrouble LastTrouble() const override { return trouble_; }
  std::unique_ptr<HttpClient> Another() const override;

 private:
  struct Shared {
    std::mutex mutex;
    std::map<std::string, std::deque<FakeAnswer>> script;
    std::vector<HttpRequest> requests;
  };

  void Note(const HttpRequest& request);
  FakeAnswer Next(const HttpRequest& request);
  void Spend(std::chrono::milliseconds time);
  tl::unexpected<Error> FailWith(HttpTrouble trouble, const std::string& url);
  Result<HttpResponse> Deliver(const HttpRequest& request, const FakeAnswer& answer, HttpSink& sink,
                               const Interrupt& interrupt);

  VirtualClock* clock_ = nullptr;
  std::optional<TimePoint> own_now_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  HttpTrouble trouble_ = HttpTrouble::kNone;
};

}  // namespace lastgood::test
