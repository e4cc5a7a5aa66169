// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "sim/at_console.h"
#include "unit/sim/console_driver.h"

namespace lastgood::sim {
namespace {

class AtConsoleTest : public testing::Test {
 protected:
  AtConsoleTest() { console_.Start({}); }
  std::string Send(std::string_view text) { return Type(console_, text); }
  AtConsole console_;
};

TEST_F(AtConsoleTest, SaysReadyAtStart) {
  EXPECT_EQ(AsText(console_.Start({})), "\r\nAi-Thinker Technology Co. Ltd.\r\n\r\nready\r\n");
}

TEST_F(AtConsoleTest, EchoesAndAnswersOk) { EXPECT_EQ(Send("AT\r\n"), "AT\r\r\n\r\nOK\r\n"); }

TEST_F(AtConsoleTest, EchoCanBeSwitchedOffAndOn) {
  EXPECT_EQ(Send("ATE0\r\n"), "ATE0\r\r\n\r\nOK\r\n");
  EXPECT_EQ(Send("AT\r\n"), "\r\nOK\r\n");
  EXPECT_EQ(Send("ATE1\r\n"), "\r\nOK\r\n");
  EXPECT_EQ(Send("AT\r\n"), "AT\r\r\n\r\nOK\r\n");
}

TEST_F(AtConsoleTest, TellsItsVersions) {
  Send("ATE0\r\n");
  EXPECT_EQ(Send("AT+GMR\r\n"),
            "AT version:1.1.0.0(May 11 2016 18:09:56)\r\nSDK version:1.5.4(baaeaebb)\r\n"
            "Ai-Thinker Technology Co. Ltd.\r\nJun 13 2016 11:29:20\r\n\r\nOK\r\n");
}

TEST_F(AtConsoleTest, ResetSaysReadyAndRestoresTheEcho) {
  Send("ATE0\r\n");
  EXPECT_EQ(Send("AT+RST\r\n"), "\r\nOK\r\n\r\nready\r\n");
  EXPECT_EQ(Send("AT\r\n"), "AT\r\r\n\r\nOK\r\n");
}

TEST_F(AtConsoleTest, AnythingElseIsAnError) {
  for (const std::string command : {"at", "AT ", "AT+", "AT+NOPE", ">>> ", "ATE2"})
    EXPECT_EQ(Send(command + "\r\n"), command + "\r\r\n\r\nERROR\r\n");
}

TEST_F(AtConsoleTest, OnlyCrLfEndsACommand) {
  EXPECT_EQ(Send("AT\r"), "AT\r");
  EXPECT_EQ(Send("\n"), "\r\n\r\nOK\r\n");
  EXPECT_EQ(Send("AT\n"), "AT\r\n");
  EXPECT_EQ(Send("\r\n"), "\r\r\n");
}

TEST_F(AtConsoleTest, EndlessLineIsAnErrorAndForgotten) {
  Send("ATE0\r\n");
  EXPECT_EQ(Send(std::string(100000, 'A')), "");
  EXPECT_EQ(Send("\r\n"), "\r\nERROR\r\n");
  EXPECT_EQ(Send("AT\r\n"), "\r\nOK\r\n");
}

TEST(MakeConsoleTest, FamilyDecides) {
  const auto say = [](FirmwareFacts::Family family) {
    FirmwareFacts facts = Micropython();
    facts.family = family;
    const auto console = MakeConsole(family);
    std::string said(AsText(console->Start(facts)));
    return said + Type(*console, "AT\r\n");
  };
  EXPECT_NE(say(FirmwareFacts::Family::kMicropython).find(">>> AT\r\n"), std::string::npos);
  EXPECT_NE(say(FirmwareFacts::Family::kAt).find("OK"), std::string::npos);
  EXPECT_EQ(say(FirmwareFacts::Family::kOther), "");
}

}  // namespace
}  // namespace lastgood::sim
