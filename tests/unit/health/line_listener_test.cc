// SPDX-License-Identifier: MIT
#include "health/line_listener.h"

#include <gtest/gtest.h>

#include "unit/health/fake_board.h"

namespace lastgood::test {
namespace {

class Line : public testing::Test {
 protected:
  VirtualClock clock_;
  FakeBoard board_{clock_};
  LineListener line_{board_, clock_, board_.interrupt};
};

TEST_F(Line, WaitEndsWhenTheTextIsThereEvenInPieces) {
  ASSERT_TRUE(line_.SetRate(115200));
  board_.After(milliseconds(200), [&] { board_.Say("raw RE"); });
  board_.After(milliseconds(700), [&] { board_.Say("PL; and more"); });
  EXPECT_TRUE(*line_.WaitFor("raw REPL", milliseconds(2000)));
  EXPECT_LT(clock_.Now().time_since_epoch(), milliseconds(720));
  EXPECT_FALSE(*line_.WaitFor("nothing of the kind", milliseconds(500)));
  line_.Mark();
  EXPECT_FALSE(*line_.WaitFor("raw REPL", milliseconds(10)));
}

TEST_F(Line, QuietIsCountedFromTheLastOctet) {
  ASSERT_TRUE(line_.SetRate(115200));
  for (int i = 1; i <= 3; ++i) board_.After(milliseconds(80 * i), [&] { board_.Say("."); });
  EXPECT_TRUE(*line_.HearUntilQuiet(milliseconds(100), milliseconds(5000)));
  EXPECT_GE(clock_.Now().time_since_epoch(), milliseconds(340));
  EXPECT_EQ(line_.SinceMark(), "...");
}

TEST_F(Line, EndlessTalkIsNeverQuiet) {
  ASSERT_TRUE(line_.SetRate(115200));
  std::function<void()> talk = [&] {
    board_.Say(".");
    board_.After(milliseconds(50), talk);
  };
  talk();
  EXPECT_FALSE(*line_.HearUntilQuiet(milliseconds(100), milliseconds(1000)));
}

TEST_F(Line, OtherRateIsNoiseInBothDirections) {
  for (const auto& [spoken, heard] :
       {std::pair{74880U, 115200U}, std::pair{115200U, 74880U}, std::pair{9600U, 115200U}}) {
    SCOPED_TRACE(spoken);
    ASSERT_TRUE(line_.SetRate(heard));
    EXPECT_FALSE(line_.HearsNoise());
    board_.Say(spoken, kHealthyRom);
    ASSERT_TRUE(line_.Pause(milliseconds(600)));
    EXPECT_TRUE(line_.HearsNoise());
    ASSERT_TRUE(line_.SetRate(spoken));
    EXPECT_FALSE(line_.HearsNoise());
    board_.Say(spoken, kHealthyRom);
    ASSERT_TRUE(line_.Pause(milliseconds(600)));
    EXPECT_FALSE(line_.HearsNoise());
  }
}

TEST_F(Line, LongTextIsSentInPiecesThatASmallBufferSurvives) {
  ASSERT_TRUE(line_.SetRate(115200));
  const std::string code(1000, 'x');
  ASSERT_TRUE(line_.Send(code));
  EXPECT_EQ(board_.received, code);
  EXPECT_GE(clock_.Now().time_since_epoch(), milliseconds(86 + 70));  // on the wire, and in gaps
  EXPECT_EQ(line_.Sent().size(), 256U);
}

TEST_F(Line, FloodIsKeptInBoundedMemory) {
  ASSERT_TRUE(line_.SetRate(115200));
  board_.Say("the start of it\n");
  int left = 200;
  std::function<void()> talk = [&] {
    board_.Say(std::string(1000, 'x'));
    if (left-- > 0) board_.After(milliseconds(90), talk);
  };
  talk();
  ASSERT_TRUE(line_.Pause(milliseconds(20000)));
  board_.Say("\nthe end of it");
  ASSERT_TRUE(line_.Pause(milliseconds(100)));
  EXPECT_LE(line_.SinceMark().size(), 64U * 1024);
  const Bytes text = line_.transcript().Text();
  EXPECT_LE(text.size(), Transcript::kSizeMax);
  EXPECT_TRUE(AsText(text).starts_with("the start of it\n"));
  EXPECT_TRUE(AsText(text).ends_with("\nthe end of it"));
  EXPECT_NE(AsText(text).find("octets left out]"), std::string_view::npos);
  EXPECT_EQ(line_.transcript().total(), 16U + 201 * 1000 + 14);
}

TEST_F(Line, InterruptEndsEveryWait) {
  ASSERT_TRUE(line_.SetRate(115200));
  board_.interrupt_after = milliseconds(1000);
  const auto waited = line_.WaitFor("never", milliseconds(60000));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ExitCode::kInterrupted);
  EXPECT_LE(clock_.Now().time_since_epoch(), milliseconds(1100));
}

}  // namespace
}  // namespace lastgood::test
