// SPDX-License-Identifier: MIT
#include "capture/capture_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace lastgood {
namespace {

using std::chrono::microseconds;

WireEvent Heard(std::int64_t at, std::string_view text) {
  return {.at = microseconds(at), .kind = WireEventKind::kHeard, .octets = ToBytes(text)};
}

Capture OfEveryKind() {
  Capture capture;
  capture.head = {{"lastgood", "0.1.0"}, {"expect", "boot-loop(init data missing)"}};
  capture.events = {
      {.at = microseconds(0), .kind = WireEventKind::kOpened, .text = "/dev/tty\"A\"\\"},
      {.at = microseconds(1),
       .kind = WireEventKind::kCheck,
       .text = "[check]\nseed = 7\n\ncode = \"x\\n\"\n"},
      {.at = microseconds(20), .kind = WireEventKind::kRate, .baud = 74880},
      {.at = microseconds(300), .kind = WireEventKind::kReset, .to_download = true},
      {.at = microseconds(4000), .kind = WireEventKind::kReset},
      {.at = microseconds(50000), .kind = WireEventKind::kLines, .reset_asserted = true},
      {.at = microseconds(50001), .kind = WireEventKind::kLines, .boot_asserted = true},
      {.at = microseconds(600000), .kind = WireEventKind::kResetDone},
      Heard(7000000, "\n"),
      Heard(7000000, " ets Jan  8 2013,rst cause:2\r\n"),
      {.at = microseconds(80000000), .kind = WireEventKind::kSent, .octets = {3, 3, 1}},
      {.at = microseconds(900000000), .kind = WireEventKind::kVerdict, .text = "silent"}};
  return capture;
}

constexpr std::string_view kOfEveryKind = R"(lastgood capture 1
# lastgood: 0.1.0
# expect: boot-loop(init data missing)
0.000000 opened "/dev/tty\"A\"\\"
0.000001 check
  [check]
  seed = 7
  
  code = "x\n"
0.000020 rate 74880
0.000300 reset download
0.004000 reset run
0.050000 lines reset=1 boot=0
0.050001 lines reset=0 boot=1
0.600000 reset done
7.000000 < "\n"
7.000000 < " ets Jan  8 2013,rst cause:2\r\n"
80.000000 > "\x03\x03\x01"
900.000000 verdict "silent"
)";

TEST(CaptureTextTest, EveryKindOfEventIsWrittenAndReadAgain) {
  EXPECT_EQ(FormatCapture(OfEveryKind()), kOfEveryKind);
  const auto read = ParseCapture(kOfEveryKind, "x");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, OfEveryKind());
  EXPECT_EQ(read->Fact("expect"), "boot-loop(init data missing)");
  EXPECT_EQ(read->Fact("chip"), "");
}

TEST(CaptureTextTest, EveryOctetSurvives) {
  Bytes all;
  for (int octet = 0; octet < 256; ++octet) all.push_back(static_cast<std::uint8_t>(octet));
  for (const std::uint8_t octet : all) {
    Capture capture;
    capture.events = {{.kind = WireEventKind::kSent, .octets = {octet}}};
    EXPECT_EQ(*ParseCapture(FormatCapture(capture), "x"), capture) << int{octet};
  }
  Capture capture;
  capture.events = {{.kind = WireEventKind::kHeard, .octets = all}};
  const std::string text = FormatCapture(capture);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
  Bytes again;
  const auto read = ParseCapture(text, "x");
  ASSERT_TRUE(read);
  for (const WireEvent& event : read->events) Append(again, event.octets);
  EXPECT_EQ(again, all);
}

TEST(CaptureTextTest, OctetsAreBrokenAtLineEndsAndWhereALineIsFull) {
  EXPECT_EQ(FormatWireEvent(Heard(0, "one\ntwo")), "0.000000 < \"one\\n\"\n0.000000 < \"two\"\n");
  const std::string full(kCaptureLineMax, 'x');
  EXPECT_EQ(FormatWireEvent(Heard(0, full)), fmt::format("0.000000 < \"{}\"\n", full));
  EXPECT_EQ(FormatWireEvent(Heard(0, full + "y")),
            fmt::format("0.000000 < \"{}\"\n0.000000 < \"y\"\n", full));
}

TEST(CaptureTextTest, WhatAMailProgramOrAPersonDoesToAFileIsForgiven) {
  for (const std::string_view text :
       {"lastgood capture 1\r\n# a: b\r\n0.000000 rate 9600\r\n",
        "lastgood capture 1\n\n# a: b\n\n0.000000 rate 9600",
        "lastgood capture 1\n# a: b\n#\n# words\n0.000000 rate 9600\n# c: behind the head\n"}) {
    const auto read = ParseCapture(text, "x");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(FormatCapture(*read), "lastgood capture 1\n# a: b\n0.000000 rate 9600\n");
  }
}

TEST(CaptureTextTest, WhatIsWrongIsSaidWithItsPlace) {
  struct Row {
    std::string line;
    std::string mistake;
  };
  const std::string quotes =
      R"(octets stand in quotes, with \n \r \t \\ \" and \x00 to \xff as escapes)";
  const std::string time = "a line begins with the time in seconds, with six decimals";
  const std::vector<Row> rows = {
      {"words", time},
      {"1 rate 9600", time},
      {"1.5 rate 9600", time},
      {"-1.000000 rate 9600", time},
      {"1.0000000 rate 9600", time},
      {"1234567890.000000 rate 9600", time},
      {"0.000000 rate 9600", "the time goes back"},
      {"1.000000", R"(no event is called "")"},
      {"1.000000  rate 9600", R"(no event is called "")"},
      {"1.000000 rates 9600", R"(no event is called "rates")"},
      {"1.000000 \x1b[2J", R"(no event is called "\x1b[2J")"},
      {"1.000000 rate", "a rate is a number of bits per second"},
      {"1.000000 rate 0", "a rate is a number of bits per second"},
      {"1.000000 rate 99999999999999999999", "a rate is a number of bits per second"},
      {"1.000000 rate 9600 baud", "something stands behind the end of the event"},
      {"1.000000 lines reset=1", "levels are written reset=0 boot=1"},
      {"1.000000 lines reset=2 boot=0", "levels are written reset=0 boot=1"},
      {"1.000000 reset", "a reset is 'run', 'download' or 'done'"},
      {"1.000000 reset stop", "a reset is 'run', 'download' or 'done'"},
      {"1.000000 <", quotes},
      {"1.000000 < ets", quotes},
      {R"(1.000000 < "ets)", quotes},
      {R"(1.000000 < "ets\")", quotes},
      {R"(1.000000 < "\q")", quotes},
      {R"(1.000000 < "\x4")", quotes},
      {R"(1.000000 < "\xg0")", quotes},
      {R"(1.000000 < "ets"s)", "something stands behind the end of the event"},
      {R"(1.000000 > "")", "there are no octets"},
      {"  seed = 7", "only the lines below a check are indented"},
  };
  for (const Row& row : rows) {
    const auto read =
        ParseCapture("lastgood capture 1\n0.500000 rate 74880\n" + row.line + "\n", "a.capture");
    ASSERT_FALSE(read) << row.line;
    EXPECT_EQ(read.error().code, ExitCode::kInvalidManifest);
    EXPECT_EQ(read.error().message, "a.capture:3: error: " + row.mistake) << row.line;
    EXPECT_EQ(read.error().hint, "docs/captures.md says how a capture is written");
  }
}

TEST(CaptureTextTest, AFileThatWasCutSaysWhere) {
  const auto read = ParseCapture("lastgood capture 1\n0.000000 < \"ets Jan", "a.capture");
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().message.starts_with("a.capture:2: error: ")) << read.error().message;
  EXPECT_EQ(read.error().hint, "the file ends within this line: remove the line to read the rest");
}

TEST(CaptureTextTest, OtherFilesAndOtherVersionsAreTold) {
  for (const std::string_view text :
       {"", "\n", "ets Jan  8 2013", "lastgood capture", "\xff\xfe"}) {
    EXPECT_FALSE(IsCapture(AsBytes(text)));
    const auto read = ParseCapture(text, "x");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "x:1: error: the first line is not 'lastgood capture 1'");
  }
  EXPECT_TRUE(IsCapture(AsBytes("lastgood capture 2\n")));
  const auto read = ParseCapture("lastgood capture 2\n", "x");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "x:1: error: a capture of another version than 1");
}

TEST(CaptureTextTest, TheDocumentedExampleIsACapture) {
  std::ifstream file(LASTGOOD_SOURCE_DIR "/docs/captures.md");
  std::string example;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("lastgood capture 1")) inside = true;
    if (inside && line.starts_with("```")) break;
    if (inside) example += line + "\n";
  }
  const auto read = ParseCapture(example, "docs/captures.md");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(FormatCapture(*read), example);
  std::vector<WireEventKind> kinds;
  for (const WireEvent& event : read->events) kinds.push_back(event.kind);
  for (const WireEvent& event : OfEveryKind().events)
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), event.kind), kinds.end())
        << FormatWireEvent(event);
}

}  // namespace
}  // namespace lastgood
