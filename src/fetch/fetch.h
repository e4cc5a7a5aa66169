// SPDX-License-Identifier: MIT
// Getting one artifact's bytes under their final name: several URLs, resume, limits, streaming
// digest. Nothing unverified ever has the final name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

struct FetchRequest {
  std::vector<std::string> urls;  // tried in order
  Sha256Digest sha256;
  std::uint64_t size_bytes = 0;
  std::filesystem::path destination;  // final name; a partial file lives beside it as NAME.part
};

struct FetchSummary {
  std::string url;                   // the one that delivered
  std::uint64_t bytes_received = 0;  // over the network, this time
  bool resumed = false;
  std::vector<std::string>
      rejected;  // one line per URL that failed before: "http://…: 404 Not Found"
};

// bytes_done, bytes_total
using FetchProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// Precondition: the destination's directory exists. On success the destination holds exactly the
// bytes of `sha256`, durably; when it did already, nothing is asked of the network. Fails with
// kCannotDownload (no URL delivered), kNotTrusted (what was delivered were other bytes; the message
// says what came instead: an HTML page, a short file, another digest, with its first octets),
// kInterrupted (the partial file stays and is resumed), kInternal (disk). A partial file whose
// resumed digest turns out wrong is thrown away and fetched whole, once. A transfer that was cut
// off is resumed a bounded number of times before the next URL has its turn.
Result<FetchSummary> Fetch(HttpClient& http, Clock& clock, const FetchRequest& request,
                           const FetchProgress& progress, const Interrupt& interrupt);

}  // namespace lastgood
