// SPDX-License-Identifier: MIT
// How far a stage is, in words.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "report/rate_meter.h"
#include "report/reporter.h"

namespace lastgood {

// 0 to 100; nothing sensible when the total is unknown or was exceeded: then -1.
int Percent(const ProgressEvent& event);

// "28 s", "4 min", "2 h".
std::string FormatTimeLeft(std::chrono::seconds left);

// What is known, most important first: "50 %", "321 KB of 642 KB", "11 KB/s", "28 s left".
std::vector<std::string> ProgressFacts(const ProgressEvent& event, const RateMeter& meter);

// "[##########..........]  50 %  321 KB of 642 KB  11 KB/s  28 s left", less what does not fit into
// `width` columns.
std::string ProgressBar(const ProgressEvent& event, const RateMeter& meter, std::size_t width);

}  // namespace lastgood
