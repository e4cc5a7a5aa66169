// SPDX-License-Identifier: MIT
#include "flash/connect.h"

#include <gtest/gtest.h>

#include "unit/flash/bench.h"

namespace lastgood {
namespace {

using namespace std::chrono_literals;
using test::Bench;

std::chrono::milliseconds Elapsed(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.Now().time_since_epoch());
}

TEST(ConnectTest, RomThatWasJustResetAnswersTheFirstTry) {
  Bench bench;
  const auto loader = bench.Connect(460800);
  ASSERT_TRUE(loader) << loader.error().message;
  EXPECT_EQ(loader->baud(), 460800U);
  EXPECT_EQ(bench.port.baud_rates, std::vector<std::uint32_t>{460800});
  ASSERT_EQ(bench.lines.requests.size(), 1U);
  EXPECT_EQ(bench.lines.requests[0].mode, BoardMode::kDownload);
  EXPECT_EQ(bench.lines.requests[0].patience, 0);
  EXPECT_LT(Elapsed(bench.clock), 150ms);  // of which the reset takes 70
}

TEST(ConnectTest, BootTextAndGarbageBeforeTheAnswerDoNotMatter) {
  Bench bench;
  bench.rom.reset_text = {0x0A, 0xC0, 0x65, 0x74, 0xDB, 0x00, 0xFF, 0xC0, 0x41, 0x42};
  EXPECT_TRUE(bench.Connect());
}

TEST(ConnectTest, LostAnswersAreAskedForAgain) {
  for (int lost = 1; lost < 12; ++lost) {
    Bench bench;
    bench.rom.fault_at = [lost](std::uint8_t opcode, int n) {
      return opcode == 0x08 && n < lost ? test::FakeRom::Fault::kLoseRequest
                                        : test::FakeRom::Fault::kNone;
    };
    EXPECT_TRUE(bench.Connect()) << lost;
  }
}

TEST(ConnectTest, SlowResetLineGetsMorePatience) {
  Bench bench;
  bench.lines.on_reset = [&bench](BoardMode, int patience) { bench.rom.Restart(patience >= 1); };
  ASSERT_TRUE(bench.Connect());
  std::vector<int> patience;
  for (const auto& request : bench.lines.requests) patience.push_back(request.patience);
  EXPECT_EQ(patience, (std::vector<int>{0, 0, 1}));
}

TEST(ConnectTest, SilenceIsGivenUpInBoundedTimeAndLeavesTheRateAsAskedFor) {
  Bench bench;
  bench.rom.deaf = true;
  bench.lines.reset_time = 300ms;
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, ExitCode::kBoard);
  EXPECT_EQ(loader.error().message,
            "no loader answers on '/dev/fake' at 115200 baud: nothing was heard, not even boot "
            "text");
  EXPECT_EQ(loader.error().hint,
            "check power, the wire from the board's TX to the host's RX, and that '/dev/fake' is "
            "the board's serial port");
  EXPECT_LT(Elapsed(bench.clock), 5500ms);
  EXPECT_EQ(bench.port.baud_rates, (std::vector<std::uint32_t>{115200, 74880, 115200}));
}

TEST(ConnectTest, EndlessChatterIsGivenUpInBoundedTimeToo) {
  Bench bench;
  bench.rom.deaf = true;
  bench.port.on_write = [&bench](ByteSpan) {
    for (int i = 0; i < 100; ++i)
      bench.port.Arrive(test::RandomBytes(100, static_cast<std::uint32_t>(i)), i * 10ms);
    return Bytes();
  };
  EXPECT_FALSE(bench.Connect());
  EXPECT_LT(Elapsed(bench.clock), 6000ms);
}

TEST(ConnectTest, DeadBootLineIsToldByTheBootTextAtItsOwnRate) {
  Bench bench;
  bench.rom.boot_line_works = false;
  bench.rom.reset_text = ToBytes("\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\nload 0x4010");
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().message,
            "no loader answers on '/dev/fake' at 115200 baud: the board starts its firmware "
            "instead of its loader");
  EXPECT_EQ(loader.error().hint,
            "check the boot line (GPIO17/GPIO27): it must pull GPIO0 low during reset");
}

TEST(ConnectTest, DiagnosisTellsTheCasesApart) {
  struct Case {
    Heard heard;
    std::string_view finding;
    std::string_view remedy_mentions;
  };
  const auto boot = [](std::string_view mode) {
    Heard heard;
    heard.at_working_rate = {0x80, 0x13, 0xFE};
    heard.at_boot_rate =
        ToBytes("\n ets Jan  8 2013,rst cause:2, boot mode:(" + std::string(mode) + ")\n\n");
    return heard;
  };
  Heard echo;
  echo.own_frames = true;
  Heard echo_of_a_console = boot("3,6");
  echo_of_a_console.own_frames = true;
  Heard stub;
  stub.stub = true;
  Heard talking;
  talking.at_working_rate = ToBytes("MicroPython v1.8.3 on 2016-08-09\r\n>>> \r\n>>> ");
  Heard noise;
  noise.at_working_rate = test::RandomBytes(70, 3);
  const Case cases[] = {
      {boot("1,7"), "the board is in its loader but does not hear the host", "host's TX (/dev/x)"},
      {boot("3,6"), "the board starts its firmware instead of its loader", "boot line (R/B)"},
      {boot("2,6"), "the board starts in boot mode 2, because GPIO2 is low", "GPIO2"},
      {boot("0,6"), "the board starts in boot mode 0, because GPIO2 is low", "GPIO2"},
      {boot("7,0"), "the board starts in boot mode 7, because GPIO15 is high", "GPIO15"},
      {echo, "what the host sends comes back", "the TX and RX of '/dev/x' seem to be joined"},
      {echo_of_a_console, "the board starts its firmware instead of its loader", "boot line"},
      {stub, "a stub loader answers instead of the ROM, so the chip was not reset", "reset line"},
      {talking,
       "the board's firmware goes on talking (\"MicroPython v1.8.3 on 2016-08-09  >>>   >>>\")",
       "reset and boot lines"},
      {noise, "only 70 octets of noise were heard", "ground"},
      {Heard{}, "nothing was heard, not even boot text", "power"},
  };
  for (const Case& row : cases) {
    const Diagnosis diagnosis = DiagnoseSilence(row.heard, "/dev/x", "R/B");
    EXPECT_EQ(diagnosis.finding, row.finding);
    EXPECT_NE(diagnosis.remedy.find(row.remedy_mentions), std::string::npos) << diagnosis.remedy;
  }
}

TEST(ConnectTest, BootModeIsTheLastOneAndOnlyADigit) {
  EXPECT_EQ(BootModeIn(AsBytes("boot mode:(3,6) … boot mode:(1,7)")), 1);
  EXPECT_EQ(BootModeIn(AsBytes("boot mode:(")), std::nullopt);
  EXPECT_EQ(BootModeIn(AsBytes("boot mode:(9,1)")), std::nullopt);
  EXPECT_EQ(BootModeIn(AsBytes("")), std::nullopt);
}

TEST(ConnectTest, JoinedWiresAreRecognisedByTheHostsOwnFrames) {
  Bench bench;
  bench.port.on_write = [](ByteSpan octets) { return Bytes(octets.begin(), octets.end()); };
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_NE(loader.error().message.find("what the host sends comes back"), std::string::npos)
      << loader.error().message;
}

TEST(ConnectTest, StubLoaderThatSurvivedIsNotTakenForTheRom) {
  Bench bench;
  bench.rom.sync_value = 0;
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_NE(loader.error().message.find("a stub loader answers"), std::string::npos);
}

TEST(ConnectTest, BoardThatAPersonPutIntoItsLoaderIsFoundThereWithoutAQuestion) {
  for (const LinesMover mover : {LinesMover::kPerson, LinesMover::kNobody}) {
    Bench bench;
    bench.rom.Restart(true);
    bench.lines.mover = mover;
    EXPECT_TRUE(bench.Connect());
    EXPECT_TRUE(bench.lines.requests.empty());
  }
}

TEST(ConnectTest, WithoutAPersonItIsRefusedWithTheInstruction) {
  Bench bench;
  bench.rom.deaf = true;
  bench.lines.mover = LinesMover::kNobody;
  bench.lines.failure = Error{ExitCode::kRefused, "no lines", "hold GPIO0 low and press reset"};
  const auto loader = bench.Connect(460800);
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, ExitCode::kRefused);
  EXPECT_EQ(loader.error().message,
            "no loader answers on '/dev/fake' at 460800 baud: nothing was heard, not even boot "
            "text");
  EXPECT_EQ(loader.error().hint, "hold GPIO0 low and press reset");
  EXPECT_EQ(bench.port.baud_rates.back(), 460800U);
}

TEST(ConnectTest, PersonIsAskedAndAskedOnceMore) {
  for (const int presses_until_it_works : {1, 2}) {
    Bench bench;
    bench.lines.mover = LinesMover::kPerson;
    bench.rom.deaf = true;
    int presses = 0;
    bench.lines.on_reset = [&](BoardMode, int) {
      if (++presses < presses_until_it_works) return;
      bench.rom.deaf = false;
      bench.rom.Restart(true);
    };
    const auto loader = bench.Connect(460800);
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_EQ(presses, presses_until_it_works);
    for (int i = 0; i < presses; ++i)
      EXPECT_EQ(bench.lines.requests[static_cast<std::size_t>(i)].patience, i);
  }
}

TEST(ConnectTest, PersonWhoLetsGoTooEarlyIsToldSo) {
  Bench bench;
  bench.lines.mover = LinesMover::kPerson;
  bench.rom.deaf = true;
  bench.lines.on_reset = [&bench](BoardMode, int) {
    bench.port.Arrive(ToBytes("\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\n"));
  };
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, ExitCode::kBoard);
  EXPECT_EQ(loader.error().message,
            "no loader answers on '/dev/fake' at 115200 baud: the board starts its firmware "
            "instead of its loader");
  EXPECT_EQ(loader.error().hint,
            "keep the boot button pressed until the reset button has been let go of");
  EXPECT_EQ(bench.lines.requests.size(), 2U);
}

TEST(ConnectTest, PersonWhoInterruptsIsHeeded) {
  Bench bench;
  bench.lines.mover = LinesMover::kPerson;
  bench.rom.deaf = true;
  bench.lines.failure = Error{ExitCode::kInterrupted, "interrupted", ""};
  EXPECT_EQ(bench.Connect().error().code, ExitCode::kInterrupted);
  EXPECT_EQ(bench.lines.requests.size(), 1U);
}

TEST(ConnectTest, LinesThatCanNotBeDrivenEndItAtOnce) {
  Bench bench;
  bench.lines.failure = Error{ExitCode::kBoard, "cannot drive 'GPIO17': busy", "stop the other"};
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().message, "cannot drive 'GPIO17': busy");
  EXPECT_EQ(bench.lines.requests.size(), 1U);
}

TEST(ConnectTest, VanishedPortAndRefusedRateAreReportedAsTheyAre) {
  Bench bench;
  bench.port.RefuseBaudRate(460800);
  EXPECT_EQ(bench.Connect(460800).error().message,
            "serial port '/dev/fake' can not run at this rate");
  bench.lines.on_reset = [&bench](BoardMode, int) { bench.port.Vanish(); };
  EXPECT_EQ(bench.Connect().error().message, "serial port '/dev/fake' vanished");
}

TEST(ConnectTest, InterruptIsHeededSoon) {
  Bench bench;
  bench.rom.deaf = true;
  bench.lines.on_reset = [&bench](BoardMode, int) { bench.interrupt.Request(); };
  const auto loader = bench.Connect();
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code, ExitCode::kInterrupted);
  EXPECT_LE(Elapsed(bench.clock), 200ms);
}

}  // namespace
}  // namespace lastgood
