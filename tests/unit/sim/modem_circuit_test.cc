// SPDX-License-Identifier: MIT
// What boards do when DTR and RTS are set in the ways that flashers set them.
#include "sim/modem_circuit.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;

// 'D' DTR on, 'd' off, 'R' RTS on, 'r' off, '.' 100 ms pass, ',' 50 us pass.
std::string Play(ModemCircuit circuit, std::string_view steps) {
  VirtualClock clock;
  auto board = SimulatedBoard::Make({}, clock);
  EXPECT_TRUE(board);
  const std::unique_ptr<SerialPort> console = (*board)->OpenSerialPort();
  EXPECT_TRUE(console->SetBaudRate(74880));
  ModemPins pins(**board, circuit);
  const auto pass = [&](microseconds time) {
    const TimePoint end = clock.Now() + time;
    for (; pins.NextEvent() <= end; pins.Attend(clock.Now())) clock.SleepUntil(pins.NextEvent());
    clock.SleepUntil(end);
  };
  pass(microseconds(500'000));
  EXPECT_TRUE(console->DiscardInput());
  for (const char step : steps) {
    if (step == 'D' || step == 'd') pins.SetDtr(step == 'D', clock.Now());
    if (step == 'R' || step == 'r') pins.SetRts(step == 'R', clock.Now());
    if (step == '.') pass(microseconds(100'000));
    if (step == ',') pass(microseconds(50));
  }
  pass(microseconds(200'000));
  Bytes heard(4096);
  heard.resize(*console->Read(heard, std::chrono::milliseconds(0)));
  const std::string_view text = AsText(heard);
  if (text.find("boot mode:(1,") != std::string_view::npos) return "download";
  if (text.find("boot mode:(3,") != std::string_view::npos) return "flash";
  return "no boot";
}

TEST(ModemCircuit, SequencesOfFlashersLeadWhereTheyLeadOnBoards) {
  struct Case {
    std::string_view what, steps, plain, transistors;
  };
  for (const Case& c : {
           Case{"opened with both on, as many programs do", "DR.", "no boot", "no boot"},
           Case{"both on, then DTR off before RTS", "DR.dr.", "flash", "flash"},
           Case{"both on, then RTS off before DTR", "DR.rd.", "download", "no boot"},
           Case{"reset alone", "R.r.", "flash", "flash"},
           Case{"classic, one line after the other", "dR.Dr.d", "download", "download"},
           Case{"classic with a little time between", "dR.D,r.d", "download", "download"},
           Case{"classic over a slow network: both on for long", "dR.D.r.d", "download", "flash"},
           Case{"reset first, as it must not be", "dR.r,D.d", "flash", "download"},
           Case{"unix tight", "drDRd.Dr.d", "download", "download"},
       }) {
    EXPECT_EQ(Play(ModemCircuit::kNone, c.steps), c.plain) << c.what;
    EXPECT_EQ(Play(ModemCircuit::kTwoTransistor, c.steps), c.transistors) << c.what;
  }
}

TEST(ModemCircuit, CircuitsHaveNames) {
  EXPECT_EQ(ParseModemCircuit("none"), ModemCircuit::kNone);
  EXPECT_EQ(ParseModemCircuit("two-transistor"), ModemCircuit::kTwoTransistor);
  const auto other = ParseModemCircuit("three");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "unknown modem circuit 'three'");
}

}  // namespace
}  // namespace lastgood::sim
