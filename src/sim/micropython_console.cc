// SPDX-License-Identifier: MIT
#include "sim/micropython_console.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lastgood::sim {
namespace {

constexpr char kCtrlA = 1;
constexpr char kCtrlB = 2;
constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;
constexpr char kCtrlE = 5;
constexpr char kBackspace = 8;
constexpr char kEscape = 27;
constexpr char kDelete = 127;

constexpr std::size_t kSourceMax = 16384;
constexpr int kRawPasteWindow = 128;  // half of the ESP8266's receive buffer

constexpr std::string_view kMachine = "ESP module with ESP8266";
constexpr std::string_view kRawBanner = "raw REPL; CTRL-B to exit\r\n>";

bool StartsCompound(std::string_view source) {
  constexpr std::array<std::string_view, 8> kWords = {"if",   "while", "for",   "try",
                                                      "with", "def",   "class", "async"};
  if (source.substr(0, 1) == "@") return true;
  const std::string_view word = source.substr(0, source.find_first_of(" (:\n"));
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Brackets that are open and not inside a string or comment.
int OpenBrackets(std::string_view source) {
  int open = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote || c == '\n') quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++open;
    } else if (c == ')' || c == ']' || c == '}') {
      --open;
    }
  }
  return open;
}

// Does a REPL ask for another line? A block ends with an empty one.
bool NeedsMore(std::string_view source) {
  if (source.empty()) return false;
  if (OpenBrackets(source) > 0 || source.back() == '\\') return true;
  return StartsCompound(source) && source.back() != '\n';
}

}  // namespace

Bytes MicropythonConsole::Start(const FirmwareFacts& facts) {
  facts_ = facts;
  mode_ = Mode::kFriendly;
  Boot();
  if (!facts_.main_never_returns) Say("\r\n");
  RunMain();
  return ToBytes(std::exchange(out_, {}));
}

// Silent, if there is one; what follows its interrupt is what follows its end. CircuitPython's REPL
// waits for a key then.
void MicropythonConsole::RunMain() {
  in_main_ = facts_.main_never_returns;
  if (in_main_)
    mode_ = Mode::kBusy;
  else
    MainHasEnded();
}

void MicropythonConsole::MainHasEnded() {
  if (facts_.family != FirmwareFacts::Family::kCircuitpython) return EnterFriendly();
  mode_ = Mode::kAnyKey;
  Say("\r\nPress any key to enter the REPL. Use CTRL-D to soft reset.\r\n");
}

void MicropythonConsole::StopMain() {
  in_main_ = false;
  Say("Traceback (most recent call last):\r\n  File \"main.py\", line 2, in <module>\r\n"
      "KeyboardInterrupt: \r\n");
  MainHasEnded();
}

Bytes MicropythonConsole::Receive(std::uint8_t octet) {
  const char c = static_cast<char>(octet);
  switch (interpreter_ ? mode_ : Mode::kBusy) {
    case Mode::kFriendly:
      Friendly(c);
      break;
    case Mode::kPaste:
      Paste(c);
      break;
    case Mode::kRaw:
      Raw(c);
      break;
    case Mode::kRawPaste:
      RawPaste(c);
      break;
    case Mode::kBusy:
      Busy(c);
      break;
    case Mode::kAnyKey:
      Say("\r\n");
      EnterFriendly();
      break;
  }
  return ToBytes(std::exchange(out_, {}));
}

void MicropythonConsole::Boot() {
  interpreter_.emplace(facts_);
  source_.clear();
  source_too_long_ = false;
  escape_ = Escape::kNone;
  out_.clear();
  in_main_ = false;
  const bool old = interpreter_->release().ComplainsAboutMainPy();
  if (old) Say("#4 ets_task(40100164, 3, 3fff8398, 4)\n");
  if (facts_.first_boot) Say("Performing initial setup\r\n");
  if (old && !facts_.main_never_returns) Say("could not open file 'main.py' for reading\r\n");
}

void MicropythonConsole::SoftReset() {
  const std::string said = std::exchange(out_, {});
  facts_.first_boot = false;
  Boot();
  out_ = said + std::string(interpreter_->release().SoftRebootText()) + "\r\n" + out_;
  if (mode_ == Mode::kRaw)
    EnterRaw();
  else
    RunMain();
}

void MicropythonConsole::EnterFriendly() {
  mode_ = Mode::kFriendly;
  const bool circuitpython = facts_.family == FirmwareFacts::Family::kCircuitpython;
  Say(circuitpython ? "Adafruit CircuitPython " : "MicroPython ");
  Say(facts_.version + "; " + std::string(kMachine) + "\r\n");
  if (!circuitpython) Say("Type \"help()\" for more information.\r\n");
  Prompt();
}

void MicropythonConsole::Prompt() {
  source_.clear();
  source_too_long_ = false;
  line_start_ = 0;
  Say(">>> ");
}

void MicropythonConsole::EnterRaw() {
  mode_ = Mode::kRaw;
  source_.clear();
  source_too_long_ = false;
  Say(kRawBanner);
}

void MicropythonConsole::Append(char c) {
  if (source_.size() < kSourceMax)
    source_ += c;
  else
    source_too_long_ = true;
}

// Arrow keys and the like: eaten whole, so that their letters do not end up in the line.
bool MicropythonConsole::SwallowedAsEscape(char c) {
  if (escape_ == Escape::kNone) {
    if (c == kEscape) escape_ = Escape::kBegun;
    return c == kEscape;
  }
  const bool introducer = escape_ == Escape::kBegun && (c == '[' || c == 'O');
  const bool goes_on = escape_ == Escape::kInside && (c == ';' || (c >= '0' && c <= '9'));
  escape_ = introducer || goes_on ? Escape::kInside : Escape::kNone;
  return true;
}

void MicropythonConsole::Friendly(char c) {
  if (SwallowedAsEscape(c)) return;
  const bool line_empty = source_.size() == line_start_;
  if (c == kCtrlC || (line_empty && c >= kCtrlA && c <= kCtrlE)) return FriendlyControl(c);
  if (c == '\r') return LineEnd();
  if ((c == kBackspace || c == kDelete) && !line_empty) {
    source_.pop_back();
    return Say("\b\x1b[K");
  }
  if (c < ' ' || c == kDelete) return;
  Append(c);
  out_ += c;
}

void MicropythonConsole::FriendlyControl(char c) {
  const bool continuing = line_start_ > 0;
  if (continuing && c == kCtrlD) return Execute(true, false);
  if (continuing && c != kCtrlC) return;
  if (c == kCtrlE) {
    mode_ = Mode::kPaste;
    return Say("\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ");
  }
  Say("\r\n");
  if (c == kCtrlA) EnterRaw();
  if (c == kCtrlB) EnterFriendly();
  if (c == kCtrlC) Prompt();
  if (c == kCtrlD) SoftReset();
}

void MicropythonConsole::LineEnd() {
  Say("\r\n");
  if (source_.empty()) return Prompt();
  if (!NeedsMore(source_)) return Execute(true, false);
  Append('\n');
  line_start_ = source_.size();
  Say("... ");
}

void MicropythonConsole::Paste(char c) {
  if (c == kCtrlC || c == kCtrlD) Say("\r\n");
  if (c == kCtrlD) return Execute(true, false);
  if (c == kCtrlC) {
    mode_ = Mode::kFriendly;
    return Prompt();
  }
  Append(c);
  if (c == '\r')
    Say("\r\n=== ");
  else
    out_ += c;
}

void MicropythonConsole::Raw(char c) {
  const bool asks_for_paste = source_.size() == 2 && source_[0] == kCtrlE;
  if (c == kCtrlA && asks_for_paste && interpreter_->release().HasRawPaste())
    return StartRawPaste(source_[1]);
  if (c == kCtrlA) return EnterRaw();
  if (c == kCtrlB) {
    Say("\r\n");
    return EnterFriendly();
  }
  if (c == kCtrlC) {
    source_.clear();
    source_too_long_ = false;
    return;
  }
  if (c != kCtrlD) return Append(c);
  Say("OK");
  if (!source_.empty()) return Execute(false, true);
  Say("\r\n");
  SoftReset();
}

void MicropythonConsole::StartRawPaste(char command) {
  source_.clear();
  if (command != 'A') {
    out_ += {'R', '\0', '>'};
    return;
  }
  out_ += {'R', '\1', static_cast<char>(kRawPasteWindow & 0xFF),
           static_cast<char>(kRawPasteWindow >> 8), '\1'};
  window_left_ = kRawPasteWindow;
  mode_ = Mode::kRawPaste;
}

void MicropythonConsole::RawPaste(char c) {
  if (facts_.raw_paste_falls_silent && c != kCtrlC) return;
  if (c == kCtrlC || c == kCtrlD) out_ += kCtrlD;
  if (c == kCtrlD) return Execute(false, true);
  if (c == kCtrlC) return Finish("KeyboardInterrupt: \n", true);
  Append(c);
  if (--window_left_ > 0) return;
  window_left_ = kRawPasteWindow;
  out_ += kCtrlA;
}

void MicropythonConsole::Busy(char c) {
  if (c != kCtrlC || !interpreter_) return;
  if (in_main_)
    StopMain();
  else
    Finish(std::exchange(traceback_when_interrupted_, {}), busy_in_raw_);
}

void MicropythonConsole::Execute(bool echo, bool raw) {
  if (source_too_long_)
    return Finish("MemoryError: memory allocation failed, the program is too long\n", raw);
  MicropythonInterpreter::Outcome outcome = interpreter_->Execute(source_, echo);
  SayCooked(outcome.output);
  if (!outcome.runs_for_ever) return Finish(outcome.traceback, raw);
  traceback_when_interrupted_ = std::move(outcome.traceback);
  busy_in_raw_ = raw;
  mode_ = Mode::kBusy;
}

void MicropythonConsole::Finish(std::string_view traceback, bool raw) {
  if (raw) out_ += kCtrlD;
  SayCooked(traceback);
  mode_ = raw ? Mode::kRaw : Mode::kFriendly;
  if (!raw) return Prompt();
  source_.clear();
  source_too_long_ = false;
  out_ += {kCtrlD, '>'};
}

void MicropythonConsole::SayCooked(std::string_view text) {
  for (const char c : text) {
    if (c == '\n') out_ += '\r';
    out_ += c;
  }
}

}  // namespace lastgood::sim
