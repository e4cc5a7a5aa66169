// SPDX-License-Identifier: MIT
// The raw REPL frames an answer by itself and does not echo. Paste mode and the friendly REPL echo
// what they are sent, so there the code runs between two printed numbers that occur nowhere in what
// was sent: whatever stands between them was printed by the code.
#include "health/micropython_console.h"

#include <fmt/core.h>

#include <algorithm>

#include "health/firmware_words.h"
#include "health/raw_paste.h"
#include "health/readable_text.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kCtrlA = "\x01";
constexpr std::string_view kCtrlB = "\x02";
constexpr std::string_view kCtrlC = "\x03";
constexpr std::string_view kCtrlD = "\x04";
constexpr std::string_view kCtrlE = "\x05";
constexpr std::string_view kRawBanner = "raw REPL; CTRL-B to exit\r\n>";
constexpr std::string_view kPrompt = ">>> ";
constexpr std::string_view kPastePrompt = "=== ";

constexpr int kStopAttempts = 3;  // for programs that catch what Ctrl-C raises
constexpr milliseconds kOpenMax{10000};
constexpr milliseconds kPromptMax{1500};
constexpr milliseconds kProofMax{2000};
// The ESP8266's receive buffer: more can not be sent blindly.
constexpr std::size_t kBlindMax = 255;

// Output, 04, error, 04, '>'.
std::optional<ConsoleAnswer> ReadMarkedAnswer(std::string_view heard) {
  const std::size_t output_end = heard.find(kCtrlD);
  if (output_end == std::string_view::npos) return std::nullopt;
  const std::size_t error_end = heard.find(kCtrlD, output_end + 1);
  if (error_end == std::string_view::npos) return std::nullopt;
  if (heard.find('>', error_end) == std::string_view::npos) return std::nullopt;
  return ConsoleAnswer{std::string(heard.substr(0, output_end)),
                       std::string(heard.substr(output_end + 1, error_end - output_end - 1))};
}

std::optional<ConsoleAnswer> ReadRawAnswer(std::string_view heard) {
  const std::size_t begin = heard.find("OK");
  if (begin == std::string_view::npos) return std::nullopt;
  return ReadMarkedAnswer(heard.substr(begin + 2));
}

std::optional<ConsoleAnswer> ReadFramedAnswer(std::string_view heard, std::string_view begin_mark,
                                              std::string_view end_mark) {
  const std::size_t begin = heard.find(begin_mark);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = heard.substr(begin + begin_mark.size());
  const std::size_t end = rest.find(end_mark);
  if (end != std::string_view::npos && rest.find(kPrompt, end) != std::string_view::npos)
    return ConsoleAnswer{std::string(rest.substr(0, end)), {}};
  const std::size_t traceback = rest.find("Traceback");
  if (traceback == std::string_view::npos) return std::nullopt;
  const std::size_t prompt = rest.find(kPrompt, traceback);
  if (prompt == std::string_view::npos) return std::nullopt;
  return ConsoleAnswer{std::string(rest.substr(0, traceback)),
                       std::string(rest.substr(traceback, prompt - traceback))};
}

std::string PythonLiteral(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      literal += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      literal += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      literal += c;
  }
  return literal + "'";
}

// One line that prints two computed numbers around what `code` prints.
struct FramedCode {
  Challenge begin;
  Challenge end;
  std::string line;
};

FramedCode Frame(std::string_view code, ChallengeMaker& challenges) {
  constexpr int kDraws = 100;  // more only if the code consists of all numbers there are
  FramedCode framed;
  for (int draw = 0; draw < kDraws; ++draw) {
    framed.begin = challenges.Next();
    framed.end = challenges.Next();
    framed.line = fmt::format("print({});exec({});print({})", framed.begin.expression,
                              PythonLiteral(code), framed.end.expression);
    const auto ambiguous = [&](const std::string& a, const std::string& b) {
      return framed.line.find(a) != std::string::npos || b.find(a) != std::string::npos;
    };
    if (!ambiguous(framed.begin.answer, framed.end.answer) &&
        !ambiguous(framed.end.answer, framed.begin.answer))
      break;
  }
  return framed;
}

bool HasLine(std::string_view text, std::string_view line) {
  const auto lines = SplitLines(text);
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

}  // namespace

Result<bool> MicropythonConsole::Open(bool at_prompt) {
  const Deadline deadline(line_.clock(), kOpenMax);
  stopped_program_ = !at_prompt;
  for (int attempt = 0; attempt < kStopAttempts && !deadline.Expired(); ++attempt) {
    TRY_DO(StopProgram());
    TRY(const bool raw, ProveIn(Mode::kRaw));
    if (raw) return true;
    if (in_raw_) break;  // it accepts and then hangs: asking again would cost the same again
  }
  for (const Mode mode : {Mode::kPaste, Mode::kFriendly}) {
    if (deadline.Expired()) return false;
    TRY_DO(LeaveRaw());
    TRY(const bool proven, ProveIn(mode));
    if (proven) return true;
  }
  return false;
}

Result<void> MicropythonConsole::StopProgram() {
  line_.Mark();
  TRY_DO(line_.Send(kCtrlC));
  TRY_DO(line_.Pause(milliseconds(100)));
  TRY_DO(line_.Send(kCtrlC));
  TRY_DO(line_.HearUntilQuiet(milliseconds(150), milliseconds(1000)));
  if (line_.SinceMark().find("KeyboardInterrupt") != std::string_view::npos)
    stopped_program_ = true;
  return {};
}

Result<bool> MicropythonConsole::ProveIn(Mode mode) {
  mode_ = mode;
  const Challenge challenge = challenges_.Next();
  return Prints(challenge.expression, challenge.answer);
}

Result<bool> MicropythonConsole::Prints(std::string_view expression, std::string_view value) {
  TRY(const auto answer, Execute(fmt::format("print({})", expression), kProofMax));
  return answer && answer->error.empty() && HasLine(answer->output, value);
}

Result<bool> MicropythonConsole::Knock(milliseconds limit) {
  line_.Mark();
  TRY_DO(line_.Send(kCtrlC));
  TRY_DO(line_.Send("\r"));
  return line_.WaitFor(kPrompt, limit);
}

// CircuitPython answers all that MicroPython answers, but not to that name.
Result<ProductName> MicropythonConsole::Identify() {
  // Ctrl-B leaves the raw REPL, and on the friendly one makes it print its banner again.
  line_.Mark();
  TRY_DO(line_.Send(kCtrlB));
  in_raw_ = false;
  TRY_DO(line_.WaitFor(kPrompt, kPromptMax));
  if (ProductName other = NameInGreetings(line_.SinceMark()); !other.product.empty()) return other;
  if (std::string version = VersionOfBanner(line_.SinceMark()); !version.empty())
    return ProductName{Product(), std::move(version)};
  TRY(const auto answer, Execute("import sys;print(sys.implementation)", kProofMax));
  TRY_DO(LeaveRaw());
  ProductName name = answer ? NameOfImplementation(answer->output) : ProductName();
  if (name.product.empty()) name.product = Product();
  return name;
}

Result<void> MicropythonConsole::LeaveMark() {
  mark_ = challenges_.Next().answer;
  TRY_DO(Execute(fmt::format("_lastgood={}", mark_), kProofMax));
  TRY(const bool there, MarkIsThere());
  if (!there) mark_.clear();
  return LeaveRaw();
}

Result<bool> MicropythonConsole::MarkIsThere() {
  if (mark_.empty()) return ProveIn(mode_);
  const Challenge fresh = challenges_.Next();
  return Prints("_lastgood+" + fresh.expression,
                std::to_string(std::stoi(mark_) + std::stoi(fresh.answer)));
}

Result<void> MicropythonConsole::Close() {
  if (!mark_.empty()) TRY_DO(Execute("del _lastgood", kProofMax));
  mark_.clear();
  return LeaveRaw();
}

Result<std::optional<ConsoleAnswer>> MicropythonConsole::Execute(std::string_view code,
                                                                 milliseconds limit) {
  return mode_ == Mode::kRaw ? ExecuteRaw(code, limit) : ExecuteFramed(code, limit);
}

Result<bool> MicropythonConsole::EnterRaw() {
  if (in_raw_) return true;
  line_.Mark();
  TRY_DO(line_.Send(kCtrlA));
  TRY(in_raw_, line_.WaitFor(kRawBanner, kPromptMax));
  return in_raw_;
}

Result<void> MicropythonConsole::LeaveRaw() {
  if (!in_raw_) return {};
  in_raw_ = false;
  line_.Mark();
  // Ctrl-C ends what may still run, and empties what the raw REPL has not been told to execute.
  TRY_DO(line_.Send(kCtrlC));
  TRY_DO(line_.Send(kCtrlB));
  TRY_DO(line_.WaitFor(kPrompt, kPromptMax));
  return {};
}

Result<std::optional<ConsoleAnswer>> MicropythonConsole::ExecuteRaw(std::string_view code,
                                                                    milliseconds limit) {
  if (code.size() > kBlindMax && !raw_paste_fails_) return ExecuteLong(code, limit);
  TRY(const bool entered, EnterRaw());
  if (!entered) return std::nullopt;
  line_.Mark();
  TRY_DO(line_.Send(fmt::format("{}{}", code, kCtrlD)));
  return Await(ReadRawAnswer, limit);
}

Result<std::optional<ConsoleAnswer>> MicropythonConsole::ExecuteLong(std::string_view code,
                                                                     milliseconds limit) {
  TRY(const bool entered, EnterRaw());
  if (!entered) return std::nullopt;
  TRY(const RawPasteResult sent, SendByRawPaste(line_, code));
  if (sent.outcome == RawPaste::kTaken)
    return Await(
        [&](std::string_view heard) {
          return ReadMarkedAnswer(heard.substr(std::min(sent.answer_at, heard.size())));
        },
        limit);
  raw_paste_fails_ = true;
  if (sent.outcome == RawPaste::kSilent) TRY_DO(LeaveRaw());
  return ExecuteRaw(code, limit);
}

Result<std::optional<ConsoleAnswer>> MicropythonConsole::ExecuteFramed(std::string_view code,
                                                                       milliseconds limit) {
  const FramedCode framed = Frame(code, challenges_);
  line_.Mark();
  TRY_DO(line_.Send(kCtrlC));  // a half-typed line or paste is in the way
  TRY_DO(line_.HearUntilQuiet(milliseconds(100), milliseconds(500)));
  if (mode_ == Mode::kPaste) {
    line_.Mark();
    TRY_DO(line_.Send(kCtrlE));
    TRY(const bool entered, line_.WaitFor(kPastePrompt, kPromptMax));
    if (!entered) return std::nullopt;
  }
  line_.Mark();
  TRY_DO(line_.Send(fmt::format("{}{}", framed.line, mode_ == Mode::kPaste ? kCtrlD : "\r")));
  return Await(
      [&](std::string_view heard) {
        return ReadFramedAnswer(heard, framed.begin.answer, framed.end.answer);
      },
      limit);
}

template <class Reader>
Result<std::optional<ConsoleAnswer>> MicropythonConsole::Await(Reader read, milliseconds limit) {
  const Deadline deadline(line_.clock(), limit);
  while (true) {
    if (auto answer = read(line_.SinceMark())) return answer;
    if (deadline.Expired()) return std::nullopt;
    TRY_DO(line_.Hear(deadline.Remaining()));
  }
}

}  // namespace lastgood
