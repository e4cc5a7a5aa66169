// SPDX-License-Identifier: MIT
#include "flash/stub_start.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using Failure = std::optional<std::string>;

// What the ROM takes at most.
constexpr std::uint32_t kBlockSize = 0x1800;
// It greets after some 10 ms.
constexpr milliseconds kGreetingTimeout{1000};
// The second generation greets and then sets itself up without listening; nothing tells when it is
// done (protocol reference, section 6).
constexpr milliseconds kSetUpTime{12};
constexpr milliseconds kProbeTimeout{150};
constexpr int kProbes = 4;
constexpr std::string_view kGreeting = "OHAI";

Result<Failure> Ask(LoaderLink& link, const LoaderRequest& request, const char* what) {
  TRY(const std::optional<LoaderReply> reply, link.Exchange(request, kReplyTimeout));
  if (!reply) return Failure(fmt::format("{} was not answered", what));
  if (reply->failed)
    return Failure(fmt::format("{} failed: {}", what, DescribeLoaderError(reply->error)));
  return Failure();
}

Result<Failure> Upload(LoaderLink& link, std::uint32_t address, ByteSpan part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  const std::uint32_t blocks = (size + kBlockSize - 1) / kBlockSize;
  TRY(Failure failure,
      Ask(link, WordsRequest(LoaderOpcode::kMemoryBegin, {size, blocks, kBlockSize, address}),
          "announcing the stub"));
  for (std::uint32_t i = 0; i < blocks && !failure; ++i) {
    const std::size_t at = std::size_t{i} * kBlockSize;
    const ByteSpan block = part.subspan(at, std::min<std::size_t>(kBlockSize, part.size() - at));
    TRY(failure, Ask(link, DataRequest(LoaderOpcode::kMemoryData, block, i), "sending the stub"));
  }
  return failure;
}

}  // namespace

Result<std::optional<std::string>> StartStub(LoaderLink& link, const StubImage& stub) {
  TRY(Failure failure, Upload(link, stub.text_start, stub.text));
  if (!failure && !stub.data.empty()) {
    TRY(failure, Upload(link, stub.data_start, stub.data));
  }
  if (failure) return failure;
  // The ROM's answer may be cut short by the stub, which tells by itself that it runs.
  TRY_DO(link.Post(SlipFrame(WordsRequest(LoaderOpcode::kMemoryEnd, {0, stub.entry}).Encode())));
  const Deadline deadline(link.clock(), kGreetingTimeout);
  while (!deadline.Expired()) {
    TRY(const std::optional<Bytes> frame, link.AwaitFrame(deadline.Remaining()));
    if (!frame || AsText(*frame) != kGreeting) continue;
    link.clock().SleepFor(kSetUpTime);
    return Failure();
  }
  return Failure("the stub does not say that it runs");
}

Result<int> AskStubGeneration(LoaderLink& link) {
  for (int i = 0; i < kProbes; ++i) {
    TRY(const std::optional<LoaderReply> reply,
        link.Exchange(WordsRequest(LoaderOpcode::kUnknown, {}), kProbeTimeout));
    if (!reply || !reply->failed) continue;
    if (reply->error == 0xFF) return 1;
    if (reply->error == 0xC3) return 2;
    // The second generation reports what went wrong before; then it is asked again.
  }
  return 0;
}

}  // namespace lastgood
