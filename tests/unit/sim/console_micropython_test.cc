// SPDX-License-Identifier: MIT
// The built-in MicroPython console beyond what a real REPL on Node can show: releases, raw-paste,
// programs that never end, hostile input.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "sim/micropython_console.h"
#include "unit/sim/console_driver.h"

namespace lastgood::sim {
namespace {

std::string StartText(const FirmwareFacts& facts) {
  MicropythonConsole console;
  return std::string(AsText(console.Start(facts)));
}

// What a raw REPL answers to `code`, without the marks around it.
struct RawAnswer {
  std::string output;
  std::string error;
};

RawAnswer AskRaw(MicropythonConsole& console, std::string_view code) {
  const std::string said = Type(console, std::string(code) + "\x04");
  const std::size_t output_end = said.find('\x04');
  const std::size_t error_end = said.find('\x04', output_end + 1);
  EXPECT_EQ(said.substr(0, 2), "OK") << said;
  EXPECT_EQ(said.substr(error_end), "\x04>") << said;
  return {said.substr(2, output_end - 2), said.substr(output_end + 1, error_end - output_end - 1)};
}

RawAnswer Ask(const FirmwareFacts& facts, std::string_view code) {
  MicropythonConsole console;
  console.Start(facts);
  Type(console, "\x01");
  return AskRaw(console, code);
}

TEST(MicropythonConsoleTest, FirstBootSaysSoBeforeTheBanner) {
  FirmwareFacts facts = Micropython("v1.22.1 on 2024-01-05");
  facts.first_boot = true;
  EXPECT_EQ(StartText(facts),
            "Performing initial setup\r\n"
            "\r\nMicroPython v1.22.1 on 2024-01-05; ESP module with ESP8266\r\n"
            "Type \"help()\" for more information.\r\n>>> ");
}

TEST(MicropythonConsoleTest, OldReleaseComplainsAboutMainPyAsRealBootLogsShow) {
  EXPECT_EQ(StartText(Micropython("v1.8.6-7-gefd0927 on 2016-11-10")),
            "#4 ets_task(40100164, 3, 3fff8398, 4)\n"
            "could not open file 'main.py' for reading\r\n"
            "\r\nMicroPython v1.8.6-7-gefd0927 on 2016-11-10; ESP module with ESP8266\r\n"
            "Type \"help()\" for more information.\r\n>>> ");
}

TEST(MicropythonConsoleTest, NothingIsAnsweredBeforeTheApplicationStarts) {
  MicropythonConsole console;
  EXPECT_EQ(Type(console, "\r\x03\x01x\x04"), "");
}

TEST(MicropythonConsoleTest, StartForgetsEverything) {
  MicropythonConsole console;
  console.Start(Micropython());
  Type(console, "x = 1\r\x01half a line");
  console.Start(Micropython());
  EXPECT_EQ(Type(console, "x\r").find("x\r\nTraceback"), 0U);
}

TEST(MicropythonConsoleTest, SoftResetTextFollowsTheRelease) {
  const struct {
    const char* version;
    const char* text;
  } rows[] = {{"v1.8.2-39-g2dd21d9 on 2016-07-23", "PYB: soft reboot\r\n"},
              {"v1.8.7 on 2017-01-08", "PYB: soft reboot\r\n"},
              {"v1.9.3-8-g63826ac5c on 2017-11-01", "PYB: soft reboot\r\n"},
              {"v1.10 on 2019-01-25", "MPY: soft reboot\r\n"},
              {"v1.22.1 on 2024-01-05", "MPY: soft reboot\r\n"},
              {"(with v2.0 preview) v1.24.0 on 2024-10-25", "MPY: soft reboot\r\n"}};
  for (const auto& row : rows) {
    MicropythonConsole console;
    console.Start(Micropython(row.version));
    EXPECT_EQ(Type(console, "\x04").find(std::string("\r\n") + row.text), 0U) << row.version;
  }
}

TEST(MicropythonConsoleTest, SoftResetDoesNotSetUpAgain) {
  MicropythonConsole console;
  FirmwareFacts facts = Micropython();
  facts.first_boot = true;
  console.Start(facts);
  EXPECT_EQ(Type(console, "\x04").find("initial setup"), std::string::npos);
}

TEST(MicropythonConsoleTest, RawPasteGrantsWindowsAndExecutes) {
  MicropythonConsole console;
  console.Start(Micropython("v1.14 on 2021-02-02"));
  Type(console, "\x01");
  EXPECT_EQ(Type(console,
                 "\x05"
                 "A\x01"),
            std::string("R\x01\x80\x00\x01", 5));
  std::string code = "print(12)#";
  code.resize(127, '-');
  EXPECT_EQ(Type(console, code), "");
  EXPECT_EQ(Type(console, "-"), "\x01");
  EXPECT_EQ(Type(console, "\x04"),
            "\x04"
            "12\r\n\x04\x04>");
  EXPECT_EQ(AskRaw(console, "print(3)").output, "3\r\n");
}

TEST(MicropythonConsoleTest, RawPasteIsCancelledByInterrupt) {
  MicropythonConsole console;
  console.Start(Micropython());
  Type(console,
       "\x01\x05"
       "A\x01print(1");
  EXPECT_EQ(Type(console, "\x03"), "\x04\x04KeyboardInterrupt: \r\n\x04>");
}

TEST(MicropythonConsoleTest, SilentRawPasteIsAcceptedAndThenDeadUntilTheInterrupt) {
  FirmwareFacts facts = Micropython();
  facts.raw_paste_falls_silent = true;
  MicropythonConsole console;
  console.Start(facts);
  EXPECT_EQ(Type(console,
                 "\x01\x05"
                 "A\x01")
                .substr(26),
            std::string("\r\n>R\x01\x80\x00\x01", 8));
  EXPECT_EQ(Type(console, std::string(300, '#') + "\x04\x02\x01"), "");
  EXPECT_NE(Type(console, "\x03"), "");
  EXPECT_EQ(AskRaw(console, "print(3)").output, "3\r\n");
}

TEST(MicropythonConsoleTest, BusyMainIsSilentUntilTheInterruptAndRunsAgainBehindASoftReset) {
  FirmwareFacts facts = Micropython("v1.22.1 on 2024-01-05");
  facts.main_never_returns = true;
  MicropythonConsole console;
  EXPECT_EQ(AsText(console.Start(facts)), "");
  EXPECT_EQ(Type(console, "\r\n\x01\x04print(1)\r"), "");
  const std::string stopped = Type(console, "\x03");
  EXPECT_NE(stopped.find("KeyboardInterrupt: \r\n"), std::string::npos);
  EXPECT_TRUE(stopped.ends_with(">>> "));
  EXPECT_EQ(Type(console, "print(1)\r"), "print(1)\r\n1\r\n>>> ");
  EXPECT_EQ(Type(console, "\x04"), "\r\nMPY: soft reboot\r\n");
  EXPECT_EQ(Type(console, "print(1)\r"), "");
}

TEST(MicropythonConsoleTest, CircuitpythonWaitsForAKeyAndSaysItsName) {
  FirmwareFacts facts = Micropython("3.1.2 on 2019-01-07");
  facts.family = FirmwareFacts::Family::kCircuitpython;
  MicropythonConsole console;
  EXPECT_EQ(AsText(console.Start(facts)),
            "\r\n\r\nPress any key to enter the REPL. Use CTRL-D to soft reset.\r\n");
  EXPECT_EQ(Type(console, "x"),
            "\r\nAdafruit CircuitPython 3.1.2 on 2019-01-07; ESP module with ESP8266\r\n>>> ");
  Type(console, "\x01");
  EXPECT_EQ(AskRaw(console, "import sys;print(sys.implementation.name)").output,
            "circuitpython\r\n");
}

TEST(MicropythonConsoleTest, OldReleaseAnswersRawPasteWithTheRawBanner) {
  MicropythonConsole console;
  console.Start(Micropython("v1.8.7 on 2017-01-08"));
  Type(console, "\x01");
  EXPECT_EQ(Type(console,
                 "\x05"
                 "A\x01"),
            "raw REPL; CTRL-B to exit\r\n>");
  EXPECT_EQ(AskRaw(console, "print(3)").output, "3\r\n");
}

TEST(MicropythonConsoleTest, EndlessProgramStopsAtInterruptInTheFriendlyRepl) {
  MicropythonConsole console;
  console.Start(Micropython());
  EXPECT_EQ(Type(console, "while True: pass\r"), "while True: pass\r\n... ");
  EXPECT_EQ(Type(console, "\r"), "\r\n");
  EXPECT_EQ(Type(console, "print(1)\r\x01\x04"), "");
  EXPECT_EQ(Type(console, "\x03"),
            "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\n"
            "KeyboardInterrupt: \r\n>>> ");
  EXPECT_EQ(Type(console, "1\r"), "1\r\n1\r\n>>> ");
}

TEST(MicropythonConsoleTest, EndlessProgramStopsAtInterruptInTheRawRepl) {
  MicropythonConsole console;
  console.Start(Micropython());
  Type(console, "\x01");
  EXPECT_EQ(Type(console, "print(1)\nwhile 1: pass\x04"), "OK1\r\n");
  EXPECT_EQ(Type(console, "x"), "");
  EXPECT_EQ(Type(console, "\x03"),
            "\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 2, in <module>\r\n"
            "KeyboardInterrupt: \r\n\x04>");
}

TEST(MicropythonConsoleTest, ArrowKeysLeaveNoLettersBehind) {
  MicropythonConsole console;
  console.Start(Micropython());
  EXPECT_EQ(Type(console, "1\x1b[A\x1b[1;5C\x1bOP\x1b[3~2\r"), "12\r\n12\r\n>>> ");
}

TEST(MicropythonConsoleTest, BackspaceStopsAtThePrompt) {
  MicropythonConsole console;
  console.Start(Micropython());
  EXPECT_EQ(Type(console, "\x7f\x08"), "");
  EXPECT_EQ(Type(console, "a\x7f\x7f"), "a\b\x1b[K");
}

TEST(MicropythonConsoleTest, WhatTheBoardKnowsAboutItself) {
  FirmwareFacts facts = Micropython("v1.22.1 on 2024-01-05");
  facts.flash_id = 0x1640E0;
  facts.flash_size_bytes = 1U << 20;
  const struct {
    const char* code;
    const char* output;
  } rows[] = {
      {"import sys;print(sys.version)", "3.4.0; MicroPython v1.22.1 on 2024-01-05\r\n"},
      {"import sys;print(sys.implementation)",
       "(name='micropython', version=(1, 22, 1, ''), _machine='ESP module with ESP8266', "
       "_mpy=9734)\r\n"},
      {"import sys;print(sys.implementation.version[0], sys.platform)", "1 esp8266\r\n"},
      {"import os;print(os.uname())",
       "(sysname='esp8266', nodename='esp8266', release='2.2.0-dev(9422289)', "
       "version='v1.22.1 on 2024-01-05', machine='ESP module with ESP8266')\r\n"},
      {"import uos;print(uos.uname().release)", "2.2.0-dev(9422289)\r\n"},
      {"import esp;print(esp.flash_id(), esp.flash_size())", "1458400 1048576\r\n"},
      {"import esp;print(esp.flash_id()>>16)", "22\r\n"},
      {"import gc;gc.collect();print(gc.mem_free() > 0)", "True\r\n"},
      {"import machine as m;print(m.freq())", "80000000\r\n"},
      {"import esp;print(esp.check_fw())", "True\r\n"},
  };
  for (const auto& row : rows) {
    const RawAnswer answer = Ask(facts, row.code);
    EXPECT_EQ(answer.output, row.output) << row.code;
    EXPECT_EQ(answer.error, "") << row.code;
  }
}

TEST(MicropythonConsoleTest, OldReleasesDescribeThemselvesAsTheyDid) {
  const FirmwareFacts facts = Micropython("v1.8.7-7-gb5a1a20a3 on 2017-01-09");
  EXPECT_EQ(Ask(facts, "import sys;print(sys.version, sys.implementation)").output,
            "3.4.0 (name='micropython', version=(1, 8, 7))\r\n");
  EXPECT_EQ(Ask(facts, "import os;print(os.uname()[2])").output, "2.0.0(5a875ba)\r\n");
  EXPECT_NE(Ask(facts, "foo").error.find("NameError: name 'foo' is not defined"),
            std::string::npos);
  EXPECT_NE(Ask(facts, "import sys;sys.foo")
                .error.find("AttributeError: 'module' object has no attribute 'foo'"),
            std::string::npos);
  EXPECT_NE(Ask(facts, "1//0").error.find("division by zero"), std::string::npos);
  EXPECT_EQ(Ask(Micropython("v1.8.5 on 2016-10-17"), "import os;print(os.uname()[2])").output,
            "1.5.4(baaeaebb)\r\n");
}

TEST(MicropythonConsoleTest, CheckFwPrintsWhatItComputesAndTellsADamagedImage) {
  FirmwareFacts facts = Micropython("v1.8.7 on 2017-01-08");
  facts.image_size_bytes = 586684;
  facts.image_md5.octets = {0xab, 0xcd};
  facts.image_intact = false;
  EXPECT_EQ(Ask(facts, "import esp;print(esp.check_fw())").output,
            "size: 586684\r\nmd5: abcd0000000000000000000000000000\r\nFalse\r\n");
}

TEST(MicropythonConsoleTest, CheckFwIsNotThereBeforeTheTrailerWas) {
  EXPECT_NE(Ask(Micropython("v1.8.2 on 2016-07-10"), "import esp;print(esp.check_fw())")
                .error.find("has no attribute 'check_fw'"),
            std::string::npos);
}

TEST(MicropythonConsoleTest, WhatOnlyARealBoardKnowsIsSaidToBeMissing) {
  const char* const programs[] = {"for i in range(3): print(i)",
                                  "def f(): pass",
                                  "x = [1]",
                                  "x = 1.5",
                                  "x = 1/2",
                                  "import time",
                                  "print(f'{1}')",
                                  "print('%d' % 1)",
                                  "2**-1",
                                  "b'x'",
                                  "3 if x else 4",
                                  "x = lambda: 1",
                                  "while x: y = 1",
                                  "1e3"};
  for (const char* const program : programs) {
    MicropythonConsole console;
    console.Start(Micropython());
    Type(console, "\x01");
    AskRaw(console, "x = 1");
    const RawAnswer answer = AskRaw(console, program);
    EXPECT_NE(answer.error.find("NotImplementedError: the simulated "), std::string::npos)
        << program << ": " << answer.error;
  }
}

TEST(MicropythonConsoleTest, IntegersThatNeedMoreThan64BitsOverflow) {
  const struct {
    const char* code;
    const char* output;  // nullptr: OverflowError
  } rows[] = {{"print(9223372036854775807)", "9223372036854775807\r\n"},
              {"print(-9223372036854775807 - 1)", "-9223372036854775808\r\n"},
              {"print(9223372036854775808)", nullptr},
              {"print(9223372036854775807 + 1)", nullptr},
              {"print(-9223372036854775807 - 2)", nullptr},
              {"print((-9223372036854775807 - 1) // -1)", nullptr},
              {"print((-9223372036854775807 - 1) % -1)", "0\r\n"},
              {"print(-(-9223372036854775807 - 1))", nullptr},
              {"print(3037000500 * 3037000500)", nullptr},
              {"print(2**62)", "4611686018427387904\r\n"},
              {"print(2**63)", nullptr},
              {"print(0**0, 1**1000000000000, (-1)**1000000000001)", "1 1 -1\r\n"},
              {"print(1 << 62, 1 >> 100, -1 >> 100)", "4611686018427387904 0 -1\r\n"},
              {"print(1 << 63)", nullptr},
              {"print(0 << 99999999999)", "0\r\n"},
              {"print(hex(-9223372036854775807 - 1))", "-0x8000000000000000\r\n"}};
  for (const auto& row : rows) {
    const RawAnswer answer = Ask(Micropython(), row.code);
    if (row.output != nullptr)
      EXPECT_EQ(answer.output, row.output) << row.code << answer.error;
    else
      EXPECT_NE(answer.error.find("OverflowError: "), std::string::npos) << row.code;
  }
}

TEST(MicropythonConsoleTest, SyntaxErrorComesBeforeAnyOutput) {
  const RawAnswer answer = Ask(Micropython(), "print(1)\nx = 2\nprint(3");
  EXPECT_EQ(answer.output, "");
  EXPECT_NE(answer.error.find("SyntaxError: invalid syntax"), std::string::npos);
}

TEST(MicropythonConsoleTest, GreedyProgramsRunOutOfMemoryAndTheConsoleLivesOn) {
  const std::string programs[] = {
      "x = 'a' * 1000000000000",
      "x = 'abc'\n" +
          [] {
            std::string doubling;
            for (int i = 0; i < 40; ++i) doubling += "x = x + x\n";
            return doubling;
          }(),
      "x = (1, 2)\n" +
          [] {
            std::string doubling;
            for (int i = 0; i < 40; ++i) doubling += "x = (x, x)\n";
            return doubling;
          }(),
      "x = 1\n" +
          [] {
            std::string deeper;
            for (int i = 0; i < 100; ++i) deeper += "x = (x,)\n";
            return deeper;
          }(),
      "x = 'a' * 8000\n" +
          [] {
            std::string talk;
            for (int i = 0; i < 40; ++i) talk += "print(x)\n";
            return talk;
          }(),
      [] {
        std::string names;
        for (int i = 0; i < 1000; ++i) names += "n" + std::to_string(i) + " = 1\n";
        return names;
      }(),
      "x = 'a' * 8000; print(x, x, x, x, x, x, x, x)",
      "x = '" + std::string(20000, 'a') + "'",
  };
  for (const std::string& program : programs) {
    MicropythonConsole console;
    console.Start(Micropython());
    Type(console, "\x01");
    const RawAnswer answer = AskRaw(console, program);
    EXPECT_NE(answer.error.find("MemoryError: memory allocation failed"), std::string::npos)
        << program.substr(0, 60) << ": " << answer.error;
    EXPECT_LE(answer.output.size(), 70000U);
    EXPECT_EQ(AskRaw(console, "print(1)").output, "1\r\n");
  }
}

TEST(MicropythonConsoleTest, DeepNestingIsRefused) {
  for (const std::string open : {"(", "-(", "not (", "2**(", "len("}) {
    std::string code;
    for (int i = 0; i < 2000; ++i) code += open;
    const RawAnswer answer = Ask(Micropython(), code);
    EXPECT_NE(answer.error.find("RuntimeError: maximum recursion depth exceeded"),
              std::string::npos)
        << open << answer.error;
  }
  std::string powers = "2";
  for (int i = 0; i < 2000; ++i) powers += "**1";
  EXPECT_NE(Ask(Micropython(), powers).error.find("RuntimeError"), std::string::npos);
}

TEST(MicropythonConsoleTest, AnyOctetsAreSurvived) {
  constexpr std::uint32_t kSeed = 20170108;
  std::mt19937 random(kSeed);
  constexpr std::string_view kLikely = "\x01\x02\x03\x04\x05\r\n()[]=+-*/'\"\\#;:.,x1 printwhile";
  for (int round = 0; round < 300; ++round) {
    MicropythonConsole console;
    console.Start(Micropython());
    for (int i = 0; i < 300; ++i) {
      const bool likely = random() % 4 != 0;
      console.Receive(likely ? static_cast<std::uint8_t>(kLikely[random() % kLikely.size()])
                             : static_cast<std::uint8_t>(random()));
    }
    Type(console, "\x03\x03\x04\x03\x02\x03");
    EXPECT_EQ(Type(console, "6*7\r"), "6*7\r\n42\r\n>>> ")
        << "seed " << kSeed << " round " << round;
  }
}

}  // namespace
}  // namespace lastgood::sim
