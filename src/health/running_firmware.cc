// SPDX-License-Identifier: MIT
#include "health/boot_watch.h"
#include "health/firmware_words.h"
#include "health/health_check.h"
#include "health/line_listener.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPromptMax{300};
constexpr milliseconds kRawMax{200};
constexpr milliseconds kBannerMax{400};
constexpr milliseconds kAtMax{500};

std::string Joined(const ProductName& name) {
  return name.version.empty() ? name.product : name.product + " " + name.version;
}

}  // namespace

// An empty line first: it stops nothing and starts nothing, and only a prompt that answers it is
// asked further. What was left in the raw REPL shows no prompt; Ctrl-B leaves that, and is nothing
// to others. AT+GMR, for the rest, reads and changes nothing.
Result<std::string> NameRunningFirmware(SerialPort& serial_port, Clock& clock,
                                        const Interrupt& interrupt) {
  LineListener line(serial_port, clock, interrupt);
  TRY_DO(line.SetRate(kConsoleBaud));
  TRY_DO(line.Discard());
  TRY_DO(line.Send("\r\n"));
  TRY(bool prompt, line.WaitFor(">>> ", kPromptMax));
  if (!prompt) {
    TRY_DO(line.Send("\x02\r\n"));
    TRY(prompt, line.WaitFor(">>> ", kRawMax));
  }
  if (prompt) {
    TRY_DO(line.HearUntilQuiet(milliseconds(30), kPromptMax));
    line.Mark();
    TRY_DO(line.Send("\x02"));
    TRY_DO(line.WaitFor(">>> ", kBannerMax));
    if (const ProductName other = NameInGreetings(line.SinceMark()); !other.product.empty())
      return Joined(other);
    const std::string version = VersionOfBanner(line.SinceMark());
    return version.empty() ? "MicroPython" : "MicroPython " + version;
  }
  line.Mark();
  TRY_DO(line.Send("AT+GMR\r\n"));
  TRY_DO(line.WaitFor("OK\r\n", kAtMax));
  if (const std::string version = VersionOfAt(line.SinceMark()); !version.empty())
    return "AT " + version;
  const Bytes heard = line.transcript().Text();
  const ProductName greeting = NameInGreetings(AsText(heard));
  return greeting.product.empty() ? "unknown" : Joined(greeting);
}

}  // namespace lastgood
