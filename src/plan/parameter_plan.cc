// SPDX-License-Identifier: MIT
#include "plan/parameter_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "image/flash_settings.h"
#include "plan/header_decision.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kSectorSize = 4096;
constexpr std::uint32_t kUserStart = 0x90000;
constexpr std::uint8_t kInitDataFirst = 0x05;

std::uint32_t SectorsUp(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + kSectorSize - 1) / kSectorSize * kSectorSize);
}

// FAT's boot signature, or littlefs's name in its superblock.
bool IsFileSystem(ByteSpan head) {
  constexpr std::size_t kSignatureAt = 510;
  if (head.size() >= kSignatureAt + 2 && head[kSignatureAt] == 0x55 &&
      head[kSignatureAt + 1] == 0xAA)
    return true;
  constexpr std::string_view kLittlefs = "littlefs";
  return head.size() >= 8 + kLittlefs.size() &&
         AsText(head).substr(8, kLittlefs.size()) == kLittlefs;
}

FirmwareFamily FamilyOf(const std::string& running) {
  if (running.starts_with("MicroPython")) return FirmwareFamily::kMicropython;
  if (running.starts_with("AT")) return FirmwareFamily::kAt;
  return FirmwareFamily::kUnknown;
}

std::uint32_t FileSystemBehind(std::uint32_t image_end) {
  return std::max(kUserStart, image_end) + kSectorSize;
}

FlashRange ParameterAreaOf(std::uint32_t flash_size) {
  return {flash_size - kParameterAreaBytes, kParameterAreaBytes};
}

// `range` without the sectors that the images write.
std::vector<FlashRange> WithoutImages(const FlashRange& range, const FlashPlan& plan) {
  std::vector<FlashRange> left;
  std::uint32_t at = range.offset;
  const std::uint32_t end = range.offset + range.size_bytes;
  const auto keep = [&left](std::uint32_t from, std::uint32_t to) {
    if (to > from) left.push_back({from, to - from});
  };
  for (const FlashableImage& image : plan.images) {  // in order of offset
    const std::uint32_t image_end = image.offset() + SectorsUp(image.bytes().size());
    if (image_end <= at || image.offset() >= end) continue;
    keep(at, image.offset());
    at = std::max(at, image_end);
  }
  keep(at, end);
  return left;
}

// The octets of `image` that lie in `range`.
ByteSpan Overlap(const FlashableImage& image, const FlashRange& range) {
  const std::uint64_t image_end = image.offset() + std::uint64_t{image.bytes().size()};
  const std::uint64_t from = std::max(image.offset(), range.offset);
  const std::uint64_t to = std::min(image_end, range.offset + std::uint64_t{range.size_bytes});
  return from < to ? image.bytes().subspan(from - image.offset(), to - from) : ByteSpan();
}

class Planner {
 public:
  explicit Planner(const FlashPlan& plan) : plan_(plan) {}

  void Erase(const FlashRange& range, std::string reason) {
    const std::vector<FlashRange> left = WithoutImages(range, plan_);
    bool news = false;
    for (const FlashRange& piece : left) {
      if (std::find(result_.erase.begin(), result_.erase.end(), piece) != result_.erase.end())
        continue;
      result_.erase.push_back(piece);
      news = true;
    }
    if (news) result_.reasons.push_back(std::move(reason));
  }

  ParameterPlan Take() {
    std::sort(result_.erase.begin(), result_.erase.end(),
              [](const FlashRange& a, const FlashRange& b) { return a.offset < b.offset; });
    return std::move(result_);
  }

 private:
  const FlashPlan& plan_;
  ParameterPlan result_;
};

std::string Area(const FlashRange& range) {
  return fmt::format("0x{:x} to 0x{:x}", range.offset, range.offset + range.size_bytes);
}

// Rule B5: the parameters of another firmware, or of the same one elsewhere, are stale.
void EraseStaleParameters(const FlashPlan& plan, const FlashFindings& findings, FirmwareFamily old,
                          Planner& planner) {
  const bool other_family = old != FirmwareFamily::kUnknown && old != plan.family;
  const FlashRange area = ParameterAreaOf(plan.header_size_bytes);
  if (other_family)
    planner.Erase(area, fmt::format("parameters of {} at {} are cleared for {}", FamilyName(old),
                                    Area(area), FamilyName(plan.family)));
  const auto old_size = findings.header_size_bytes;
  if (!old_size || *old_size == plan.header_size_bytes || *old_size < kParameterAreaBytes ||
      old == FirmwareFamily::kUnknown)
    return;
  const FlashRange old_area = ParameterAreaOf(*old_size);
  const std::string why =
      fmt::format("the header said {} of flash and will say {}", FormatFlashSize(*old_size),
                  FormatFlashSize(plan.header_size_bytes));
  planner.Erase(area, fmt::format("parameters at {} are cleared: {}", Area(area), why));
  planner.Erase(old_area, fmt::format("parameters at {} are cleared: {}", Area(old_area), why));
}

// Rule B4: what the SDK will take for its init data is none.
void EraseWrongInitData(const FlashPlan& plan, const FlashFindings& findings, Planner& planner) {
  if (findings.init_data.empty() || IsBlank(findings.init_data) ||
      findings.init_data.front() == kInitDataFirst)
    return;
  const FlashRange area = ParameterAreaOf(plan.header_size_bytes);
  planner.Erase(area, fmt::format("0x{:x}, where the SDK looks for its init data, begins with "
                                  "0x{:02x} instead of 0x05: {} is cleared",
                                  InitDataAddress(plan), findings.init_data.front(), Area(area)));
}

// Rule B5: MicroPython makes a file system where it finds a blank sector, uses one that is there,
// and stops at anything else ("The filesystem … looks corrupt"). Its own, damaged or not, is left
// to MicroPython that answers and goes on looking at the same place.
void EraseForeignFileSystem(const FlashPlan& plan, const FlashFindings& findings,
                            const std::string& running, Planner& planner) {
  const auto start = FileSystemStart(plan);
  const bool its_own =
      findings.file_system_start == start && FamilyOf(running) == FirmwareFamily::kMicropython;
  if (!start || its_own) return;
  if (findings.file_system_head.empty() || IsBlank(findings.file_system_head) ||
      IsFileSystem(findings.file_system_head))
    return;
  planner.Erase({*start, kSectorSize},
                fmt::format("0x{:x}, where {} keeps its file system, holds something else and is "
                            "cleared",
                            *start, FamilyName(plan.family)));
}

// Only where the firmware before is known and was none that keeps files there.
RepairPlan PlanFileSystemRepair(const FlashPlan& plan, const FlashFindings& findings,
                                const std::string& running) {
  RepairPlan repair;
  const auto start = FileSystemStart(plan);
  if (!start) return repair;
  const FirmwareFamily old =
      findings.family != FirmwareFamily::kUnknown ? findings.family : FamilyOf(running);
  if (old == FirmwareFamily::kUnknown || old == plan.family) {
    repair.why_not =
        fmt::format("what lies at 0x{:x} may be somebody's files, and stays as it is", *start);
    return repair;
  }
  // The ESP8266's ROM loader does not erase one sector alone.
  const std::uint32_t room = plan.header_size_bytes - kParameterAreaBytes - *start;
  const FlashRange range{*start, std::min(2 * kSectorSize, room)};
  repair.erase = {range};
  repair.what = fmt::format("what {} left at {}", FamilyName(old), Area(range));
  return repair;
}

}  // namespace

// The vendor's SDK is below these two; what other firmware keeps at the end of the flash is its
// own.
bool HasParameterArea(const FlashPlan& plan) {
  return plan.chip == Chip::kEsp8266 && plan.family != FirmwareFamily::kUnknown &&
         plan.header_size_bytes >= kParameterAreaBytes;
}

void Recognise(ByteSpan header, ByteSpan second_image, ByteSpan size_word,
               FlashFindings& findings) {
  constexpr std::uint8_t kMagic = 0xE9;
  constexpr std::uint8_t kSecondMagic = 0xEA;
  constexpr std::uint32_t kIromStart = 0x9000;
  constexpr std::uint32_t kImageMax = 0x100000;
  constexpr std::uint32_t kTrailerBytes = 16;
  if (header.size() < kHeaderPlace.size_bytes || header[0] != kMagic) return;
  findings.header_size_bytes = FlashSizeOfNibble(header[3] >> 4, Chip::kEsp8266);
  if (size_word.size() < 4 || second_image.empty()) return;
  const std::uint32_t size = LoadLe32(size_word, 0);
  if (second_image[0] == kSecondMagic) {
    findings.family = FirmwareFamily::kAt;
  } else if (size > kIromStart && size < kImageMax) {
    findings.family = FirmwareFamily::kMicropython;
    findings.file_system_start = FileSystemBehind(SectorsUp(size + kTrailerBytes));
  }
}

std::optional<std::uint32_t> FileSystemStart(const FlashPlan& plan) {
  if (!HasParameterArea(plan) || plan.family != FirmwareFamily::kMicropython) return std::nullopt;
  const std::uint32_t end =
      plan.images.front().offset() + SectorsUp(plan.images.front().bytes().size());
  const std::uint32_t start = FileSystemBehind(end);
  if (start + kSectorSize > plan.header_size_bytes - kParameterAreaBytes) return std::nullopt;
  return start;
}

std::uint32_t InitDataAddress(const FlashPlan& plan) {
  return plan.header_size_bytes - kInitDataFromEnd;
}

ParameterPlan PlanParameters(const FlashPlan& plan, const FlashFindings& findings,
                             const std::string& running) {
  Planner planner(plan);
  if (!HasParameterArea(plan)) return planner.Take();
  const FirmwareFamily old =
      findings.family != FirmwareFamily::kUnknown ? findings.family : FamilyOf(running);
  EraseStaleParameters(plan, findings, old, planner);
  EraseWrongInitData(plan, findings, planner);
  EraseForeignFileSystem(plan, findings, running, planner);
  return planner.Take();
}

bool IsOnlyParameters(const FlashPlan& plan, const std::vector<FlashRange>& differing) {
  if (!HasParameterArea(plan)) return false;
  const FlashRange area = ParameterAreaOf(plan.header_size_bytes);
  return std::all_of(differing.begin(), differing.end(), [&](const FlashRange& range) {
    return range.offset >= area.offset &&
           range.offset + range.size_bytes <= area.offset + area.size_bytes &&
           std::all_of(
               plan.images.begin(), plan.images.end(),
               [&range](const FlashableImage& image) { return IsBlank(Overlap(image, range)); });
  });
}

RepairPlan PlanRepair(RepairCause cause, const FlashPlan& plan, const BoardIdentity& board,
                      const FlashFindings& findings, const std::string& running) {
  RepairPlan repair;
  if (!HasParameterArea(plan)) return repair;
  if (cause == RepairCause::kFileSystem) return PlanFileSystemRepair(plan, findings, running);
  if (cause == RepairCause::kInitData &&
      plan.header_size_bytes != HeaderSizeThatStarts(board.flash_size_bytes))
    return repair;
  const FlashRange area = ParameterAreaOf(plan.header_size_bytes);
  if (plan.header_size_bytes > board.flash_size_bytes) {
    repair.why_not =
        fmt::format("{}, where the SDK looks for its parameters, is behind the flash", Area(area));
    return repair;
  }
  repair.erase = WithoutImages(area, plan);
  repair.what = fmt::format("the SDK's sectors at {}", Area(area));
  if (repair.erase.empty()) repair.why_not = repair.what + " are the image's own";
  return repair;
}

std::string DescribeHiddenFault(const FlashPlan& plan, const BoardIdentity& board,
                                const FlashFindings& findings, const std::string& running) {
  if (!HasParameterArea(plan) ||
      plan.header_size_bytes == HeaderSizeThatStarts(board.flash_size_bytes))
    return "";
  const FirmwareFamily old =
      findings.family != FirmwareFamily::kUnknown ? findings.family : FamilyOf(running);
  const bool lies_there =
      !findings.init_data.empty() && findings.init_data.front() == kInitDataFirst;
  const bool may_lie_there = !findings.readable && old == FirmwareFamily::kAt;
  if (!lies_there && !may_lie_there) return "";
  return fmt::format(
      "init data of {} {} at 0x{:x}, where this header sends the SDK: it would hide the fault "
      "until "
      "that sector is erased",
      old == FirmwareFamily::kUnknown ? "another firmware" : FamilyName(old),
      lies_there ? "lies" : "may lie", InitDataAddress(plan));
}

}  // namespace lastgood
