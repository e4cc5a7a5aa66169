// SPDX-License-Identifier: MIT
// Getting one artifact's bytes under their final name: several URLs, resume, limits, streaming
// digest. Nothing unverified ever has the final name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
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
  std::filesystem::path destination;   // final name; a partial file lives beside it as NAME.part
  std::optional<std::string> proxy{};  // as HttpRequest::proxy
};

struct FetchSummary {
  std::string url;                   // the one that delivered
  std::uint64_t bytes_received = 0;  // over the network, this time
  bool resumed = false;
  std::vector<std::string>
      rejected;  // one line per URL that failed before: "http://…: 404 Not Found"
};

inline constexpr std::size_t kEvidenceBytes = 512;

// Something was delivered that is not the artifact.
struct WrongAnswer {
  std::string url;          // fit for reports
  std::string reason;       // "a short file, 36 of 100000 bytes"
  std::uint64_t bytes = 0;  // that had come when it was refused
  Sha256Digest sha256;      // of those
  Bytes start;              // at most kEvidenceBytes of them
};

// Each may be absent.
struct FetchListener {
  std::function<void(std::uint64_t bytes_done)> progress;  // may become less: started over
  std::function<void()> waiting;  // another process downloads the same: once, before the wait
  std::function<void(const WrongAnswer&)> wrong_answer;
};

struct FetchSeams {
  HttpClient& http;
  Clock& clock;
  std::function<std::uint32_t()> random;  // fresh bits, so that a classroom does not retry in step
  const Interrupt& interrupt;
};

// How long one artifact may take in all, waits included: 10 minutes, or its size at 2 KB/s. The
// URLs share it, so that a slow one leaves time for the next; of each, less than 256 B/s for 30 s
// is given up (HttpRequest).
std::chrono::seconds FetchTimeMax(std::uint64_t size_bytes);

// Precondition: the destination's directory exists. On success the destination holds exactly the
// bytes of `sha256`, durably; when it did already, nothing is asked of the network. Fails with
// kCannotDownload (no URL delivered), kNotTrusted (what was delivered were other bytes; the message
// says what came instead: an HTML page, a short file, another digest, with its first octets),
// kInterrupted (the partial file stays and is resumed), kInternal (disk), kBusy (another process
// has downloaded the same for FetchTimeMax() and not finished).
//
// A partial file whose resumed digest turns out wrong is thrown away and fetched whole, once. A
// transfer that was cut off is resumed a bounded number of times, each after twice the pause and a
// random part of it. A URL that asks to come back later (429 and 503, with Retry-After of a minute
// at most), or that delivered and then fell silent, has its turn again after the others, twice.
// Processes that fetch the same artifact at the same time do so one after the other, by a lock on
// NAME.part.lock: the second one finds it done.
Result<FetchSummary> Fetch(const FetchSeams& seams, const FetchRequest& request,
                           const FetchListener& listener);

// Removes what an unfinished download of `destination` left beside it; false when a process is at
// it.
Result<bool> DiscardUnfinished(const std::filesystem::path& destination, Clock& clock,
                               const Interrupt& interrupt);

// Whether what is still missing of all of them fits on the disk, with some room left to others:
// kInternal when it does not. Precondition: the destinations are in one directory.
Result<void> CheckRoom(const std::vector<FetchRequest>& requests);

}  // namespace lastgood
