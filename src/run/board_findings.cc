// SPDX-License-Identifier: MIT
#include "run/board_findings.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "health/boot_watch.h"
#include "health/verdict.h"
#include "run/boot_text.h"
#include "run/line_names.h"

namespace lastgood {
namespace {

constexpr std::string_view kUnknown = "unknown";

class Reading {
 public:
  Reading(const BoardExamination& found, const BoardSpec& board) : found_(found), board_(board) {}

  Findings Read();

 private:
  void Add(std::string check, FindingVerdict verdict, std::string text, std::string remedy = {}) {
    findings_.push_back({std::move(check), verdict, std::move(text), std::move(remedy), {}});
  }
  void ReadReset();
  void ReadSilence();
  void ReadBootLine();
  void ReadLoader();
  void ReadStart();
  void ReadFirmware();
  bool answered_before() const { return found_.running_before != kUnknown; }
  std::string ResetLine() const { return ResetLineName(board_.lines); }
  std::string BootLine() const { return BootLineName(board_.lines); }

  const BoardExamination& found_;
  const BoardSpec& board_;
  Findings findings_;
};

void Reading::ReadSilence() {
  const BootObservation& seen = *found_.download;
  if (answered_before()) {
    Add("board-reset", FindingVerdict::kProblem,
        fmt::format("{} answered, and goes on when the board is reset: the reset line does not "
                    "reach the chip",
                    found_.running_before),
        fmt::format("check the wire from {} to the board's RST (EN on an ESP32)", ResetLine()));
    return;
  }
  if (seen.heard.empty()) {
    Add("board-reset", FindingVerdict::kProblem,
        fmt::format("nothing is heard on '{}' when the board is reset, at no rate", found_.device),
        "check that the board has power, that its TX goes to the host's RX (swapped, both are "
        "silent), and that this is its serial device");
    return;
  }
  if (seen.log.garbage) {
    Add("board-reset", FindingVerdict::kProblem,
        fmt::format("only noise is heard on '{}' when the board is reset, at {} and at {} baud",
                    found_.device, kRomBaud, kConsoleBaud),
        "check the ground wire, and that the UART's clock stands still: on a Raspberry Pi the "
        "mini-UART's does not");
    return;
  }
  Add("board-reset", FindingVerdict::kProblem,
      "something talks, but not the ROM, which speaks first after a reset: the reset line does not "
      "reach the chip",
      fmt::format("check the wire from {} to the board's RST (EN on an ESP32)", ResetLine()));
}

void Reading::ReadReset() {
  if (!found_.download) {
    const bool by_hand = found_.download.error().code == ExitCode::kRefused;
    Add("board-reset", by_hand ? FindingVerdict::kUnknown : FindingVerdict::kProblem,
        found_.download.error().message, found_.download.error().hint);
    return;
  }
  const BootObservation& seen = *found_.download;
  if (!seen.readable()) {
    ReadSilence();
    return;
  }
  const std::string text =
      fmt::format("{} resets the board: its ROM speaks at {} baud", ResetLine(), seen.rom_baud);
  if (seen.patience == 0)
    Add("board-reset", FindingVerdict::kOk, text);
  else
    Add("board-reset", FindingVerdict::kNote,
        text + ", but only a long pulse does: there is a large capacitor at the pin");
  ReadBootLine();
}

void Reading::ReadBootLine() {
  const int mode = found_.download->log.attempts.back().boot_mode;
  const std::string straps = DescribeStraps(found_.download);
  if (mode == 1) {
    Add("board-boot-line", FindingVerdict::kOk,
        fmt::format("{} keeps the firmware from starting: {}", BootLine(), straps));
  } else if (mode == 3) {
    Add("board-boot-line", FindingVerdict::kProblem,
        fmt::format("{} does not keep the firmware from starting: {}", BootLine(), straps),
        fmt::format("check the wire from {} to the board's GPIO0", BootLine()));
  } else if (mode >= 0) {
    Add("board-boot-line", FindingVerdict::kProblem,
        fmt::format("the chip starts from neither flash nor loader: {}", straps),
        "GPIO2 must be high and GPIO15 low while the chip is reset");
  } else {
    Add("board-boot-line", FindingVerdict::kUnknown,
        "the ROM was heard, but not where it starts from");
  }
}

void Reading::ReadLoader() {
  if (!found_.identity) {
    // What is wrong with the lines was said with its remedy; the loader can only be wrong after it.
    if (ExitCodeOf(findings_) != ExitCode::kDone)
      Add("board-loader", FindingVerdict::kUnknown, "no loader answers, as was to be expected");
    else
      Add("board-loader", FindingVerdict::kProblem, found_.identity.error().message,
          found_.identity.error().hint);
    return;
  }
  Add("board-loader", FindingVerdict::kOk,
      fmt::format("{} answers at {} baud", found_.loader, found_.baud));
  const BoardIdentity& identity = *found_.identity;
  const std::string text = fmt::format("{} {}, {}", identity.Title(), identity.mac.ToString(),
                                       identity.flash_size_bytes != 0
                                           ? FormatFlashSize(identity.flash_size_bytes) + " flash"
                                           : fmt::format("flash id 0x{:06x}", identity.flash_id));
  if (identity.chip == board_.chip)
    Add("board-chip", FindingVerdict::kOk, text);
  else
    Add("board-chip", FindingVerdict::kProblem,
        fmt::format("{}, but the recipe is for {}", text, ChipTitle(board_.chip)),
        "name the recipe of this board");
}

// Whatever firmware does, a board that can be reset and spoken to can be given another one.
void Reading::ReadStart() {
  if (!found_.boot || found_.boot->log.attempts.empty()) return;
  const BootLog& log = found_.boot->log;
  if (!BootHasFailed(log) && !log.looping) {
    Add("board-start", FindingVerdict::kOk, DescribeBoot(found_.boot));
    return;
  }
  if (log.download_mode) {
    Add("board-start", FindingVerdict::kProblem,
        fmt::format("the board stays in its loader although {} is released", BootLine()),
        "check what else pulls the board's GPIO0 low");
    return;
  }
  const HealthVerdict verdict = VerdictOfFailedBoot(log, {});
  Add("board-start", FindingVerdict::kNote, DescribeBoot(found_.boot),
      verdict.remedy.empty() ? "lastgood provision MANIFEST writes another firmware"
                             : verdict.remedy);
}

void Reading::ReadFirmware() {
  if (found_.running != kUnknown)
    Add("board-firmware", FindingVerdict::kOk, found_.running + " answers at 115200 baud");
  else if (answered_before())
    Add("board-firmware", FindingVerdict::kNote,
        found_.running_before + " answered before the board was reset, and does not now");
  else
    Add("board-firmware", FindingVerdict::kNote,
        "no firmware answers at 115200 baud: none is there, it does not run, or it has no console");
}

Findings Reading::Read() {
  ReadReset();
  ReadLoader();
  ReadStart();
  ReadFirmware();
  return std::move(findings_);
}

}  // namespace

Findings FindingsOf(const Result<BoardExamination>& found, const BoardSpec& board) {
  if (found) return Reading(*found, board).Read();
  const Error& error = found.error();
  return {{error.code == ExitCode::kBusy ? "board-busy" : "board-open",
           FindingVerdict::kProblem,
           error.message,
           error.hint,
           {}}};
}

}  // namespace lastgood
