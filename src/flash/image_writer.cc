// SPDX-License-Identifier: MIT
#include "flash/image_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood {
namespace {

std::string Describe(const WriteStep& step) {
  switch (step.kind) {
    case WriteStep::Kind::kErase:
      return fmt::format("erasing {} sectors at 0x{:x}", step.erase.Sectors(), step.offset);
    case WriteStep::Kind::kSeek:
      return fmt::format("starting to write at 0x{:x}", step.offset);
    case WriteStep::Kind::kData:
      break;
  }
  return fmt::format("writing the block at 0x{:x}", step.offset);
}

std::vector<const FlashableImage*> InOrderOfOffset(std::span<const FlashableImage> images) {
  std::vector<const FlashableImage*> sorted;
  for (const FlashableImage& image : images) sorted.push_back(&image);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->offset() < b->offset(); });
  return sorted;
}

// How far into the image a write has come with this step.
std::uint64_t Position(const WriteStep& step, const FlashableImage& image) {
  if (step.kind == WriteStep::Kind::kErase) return 0;
  return step.offset - image.offset() + step.data.size();
}

}  // namespace

Result<WriteSummary> ImageWriter::Write(std::span<const FlashableImage> images,
                                        const WriteProgress& progress) {
  const TimePoint start = link_.clock().Now();
  const std::uint64_t sent_before = link_.octets_sent();
  std::uint64_t before = 0;
  std::uint64_t total = 0;
  for (const FlashableImage& image : images) {
    total += image.bytes().size();
    summary_.sectors_total +=
        static_cast<std::uint32_t>((image.bytes().size() + kSectorSize - 1) / kSectorSize);
  }
  for (const FlashableImage* image : InOrderOfOffset(images)) {
    TRY_DO(WriteImage(*image, [&](const WriteStep& step) {
      if (progress) progress(before + Position(step, *image), total);
    }));
    before += image->bytes().size();
    if (progress) progress(before, total);
  }
  summary_.sectors_written = summary_.sectors_total;
  summary_.bytes_sent = link_.octets_sent() - sent_before;
  summary_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(link_.clock().Now() - start);
  return summary_;
}

Result<void> ImageWriter::WriteImage(const FlashableImage& image, const AfterStep& after_step) {
  for (;;) {
    const ImageSteps plan = PlanImage(image, failures_ == 0 ? kBlockSize : kCustomaryBlockSize);
    TRY(const Failure failure, Walk(plan.steps, after_step));
    if (!failure) {
      summary_.blank_bytes_skipped += plan.blank_bytes;
      const auto size = static_cast<std::uint32_t>(image.bytes().size());
      summary_.written.push_back(
          {image.offset(), (size + kSectorSize - 1) / kSectorSize * kSectorSize});
      return {};
    }
    TRY_DO(PrepareRetry(fmt::format("write the image at 0x{:x}", image.offset()), *failure));
  }
}

Result<void> ImageWriter::Erase(std::uint32_t offset, std::uint32_t size_bytes) {
  const std::vector<WriteStep> steps = PlanEraseSteps(offset, size_bytes);
  for (;;) {
    TRY(const Failure failure, Walk(steps, [](const WriteStep&) {}));
    if (!failure) return {};
    TRY_DO(PrepareRetry(fmt::format("erase {} bytes at 0x{:x}", size_bytes, offset), *failure));
  }
}

Result<Failure> ImageWriter::Walk(const std::vector<WriteStep>& steps,
                                  const AfterStep& after_step) {
  for (const WriteStep& step : steps) {
    TRY_DO(link_.interrupt().Check());
    TRY(Failure failure, Perform(step));
    if (failure) return failure;
    after_step(step);
  }
  return Failure();
}

Result<Failure> ImageWriter::Perform(const WriteStep& step) {
  const LoaderRequest request = step.Request();
  TRY(const std::optional<LoaderReply> reply, link_.Exchange(request, step.Timeout()));
  if (!reply) return Failure(Describe(step) + " was not answered");
  if (reply->failed)
    return Failure(fmt::format("{} failed: {}", Describe(step), DescribeLoaderError(reply->error)));
  summary_.sectors_erased += step.erase.Sectors();
  if (step.kind == WriteStep::Kind::kErase)
    summary_.erased.push_back({step.offset, step.erase.Sectors() * kSectorSize});
  return Failure();
}

Result<void> ImageWriter::PrepareRetry(const std::string& what, const std::string& failure) {
  if (++failures_ >= attempts_) {
    return Fail(ExitCode::kBoard,
                fmt::format("cannot {} on '{}' at {} baud: {} (attempt {})", what,
                            link_.serial_port().Name(), link_.baud(), failure, failures_),
                "try a lower baud rate; check the wires, the ground wire first, and the supply");
  }
  ++summary_.recoveries;
  return session_.Recover();
}

}  // namespace lastgood
