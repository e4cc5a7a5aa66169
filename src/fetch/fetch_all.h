// SPDX-License-Identifier: MIT
// Several artifacts at once, each as by Fetch().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "fetch/fetch.h"

namespace lastgood {

// At the same time: more would only share the same link, and a server may refuse them.
inline constexpr std::size_t kDownloadsMax = 4;

// What became of one request.
struct FetchReport {
  Result<FetchSummary> summary;
  std::vector<WrongAnswer> wrong_answers;
};

// Called by one thread at a time; each may be absent.
struct FetchAllListener {
  std::function<void(std::uint64_t bytes_done)> progress;  // of all requests together
  std::function<void(std::size_t index)> waiting;          // as FetchListener::waiting
};

// Begins them in the order given, and returns a report for each in that order, whatever ended
// first. One that fails keeps none of the others from going on; an interrupt ends all. Requests of
// the same digest: not here. seams.http serves the calling thread, seams.http.Another() the others;
// seams.random is called by one thread at a time.
std::vector<FetchReport> FetchAll(const FetchSeams& seams,
                                  const std::vector<FetchRequest>& requests,
                                  const FetchAllListener& listener);

}  // namespace lastgood
