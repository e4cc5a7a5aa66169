// SPDX-License-Identifier: MIT
#include "sim/boot_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lastgood::sim {
namespace {

using Family = FirmwareFacts::Family;
using Then = BootStep::Then;
using std::chrono::milliseconds;

// What nobody has told firmware_start otherwise (section 15, fact 4).
constexpr std::uint32_t kRomFlashSize = 0x400000;
constexpr std::uint32_t kInitDataFromEnd = 0x4000;
constexpr std::uint32_t kInitDataBytes = 128;
constexpr std::uint8_t kInitDataFirst = 0x05;
constexpr std::uint8_t kBlank = 0xFF;

constexpr milliseconds kSdkStart{60};
constexpr milliseconds kSdkRestart{70};
constexpr milliseconds kApplicationStart{150};
constexpr milliseconds kFileSystemMaking{800};
constexpr milliseconds kCrashAfterPrompt{1000};
constexpr milliseconds kCorruptPause{3000};
constexpr int kCorruptRepeats = 40;
constexpr std::uint32_t kParametersFromEnd = 0x3000;

constexpr const char* kIllegalInstruction =
    "Fatal exception (0): \n"
    "epc1=0x4021d6a8, epc2=0x00000000, epc3=0x00000000, excvaddr=0x00000000, depc=0x00000000\n";
constexpr const char* kLevel1Interrupt =
    "\r\nFatal exception 4(Level1InterruptCause):\r\n"
    "epc1=0x400005cb, epc2=0x00000000, epc3=0x00000000, excvaddr=0x00000000, depc=0x00000000\r\n";
constexpr const char* kCorruptFileSystem =
    "\r\nThe filesystem starting at sector {} with size {} sectors looks corrupt.\r\n";
constexpr const char* kHeaderWrong =
    "#4 ets_task(40100390, 3, 3fff6300, 4)\n"
    "Bootloader Flash size appear to have been set incorrectly, trying to fix\r\n"
    "bcn 0\r\ndel if1\r\nusl\r\n";

// Reading runs at about 2 MB/s.
milliseconds ReadingTime(std::uint32_t bytes) { return milliseconds(bytes / 2000 + 1); }

Bytes InitData() {
  constexpr std::array<std::uint8_t, 16> kStart = {0x05, 0x00, 0x04, 0x02, 0x05, 0x05, 0x05, 0x02,
                                                   0x00, 0x05, 0x02, 0x05, 0x00, 0x04, 0x05, 0x05};
  Bytes data(kStart.begin(), kStart.end());
  data.resize(kInitDataBytes, 0x00);
  return data;
}

// The first sectors of a FAT volume, as far as anyone looks: jump, label, boot signature.
Bytes FileSystemHead() {
  Bytes head = {0xEB, 0xFE, 0x90};
  Append(head, AsBytes("MSDOS5.0 lastgood-sim:filesystem"));
  head.resize(510, 0x00);
  Append(head, Bytes{0x55, 0xAA});
  for (unsigned i = 0; head.size() < kPageSize * 4; ++i)
    head.push_back(static_cast<std::uint8_t>(i * 7 + 1));
  return head;
}

void AddRestart(BootScript& script, const std::string& text, std::uint32_t baud) {
  script.steps.push_back({kSdkStart, {}, text, baud, Then::kNext});
  script.steps.push_back({kSdkRestart, {}, "", baud, Then::kRestart});
}

}  // namespace

std::uint32_t FileSystemStart(std::uint32_t firmware_end) {
  constexpr std::uint32_t kUserStart = 0x90000;
  const std::uint32_t end = (firmware_end + kSectorSize - 1) / kSectorSize * kSectorSize;
  return std::max(kUserStart, end) + kSectorSize;  // one sector is reserved
}

BootScript BootModel::FromReset(int cause, Straps straps) {
  const std::string reset_line = ResetLine(cause, straps);
  if (straps == Straps::kFlash) return LoadAndRun(reset_line, kRomTextBaud);
  BootScript script;
  script.steps.push_back({milliseconds(0), {}, reset_line, kRomTextBaud, Then::kListenForHost});
  return script;
}

BootScript BootModel::FromLoader(std::uint32_t baud) { return LoadAndRun("", baud); }

const Firmware& BootModel::Examined() {
  const std::uint64_t changes = flash_.ChangeCount(kFirmwareAreaBytes);
  if (!examined_ || examined_at_ != changes) {
    examined_ = ExamineFirmware(flash_.content());
    examined_at_ = changes;
  }
  return *examined_;
}

BootScript BootModel::LoadAndRun(std::string text, std::uint32_t baud) {
  const Firmware& firmware = Examined();
  BootScript script;
  script.steps.push_back({milliseconds(0), {}, std::move(text), baud, Then::kNext});
  script.steps.push_back(
      {ReadingTime(firmware.rom_load.read), {}, firmware.rom_load.text, baud, Then::kNext});
  if (!firmware.rom_load.loaded) return script;
  if (!firmware.second_stage.empty())
    script.steps.push_back({milliseconds(20), {}, firmware.second_stage, baud, Then::kNext});
  if (firmware.second_stage_fails || !RunSdk(script, firmware, baud)) return script;
  RunApplication(script, firmware);
  return script;
}

std::uint32_t BootModel::HeaderSize(const Firmware& firmware) const {
  return HeaderFlashSize(flash_.At(3), firmware.sdk);
}

bool BootModel::AllBlank(std::uint32_t address, std::uint32_t length) const {
  const Bytes data = flash_.Read(address, length);
  return std::all_of(data.begin(), data.end(), [](std::uint8_t octet) { return octet == kBlank; });
}

bool BootModel::RunSdk(BootScript& script, const Firmware& firmware, std::uint32_t baud) const {
  if (!firmware.intact || firmware.behaviour == Behaviour::kCrashes) {
    AddRestart(script, kIllegalInstruction, baud);
    return false;
  }
  if (firmware.behaviour == Behaviour::kSilent) return false;
  if (firmware.family == Family::kAt && HeaderSize(firmware) > flash_.size_bytes()) {
    AddRestart(script, "system param error\n", baud);
    return false;
  }
  return CheckInitData(script, firmware, baud) && CheckParameters(script, firmware, baud);
}

// Firmware of both families keeps a structure there whose checksum the other's layout does not meet
// (rule B5). What stands for it here is a mark that names the family.
bool BootModel::CheckParameters(BootScript& script, const Firmware& firmware,
                                std::uint32_t baud) const {
  if (firmware.family != Family::kAt && firmware.family != Family::kMicropython) return true;
  const std::uint32_t address = HeaderSize(firmware) - kParametersFromEnd;
  const std::uint8_t family = firmware.family == Family::kAt ? 'A' : 'M';
  const Bytes mark = {'p', 'a', 'r', 'a', 'm', family};
  if (AllBlank(address, kSectorSize)) {
    BootStep step;
    AddProgramming(step.flash, address, mark);
    script.steps.push_back(std::move(step));
    return true;
  }
  if (flash_.Read(address, static_cast<std::uint32_t>(mark.size())) == mark) return true;
  AddRestart(script, "system param error\n", baud);
  return false;
}

bool BootModel::CheckInitData(BootScript& script, const Firmware& firmware,
                              std::uint32_t baud) const {
  const std::uint32_t looked_at = HeaderSize(firmware) - kInitDataFromEnd;
  if (firmware.sdk == SdkGeneration::kSdk1) {
    if (AllBlank(looked_at, kInitDataBytes)) MakeInitData(script, firmware, looked_at, "", baud);
    return true;
  }
  const std::uint32_t written_at = kRomFlashSize - kInitDataFromEnd;
  const bool writes = AllBlank(written_at, kInitDataBytes);
  if (writes) MakeInitData(script, firmware, written_at, "Writing init data\n", baud);
  const std::uint32_t real_mask = flash_.size_bytes() - 1;
  const bool same_place = (written_at & real_mask) == (looked_at & real_mask);
  const std::uint8_t first = writes && same_place ? kInitDataFirst : flash_.At(looked_at);
  if (first == kInitDataFirst) return true;
  const char* parameters = first == kBlank ? "" : "system param error, use last saved param!\n";
  AddRestart(script,
             fmt::format("{}#0 ets_task(40209c10, 31, 3ffe9020, 4)\nrf_cal[0] !=0x05,is 0x{:02X}\n",
                         parameters, first),
             baud);
  return false;
}

// SDK 1 erases the sector first; firmware_start of SDK 2 builds only programs, having seen FF.
void BootModel::MakeInitData(BootScript& script, const Firmware& firmware, std::uint32_t address,
                             const std::string& text, std::uint32_t baud) const {
  if (!text.empty()) script.steps.push_back({milliseconds(1), {}, text, baud, Then::kNext});
  BootStep step;
  if (firmware.sdk == SdkGeneration::kSdk1)
    step.flash.push_back({FlashOperation::Kind::kEraseSector, address, {}});
  AddProgramming(step.flash, address, InitData());
  script.steps.push_back(std::move(step));
}

void BootModel::RunApplication(BootScript& script, const Firmware& firmware) const {
  script.facts.family = firmware.family;
  script.facts.version = firmware.version;
  script.facts.flash_id = flash_id_;
  script.facts.flash_size_bytes = HeaderSize(firmware);
  script.facts.image_intact = firmware.intact;
  script.steps.push_back({kApplicationStart, {}, "", kApplicationBaud, Then::kNext});
  if (firmware.family == Family::kMicropython) {
    RunMicropython(script, firmware);
  } else {
    script.steps.back().then = Then::kStartApplication;
  }
  if (firmware.behaviour != Behaviour::kCrashesLate) return;
  script.steps.push_back({kCrashAfterPrompt, {}, kLevel1Interrupt, kApplicationBaud, Then::kNext});
  script.steps.push_back({kSdkRestart, {}, "", kApplicationBaud, Then::kRestart});
}

void BootModel::RunMicropython(BootScript& script, const Firmware& firmware) const {
  if (CorrectHeader(script, firmware)) return;
  if (!MakeFileSystem(script, firmware)) return;
  script.steps.push_back({milliseconds(50), {}, "", kApplicationBaud, Then::kStartApplication});
}

// As MicroPython's flashbdev.py did it (section 15, fact 6): chips of 256 KB to 4 MB only.
bool BootModel::CorrectHeader(BootScript& script, const Firmware& firmware) const {
  constexpr std::uint8_t kSmallest = 18;
  constexpr std::array<std::uint8_t, 5> kNibbles = {1, 0, 2, 3, 4};
  const auto capacity = static_cast<std::uint8_t>(flash_id_ >> 16);
  if (!firmware.corrects_header || capacity < kSmallest ||
      capacity >= kSmallest + kNibbles.size() || 1U << capacity == HeaderSize(firmware)) {
    return false;
  }
  Bytes sector = flash_.Read(0, kSectorSize);
  const auto nibble = static_cast<std::uint8_t>(kNibbles[capacity - kSmallest] << 4);
  sector[3] = static_cast<std::uint8_t>((sector[3] & 0x0F) | nibble);
  script.steps.push_back({milliseconds(50), {}, kHeaderWrong, kApplicationBaud, Then::kNext});
  BootStep rewrite;
  rewrite.flash.push_back({FlashOperation::Kind::kEraseSector, 0, {}});
  AddProgramming(rewrite.flash, 0, sector);
  rewrite.then = Then::kRestart;
  script.steps.push_back(std::move(rewrite));
  return true;
}

bool BootModel::MakeFileSystem(BootScript& script, const Firmware& firmware) const {
  const std::uint32_t start = FileSystemStart(firmware.end);
  const bool fits = start + kSectorSize <= flash_.size_bytes();
  script.facts.first_boot = fits && AllBlank(start, kSectorSize);
  if (fits && !script.facts.first_boot && !IsFileSystem(start)) {
    // inisetup.py's fs_corrupted(), every three seconds; longer than anyone listens.
    const std::string text = fmt::format(kCorruptFileSystem, start / kSectorSize,
                                         (HeaderSize(firmware) - start) / kSectorSize);
    for (int i = 0; i < kCorruptRepeats; ++i)
      script.steps.push_back({kCorruptPause, {}, text, kApplicationBaud, Then::kNext});
    return false;
  }
  if (!script.facts.first_boot) return true;
  BootStep step;
  step.delay = kFileSystemMaking;
  step.flash.push_back({FlashOperation::Kind::kEraseSector, start, {}});
  AddProgramming(step.flash, start, FileSystemHead());
  script.steps.push_back(std::move(step));
  return true;
}

// FAT's boot signature, or the name in littlefs's superblock: what mounting would find.
bool BootModel::IsFileSystem(std::uint32_t start) const {
  const Bytes head = flash_.Read(start, kPageSize * 2);
  const bool fat = head[510] == 0x55 && head[511] == 0xAA;
  return fat || AsText(head).substr(8, 8) == "littlefs";
}

}  // namespace lastgood::sim
