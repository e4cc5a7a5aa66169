// SPDX-License-Identifier: MIT
#include "flash/write_steps.h"

#include <algorithm>

#include "flash/flash_target.h"
#include "flash/loader_link.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

// Protocol reference, section 10: 40 s for a megabyte.
constexpr milliseconds kErasePerSector{40'000 * kSectorSize / (1U << 20)};

ByteSpan Piece(ByteSpan bytes, std::size_t at, std::size_t size) {
  return bytes.subspan(at, std::min(size, bytes.size() - at));
}

// FF at the end need not be sent, it is there already.
ByteSpan WithoutBlankEnd(ByteSpan bytes) {
  while (!bytes.empty() && bytes.back() == 0xFF) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

struct Stretch {
  std::uint32_t begin;
  std::uint32_t end;  // exclusive
};

// Of whole sectors, none of them blank; the last may be cut short by the end of the image.
std::vector<Stretch> NonBlankStretches(ByteSpan bytes) {
  std::vector<Stretch> stretches;
  for (std::uint32_t at = 0; at < bytes.size(); at += kSectorSize) {
    const ByteSpan sector = Piece(bytes, at, kSectorSize);
    if (IsBlank(sector)) continue;
    if (stretches.empty() || stretches.back().end != at) stretches.push_back({at, at});
    stretches.back().end = at + static_cast<std::uint32_t>(sector.size());
  }
  return stretches;
}

void AppendRun(ByteSpan run, std::uint32_t offset, std::uint32_t block_size,
               std::vector<WriteStep>& steps) {
  const ByteSpan data = WithoutBlankEnd(run);
  WriteStep seek;
  seek.kind = WriteStep::Kind::kSeek;
  seek.offset = offset;
  seek.block_size = block_size;
  seek.blocks = static_cast<std::uint32_t>((data.size() + block_size - 1) / block_size);
  steps.push_back(seek);
  for (std::uint32_t i = 0; i < seek.blocks; ++i) {
    WriteStep step;
    step.offset = offset + i * block_size;
    step.sequence = i;
    step.data = Piece(data, std::size_t{i} * block_size, block_size);
    steps.push_back(step);
  }
}

}  // namespace

LoaderRequest WriteStep::Request() const {
  switch (kind) {
    case Kind::kErase:
      return FlashBeginRequest(erase.word_sectors * kSectorSize, 0, block_size, offset);
    case Kind::kSeek:
      return FlashBeginRequest(0, blocks, block_size, offset);
    case Kind::kData:
      break;
  }
  // The ROM takes words only.
  Bytes words(data.begin(), data.end());
  words.resize((words.size() + 3) / 4 * 4, 0xFF);
  return FlashDataRequest(words, sequence);
}

milliseconds WriteStep::Timeout() const {
  return std::max(kReplyTimeout, kErasePerSector * erase.Sectors());
}

std::vector<WriteStep> PlanEraseSteps(std::uint32_t offset, std::uint32_t size_bytes) {
  std::vector<WriteStep> steps;
  const std::uint32_t count = (size_bytes + kSectorSize - 1) / kSectorSize;
  for (const RomErase& erase : PlanErase(offset / kSectorSize, count)) {
    WriteStep step;
    step.kind = WriteStep::Kind::kErase;
    step.offset = erase.start_sector * kSectorSize;
    step.erase = erase;
    step.block_size = kCustomaryBlockSize;
    steps.push_back(step);
  }
  return steps;
}

ImageSteps PlanImage(const FlashableImage& image, std::uint32_t block_size) {
  const ByteSpan bytes = image.bytes();
  const auto size = static_cast<std::uint32_t>(bytes.size());
  ImageSteps plan{PlanEraseSteps(image.offset(), size), size};
  for (const Stretch& stretch : NonBlankStretches(bytes)) {
    plan.blank_bytes -= stretch.end - stretch.begin;
    AppendRun(bytes.subspan(stretch.begin, stretch.end - stretch.begin),
              image.offset() + stretch.begin, block_size, plan.steps);
  }
  return plan;
}

}  // namespace lastgood
