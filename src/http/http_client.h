// SPDX-License-Identifier: MIT
// Fetching bytes by URL, as a seam. The real one is CurlHttpClient (http/curl_http_client.h);
// libcurl is known nowhere else. http, https and file URLs.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"

namespace lastgood {

enum class AddressFamily { kAny, kIpv4, kIpv6 };

struct HttpRequest {
  std::string url;
  std::uint64_t range_from = 0;                // > 0: ask for the rest from here
  std::optional<std::uint64_t> range_to;       // inclusive
  std::string if_range;                        // ETag of the partial file, or empty
  std::optional<std::string> proxy;            // unset: as the environment says; empty: none
  AddressFamily family = AddressFamily::kAny;  // kIpv4, kIpv6: addresses of that kind alone
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{600'000};
  std::uint32_t low_speed_bytes_per_s = 256;  // slower than this …
  std::chrono::seconds low_speed_time{30};    // … for this long: give up
  int redirects_max = 5;  // never from https to http, never to a file; 0: a redirect is the answer
};

struct HttpResponse {
  int status = 0;  // 200 for file URLs (206 with a range)
  std::string etag;
  std::string content_type;
  std::optional<std::uint64_t> content_length;
  std::optional<std::chrono::seconds> retry_after;  // what 429 and 503 ask for; a date is converted
  std::string effective_url;
  std::string location;          // where a redirect points that was not followed; empty otherwise
  std::optional<WallTime> date;  // the server's clock: its Date header
};

// Takes a response's head, then its body piece by piece. An error ends the transfer and is what Get
// returns.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual Result<void> OnResponse(
      const HttpResponse& response) = 0;            // final response, before any body
  virtual Result<void> OnBody(ByteSpan piece) = 0;  // at most 64 KiB
};

enum class HttpTrouble {
  kNone,
  kResolve,             // the name has no address, or no name server says so
  kConnect,             // somebody refused the connection
  kUnreachable,         // nobody is there
  kNoNetwork,           // this computer knows no way to there: no network at all
  kTls,                 // no TLS spoken there; a certificate that proves nothing
  kNotYetValid,         // a certificate of the future, or a clock that is behind
  kExpired,             // a certificate of the past, or a clock that is ahead
  kForeignCertificate,  // issued by nobody who is trusted here, or for another name
  kProxy,               // the proxy refuses
  kTimeout,
  kTooSlow,
  kCutOff,    // the answer ended before its announced end
  kProtocol,  // an answer that makes no sense: no HTTP, another range, redirected in circles
  kLocal,     // this computer: a missing local file, no memory
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Success means: a complete response arrived, whatever its status. Failure: kCannotDownload
  // (message names the cause: name not resolved, refused, timed out, certificate, cut off),
  // kInterrupted, or the sink's own error. Looks at `interrupt` at least every 100 ms.
  // LastTrouble() then says the class; it is kNone after a success, an interrupt and a sink's own
  // error. A redirect is followed, or with redirects_max = 0 it is the response, with its
  // `location`. A 206 holds the range that was asked for, from its first octet: any other is a
  // failure.
  virtual Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink,
                                   const Interrupt& interrupt) = 0;
  virtual HttpTrouble LastTrouble() const = 0;
  // One with the same settings, for another thread. It stands on its own.
  virtual std::unique_ptr<HttpClient> Another() const = 0;
};

}  // namespace lastgood
