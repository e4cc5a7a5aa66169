// SPDX-License-Identifier: MIT
// What must go from the flash besides what the images replace, so that no firmware finds another
// one's leavings where it looks for its own: rules B4 and B5 of the protocol reference, section 15.
// ESP8266 only; other chips keep such data in partitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/flash_range.h"
#include "image/esp_image.h"
#include "plan/flash_plan.h"

namespace lastgood {

// The SDK's five sectors at the end of the flash that the header names (section 15, fact 2).
inline constexpr std::uint32_t kParameterAreaBytes = 0x5000;
inline constexpr std::uint32_t kInitDataFromEnd = 0x4000;
inline constexpr std::uint32_t kInitDataBytes = 0x80;

// What was read from the flash before the write. A loader that can not read leaves them empty.
struct FlashFindings {
  bool readable = false;
  std::optional<std::uint32_t> header_size_bytes;  // of the image that is there; nullopt: none is
  FirmwareFamily family = FirmwareFamily::kUnknown;
  std::optional<std::uint32_t> file_system_start;  // of the MicroPython that is there
  Bytes init_data;         // kInitDataBytes at the *new* header size − 0x4000
  Bytes file_system_head;  // at FileSystemStart(); empty when the new firmware has none
};

// Whether this firmware keeps parameters at the end of the flash, as the vendor's SDK does.
bool HasParameterArea(const FlashPlan& plan);

// Where what is there shows which firmware it is: the header, the second image of the vendor's
// two-stage layout (section 13.2), and MicroPython's size word (section 13.6).
inline constexpr FlashRange kHeaderPlace{0x0, 16};
inline constexpr FlashRange kSecondImagePlace{0x1000, 16};
inline constexpr FlashRange kSizeWordPlace{0x8FFC, 4};
inline constexpr std::uint32_t kFileSystemHeadBytes = 512;
// Fills in header size, family and the file system's start.
void Recognise(ByteSpan header, ByteSpan second_image, ByteSpan size_word, FlashFindings& findings);

// Where MicroPython of this image looks for its file system (flashbdev.py of v1.8 to today: behind
// the firmware, at 0x90000 at least, one sector reserved). nullopt: not MicroPython.
std::optional<std::uint32_t> FileSystemStart(const FlashPlan& plan);

// The places to read for FlashFindings.
std::uint32_t InitDataAddress(const FlashPlan& plan);

struct ParameterPlan {
  std::vector<FlashRange> erase;     // in order, without what the images write
  std::vector<std::string> reasons;  // one line for each
};

// `running` is what answered on the console before ("MicroPython 1.8.3", "AT 1.1.0.0", "unknown"):
// all there is to go by when nothing could be read.
ParameterPlan PlanParameters(const FlashPlan& plan, const FlashFindings& findings,
                             const std::string& running);

// Whether everything that differs is parameters which the firmware wrote itself since: sectors at
// the end of the header's flash that its images leave blank.
bool IsOnlyParameters(const FlashPlan& plan, const std::vector<FlashRange>& differing);

// What a boot that failed may be mended by.
enum class RepairCause {
  kInitData,    // rule A5: no init data, or something else, where the SDK looks
  kParameters,  // the SDK's own parameters are another firmware's
  kFileSystem,  // what MicroPython finds where it keeps its file system is none
};

// What is cleared for the firmware to make anew. Empty, with the reason in `why_not` if there is
// one to tell, when that would only hide the fault, or destroy what may be somebody's.
struct RepairPlan {
  std::vector<FlashRange> erase;
  std::string what;  // "the SDK's sectors at 0x3fb000 to 0x400000"
  std::string why_not;
};

// `findings` and `running` as for PlanParameters().
RepairPlan PlanRepair(RepairCause cause, const FlashPlan& plan, const BoardIdentity& board,
                      const FlashFindings& findings, const std::string& running);

// Where a header that is refused would not loop on this board for now: init data that another
// firmware left lies where this header sends the SDK, or may lie there when nothing can be read.
// One line; empty otherwise. `plan` as forced, the others as for PlanParameters().
std::string DescribeHiddenFault(const FlashPlan& plan, const BoardIdentity& board,
                                const FlashFindings& findings, const std::string& running);

}  // namespace lastgood
