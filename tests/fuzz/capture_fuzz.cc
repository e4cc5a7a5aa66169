// SPDX-License-Identifier: MIT
// Any file as a recording: it is refused with its place or judged, and a capture that was read is
// the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "run/replay.h"

namespace {

using namespace lastgood;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan content(data, size);
  const auto capture = ParseCapture(AsText(content), "fuzz");
  Require(capture || capture.error().code == ExitCode::kInvalidManifest);
  Require(capture || capture.error().message.starts_with("fuzz:"));
  if (capture) {
    const std::string text = FormatCapture(*capture);
    const auto again = ParseCapture(text, "again");
    Require(again && FormatCapture(*again) == text && again->head == capture->head);
  }
  const auto starts = ReplayRecording(content, "fuzz");
  Require(!starts || !starts->empty());
  Require(starts || starts.error().code == ExitCode::kInvalidManifest);
  return 0;
}
