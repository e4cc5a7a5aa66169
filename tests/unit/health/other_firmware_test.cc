// SPDX-License-Identifier: MIT
// Boards that run something else than was expected: named by what they say.
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

class OtherFirmware : public HealthTestCase {
 protected:
  OtherFirmware() {
    spec_.kind = HealthKind::kMicropython;
    circuitpython_.banner =
        "Adafruit CircuitPython 8.2.6 on 2023-09-12; Adafruit QT Py ESP32-S2 with ESP32S2";
    circuitpython_.python.values["sys.implementation"] =
        "(name='circuitpython', version=(8, 2, 6), mpy=517)";
  }
  FakeMicropython circuitpython_;
  FakeBoard board_{clock_, &circuitpython_};
};

// Greets, and takes no notice of what is typed.
class Greeter final : public FakeApplication {
 public:
  std::string greeting;
  std::string answer;  // to every line
  void Start(FakeBoard& board) override {
    board.After(milliseconds(200), [this, &board] { board.Say(greeting); });
  }
  void Receive(FakeBoard& board, std::uint8_t octet) override {
    if (octet == '\r') board.Say(answer);
  }
};

TEST_F(OtherFirmware, CircuitpythonIsNamedAndNeverTakenForMicropython) {
  for (const bool tells_banner : {true, false})
    for (const bool waits_for_key : {true, false})
      for (const auto program :
           {FakeMicropython::Program::kNone, FakeMicropython::Program::kFloods}) {
        FakeMicropython python = circuitpython_;
        python.tells_banner_again = tells_banner;
        python.waits_for_key = waits_for_key;
        python.program = program;
        FakeBoard board(clock_, &python);
        const HealthVerdict verdict = Check(board);
        EXPECT_EQ(VerdictName(verdict), "other-firmware(CircuitPython 8.2.6)") << verdict.summary;
        EXPECT_EQ(verdict.summary,
                  "CircuitPython answers as 8.2.6, where MicroPython was expected");
        EXPECT_EQ(verdict.firmware, "CircuitPython");
      }
}

TEST_F(OtherFirmware, CircuitpythonIsNamedWhereAtFirmwareWasExpected) {
  spec_.kind = HealthKind::kAt;
  circuitpython_.waits_for_key = true;
  EXPECT_EQ(VerdictName(Check(board_)), "other-firmware(CircuitPython 8.2.6)");
}

TEST_F(OtherFirmware, GreetingIsEnoughOfANameForFirmwareWithoutAConsoleHere) {
  Greeter nodemcu;
  nodemcu.greeting = "\r\nNodeMCU 3.0.0.0 built with Docker provided by frightanic.com\r\n> ";
  nodemcu.answer = "stdin:1: unexpected symbol near '?'\r\n> ";
  FakeBoard board(clock_, &nodemcu);
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt}) {
    spec_.kind = kind;
    EXPECT_EQ(VerdictName(Check(board)), "other-firmware(NodeMCU 3.0.0.0)");
  }
}

TEST_F(OtherFirmware, BasicOfTheRomIsNoReplAndMeansThatNothingWasFoundToBoot) {
  chip_ = Chip::kEsp32;
  Greeter basic;
  basic.answer = "OK\r\n>";
  FakeBoard board(clock_, &basic);
  board.rom_text.clear();
  for (const std::string_view read_error : {"flash read err, 1000\r\n", ""}) {
    basic.greeting =
        "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x10 (RTCWDT_RTC_RESET),boot:0x33 "
        "(SPI_FAST_FLASH_BOOT)\r\n" +
        std::string(read_error) + "Falling back to built-in command interpreter.\r\nOK\r\n>";
    for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt}) {
      spec_.kind = kind;
      const HealthVerdict verdict = Check(board);
      EXPECT_EQ(VerdictName(verdict), "other-firmware(ESP32 ROM BASIC)") << verdict.summary;
      EXPECT_EQ(verdict.cause, "nothing to boot from");
    }
  }
}

}  // namespace
}  // namespace lastgood::test
