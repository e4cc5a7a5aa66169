// SPDX-License-Identifier: MIT
// The console that is built into the simulated board and a real MicroPython REPL are held to the
// same transcripts (tests/repl/transcripts). In a transcript "> " is typed, "< " is the answer,
// successive "< " lines belong together; "\r", "\n", "\t", "\\" and "\xHH" stand for octets.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "host/clock.h"
#include "sim/micropython_console.h"
#include "sim/pty_server.h"
#include "unit/sim/console_driver.h"
#include "unit/sim/real_repl.h"

namespace lastgood::sim {
namespace {

struct Exchange {
  std::string typed;  // empty for what is said at the start
  std::string answer;
};

struct Transcript {
  std::string name;
  std::vector<Exchange> exchanges;
};

std::string Unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char letter = text.at(++i);
    if (letter == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += letter == 'r' ? '\r' : letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
    }
  }
  return out;
}

Transcript ReadTranscript(const std::filesystem::path& path) {
  Transcript transcript{path.filename().string(), {{}}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.size() < 2 || line[0] == '#') continue;
    if (line[0] == '>') transcript.exchanges.push_back({Unescape(line.substr(2)), {}});
    if (line[0] == '<') transcript.exchanges.back().answer += Unescape(line.substr(2));
  }
  return transcript;
}

std::vector<Transcript> AllTranscripts() {
  const std::filesystem::path directory =
      std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/repl/transcripts";
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Transcript> transcripts;
  std::transform(paths.begin(), paths.end(), std::back_inserter(transcripts), ReadTranscript);
  return transcripts;
}

// What truly differs: the engine on Node has another machine's name, and prints bare line feeds
// where the ESP8266's UART sends CR LF.
std::string Normalised(std::string text) {
  constexpr std::string_view kMachine = "JS with Emscripten";
  for (std::size_t at; (at = text.find(kMachine)) != std::string::npos;)
    text.replace(at, kMachine.size(), "ESP module with ESP8266");
  std::string out;
  for (const char c : text) {
    if (c == '\n' && (out.empty() || out.back() != '\r')) out += '\r';
    out += c;
  }
  return out;
}

using std::chrono::seconds;

// An answer is complete when it is as long as expected; a wrong one shows when nothing more comes.
std::string AwaitAnswer(Console& console, std::string said, std::size_t expected_size,
                        seconds patience) {
  SystemClock clock;
  const Deadline deadline(clock, patience);
  while (Normalised(said).size() < expected_size && !deadline.Expired() &&
         console.Problem().empty()) {
    clock.SleepFor(std::chrono::milliseconds(1));
    said += AsText(console.Poll());
  }
  EXPECT_EQ(console.Problem(), "");
  return Normalised(std::move(said));
}

void Hold(Console& console, const Transcript& transcript, seconds patience) {
  SCOPED_TRACE(transcript.name);
  std::string said(AsText(console.Start(Micropython())));
  for (const Exchange& exchange : transcript.exchanges) {
    said += Type(console, exchange.typed);
    said = AwaitAnswer(console, std::move(said), Normalised(exchange.answer).size(), patience);
    ASSERT_EQ(said, Normalised(exchange.answer)) << "after typing '" << exchange.typed << "'";
    said.clear();
  }
  EXPECT_EQ(AsText(console.Poll()), "");
  console.Stop();
}

TEST(ConsoleContractTest, TranscriptsAreThere) { EXPECT_GE(AllTranscripts().size(), 6U); }

TEST(ConsoleContractTest, BuiltInConsoleAnswersAsTranscribed) {
  for (const Transcript& transcript : AllTranscripts()) {
    MicropythonConsole console;
    Hold(console, transcript, seconds(0));
  }
}

TEST(ConsoleContractTest, RealReplAnswersAsTranscribed) {
  const auto command = test::RealRepl();
  if (!command) return;
  for (const Transcript& transcript : AllTranscripts()) {
    const auto console = MakeExternalConsole(*command);
    Hold(*console, transcript, seconds(20));
  }
}

TEST(ConsoleContractTest, RealReplBannerFollowsTheFlashedFirmware) {
  const auto command = test::RealRepl();
  if (!command) return;
  const auto console = MakeExternalConsole(*command);
  const std::string banner =
      "\r\nMicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; ESP module with ESP8266\r\n"
      "Type \"help()\" for more information.\r\n>>> ";
  std::string said(AsText(console->Start(Micropython("v1.8.7-7-gb5a1a20a3 on 2017-01-09"))));
  EXPECT_EQ(AwaitAnswer(*console, std::move(said), banner.size(), seconds(20)), banner);
}

}  // namespace
}  // namespace lastgood::sim
