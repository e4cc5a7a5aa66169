// SPDX-License-Identifier: MIT
#include "flash/connect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

struct Attempt {
  int patience = 0;
  bool at_fallback = false;
  int syncs = 5;
};
constexpr std::array kAtOneRate = {Attempt{0}, Attempt{0}, Attempt{1}, Attempt{2}};
// A ROM that can measure the working rate does so at once.
constexpr std::array kAtTwoRates = {Attempt{0, false, 2}, Attempt{0, true, 3},
                                    Attempt{0, false, 4}, Attempt{1, true, 4},
                                    Attempt{1, false, 4}, Attempt{2, true}};
constexpr milliseconds kConnectMax{4500};
constexpr std::uint32_t kBootTextRate = 74880;  // 115200 * 26 / 40, for the usual 26 MHz crystal
constexpr milliseconds kBootTextTime{300};
constexpr std::size_t kBootTextMax = 4096;

// Listening at the ROM's own rate tells a dead boot line from a dead TX wire. Best effort: what
// fails here must not hide the failure that led here.
Result<Bytes> ListenToBoot(LoaderLink& link, BoardLines& lines) {
  SerialPort& serial_port = link.serial_port();
  TRY_DO(serial_port.SetBaudRate(kBootTextRate));
  TRY_DO(serial_port.DiscardInput());
  TRY_DO(lines.Reset(BoardMode::kDownload, 1));
  Bytes heard;
  const Deadline deadline(link.clock(), kBootTextTime);
  while (!deadline.Expired() && heard.size() < kBootTextMax) {
    TRY_DO(link.interrupt().Check());
    std::array<std::uint8_t, 512> buffer;
    TRY(const std::size_t count,
        serial_port.Read(buffer, std::min(deadline.Remaining(), milliseconds(100))));
    Append(heard, ByteSpan(buffer).first(count));
  }
  return heard;
}

bool IsPrintable(std::uint8_t octet) {
  return (octet >= 0x20 && octet < 0x7F) || octet == '\r' || octet == '\n' || octet == '\t';
}

// Readable text of some length, as an application prints it; garbage has too few such octets.
bool LooksLikeText(ByteSpan octets) {
  const auto printable = std::count_if(octets.begin(), octets.end(), IsPrintable);
  return octets.size() >= 8 && static_cast<std::size_t>(printable) * 10 >= octets.size() * 9;
}

// The end of it on one line, short enough for a message.
std::string Excerpt(ByteSpan octets) {
  constexpr std::size_t kLength = 48;
  std::string text;
  for (const std::uint8_t octet : octets.last(std::min(octets.size(), kLength)))
    text += octet >= 0x20 && octet < 0x7F ? static_cast<char>(octet) : ' ';
  const std::size_t first = text.find_first_not_of(' ');
  const std::size_t last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

Diagnosis DiagnoseBootMode(int mode, const std::string& serial_port, const std::string& lines) {
  switch (mode) {
    case 1:
      return {"the board is in its loader but does not hear the host",
              fmt::format("check the wire from the host's TX ({}) to the board's RX", serial_port)};
    case 3:
      return {"the board starts its firmware instead of its loader",
              fmt::format("check the boot line ({}): it must pull GPIO0 low during reset", lines)};
    case 0:
    case 2:
      return {fmt::format("the board starts in boot mode {}, because GPIO2 is low", mode),
              "disconnect what pulls the chip's GPIO2 low"};
    default:
      return {fmt::format("the board starts in boot mode {}, because GPIO15 is high", mode),
              "pull the chip's GPIO15 low"};
  }
}

Error FailSilent(LoaderLink& link, const Diagnosis& diagnosis, ExitCode code = ExitCode::kBoard) {
  return {code,
          fmt::format("no loader answers on '{}' at {} baud: {}", link.serial_port().Name(),
                      link.baud(), diagnosis.finding),
          diagnosis.remedy};
}

Heard HeardSoFar(const LoaderLink& link) {
  return {link.Noise(), {}, link.heard_own_frames(), link.heard_stub()};
}

Error ExplainSilence(LoaderLink& link, BoardLines& lines) {
  Heard heard = HeardSoFar(link);
  Result<Bytes> boot = ListenToBoot(link, lines);
  if (!boot && boot.error().code == ExitCode::kInterrupted) return boot.error();
  heard.at_boot_rate = std::move(boot).value_or(Bytes());
  // The next user of the port sets its own rate; this is for one who does not.
  static_cast<void>(link.serial_port().SetBaudRate(link.baud()));
  return FailSilent(link, DiagnoseSilence(heard, link.serial_port().Name(), lines.Name()));
}

// --- Where a person moves the lines. ---

constexpr int kAsksMax = 2;
constexpr int kSyncsByHand = 3;

// The loader as it is, at either rate. Ends at the working rate unless it answers at the other.
Result<Answerer> LookForLoader(LoaderLink& link, std::uint32_t fallback, bool rom_only) {
  const std::uint32_t working_rate = link.baud();
  TRY(Answerer answerer, link.Synchronise(kSyncsByHand));
  if (answerer == Answerer::kNobody && fallback != working_rate) {
    TRY_DO(link.SetBaudRate(fallback));
    TRY(answerer, link.Synchronise(kSyncsByHand));
  }
  if (answerer == Answerer::kRom || (answerer == Answerer::kStub && !rom_only)) return answerer;
  if (link.baud() != working_rate) TRY_DO(link.SetBaudRate(working_rate));
  return Answerer::kNobody;
}

// Asks the person, and returns what the board said meanwhile at the rate of its boot text.
Result<Bytes> AskForLoader(LoaderLink& link, BoardLines& lines, int asked_before) {
  SerialPort& serial_port = link.serial_port();
  TRY_DO(serial_port.SetBaudRate(kBootTextRate));
  TRY_DO(link.Forget());
  TRY_DO(lines.Reset(BoardMode::kDownload, asked_before));
  Bytes heard;
  std::array<std::uint8_t, 512> buffer;
  while (heard.size() < kBootTextMax) {
    TRY(const std::size_t count, serial_port.Read(buffer, milliseconds(0)));
    if (count == 0) break;
    Append(heard, ByteSpan(buffer).first(count));
  }
  TRY_DO(serial_port.SetBaudRate(link.baud()));
  TRY_DO(link.Forget());
  return heard;
}

Diagnosis DiagnoseHand(const Heard& heard, const std::string& serial_port,
                       const std::string& lines) {
  Diagnosis diagnosis = DiagnoseSilence(heard, serial_port, lines);
  if (BootModeIn(heard.at_boot_rate) == 3)
    diagnosis.remedy = "keep the boot button pressed until the reset button has been let go of";
  return diagnosis;
}

Result<Answerer> EnterByHand(LoaderLink& link, BoardLines& lines, std::uint32_t fallback,
                             bool rom_only) {
  TRY_DO(link.Forget());
  Bytes boot_text;
  for (int asked = 0;; ++asked) {
    TRY(const Answerer answerer, LookForLoader(link, fallback, rom_only));
    if (answerer != Answerer::kNobody) return answerer;
    if (asked == kAsksMax) break;
    Diagnosis diagnosis =
        DiagnoseSilence(HeardSoFar(link), link.serial_port().Name(), lines.Name());
    Result<Bytes> heard = AskForLoader(link, lines, asked);
    if (!heard && heard.error().code == ExitCode::kRefused) {
      diagnosis.remedy = heard.error().hint;
      TRY_DO(link.SetBaudRate(link.baud()));
      return Fail(FailSilent(link, diagnosis, ExitCode::kRefused));
    }
    TRY(boot_text, std::move(heard));
  }
  Heard heard = HeardSoFar(link);
  heard.at_boot_rate = std::move(boot_text);
  return Fail(FailSilent(link, DiagnoseHand(heard, link.serial_port().Name(), lines.Name())));
}

}  // namespace

std::optional<int> BootModeIn(ByteSpan text) {
  constexpr std::string_view kKey = "boot mode:(";
  const std::string_view all = AsText(text);
  // The last one: the one that this reset brought about.
  const std::size_t at = all.rfind(kKey);
  if (at == std::string_view::npos || at + kKey.size() >= all.size()) return std::nullopt;
  const char digit = all[at + kKey.size()];
  if (digit < '0' || digit > '7') return std::nullopt;
  return digit - '0';
}

Diagnosis DiagnoseSilence(const Heard& heard, const std::string& serial_port,
                          const std::string& lines) {
  // The ROM's own word first: firmware with an echoing console can look like joined wires.
  if (const std::optional<int> mode = BootModeIn(heard.at_boot_rate))
    return DiagnoseBootMode(*mode, serial_port, lines);
  if (heard.stub) {
    return {"a stub loader answers instead of the ROM, so the chip was not reset",
            fmt::format("check the reset line ({}), or power-cycle the board", lines)};
  }
  if (heard.own_frames) {
    return {"what the host sends comes back",
            fmt::format("check the wiring: the TX and RX of '{}' seem to be joined", serial_port)};
  }
  if (LooksLikeText(heard.at_working_rate)) {
    return {fmt::format("the board's firmware goes on talking (\"{}\")",
                        Excerpt(heard.at_working_rate)),
            fmt::format("check the reset and boot lines ({})", lines)};
  }
  const std::size_t octets = heard.at_working_rate.size() + heard.at_boot_rate.size();
  if (octets == 0) {
    return {"nothing was heard, not even boot text",
            fmt::format("check power, the wire from the board's TX to the host's RX, and that '{}' "
                        "is the board's serial port",
                        serial_port)};
  }
  return {fmt::format("only {} octets of noise were heard", octets),
          fmt::format("check the ground wire and the reset and boot lines ({}), and that no other "
                      "program uses '{}'",
                      lines, serial_port)};
}

Result<Answerer> EnterLoader(LoaderLink& link, BoardLines& lines, std::uint32_t fallback,
                             bool rom_only) {
  if (lines.MovedBy() != LinesMover::kHost) return EnterByHand(link, lines, fallback, rom_only);
  const Deadline deadline(link.clock(), kConnectMax);
  const std::uint32_t working_rate = link.baud();
  const std::span<const Attempt> attempts =
      working_rate == fallback ? std::span<const Attempt>(kAtOneRate) : kAtTwoRates;
  int stub_answers = 0;
  for (const Attempt& attempt : attempts) {
    if (deadline.Expired()) break;
    TRY_DO(link.interrupt().Check());
    const std::uint32_t rate = attempt.at_fallback ? fallback : working_rate;
    if (rate != link.baud()) TRY_DO(link.SetBaudRate(rate));
    TRY_DO(link.Forget());
    TRY_DO(lines.Reset(BoardMode::kDownload, attempt.patience));
    TRY(const Answerer answerer, link.Synchronise(attempt.syncs));
    if (answerer == Answerer::kRom) return answerer;
    // It may be the line that needs patience.
    if (answerer == Answerer::kStub && !rom_only && ++stub_answers == 2) return answerer;
  }
  if (link.baud() != working_rate) TRY_DO(link.SetBaudRate(working_rate));
  return Fail(ExplainSilence(link, lines));
}

}  // namespace lastgood
