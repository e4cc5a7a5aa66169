// SPDX-License-Identifier: MIT
#include "capture/replay_wires.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

WireEvent At(int ms, WireEvent event) {
  event.at = milliseconds(ms);
  return event;
}
WireEvent Heard(int ms, std::string_view text) {
  return At(ms, {.kind = WireEventKind::kHeard, .octets = ToBytes(text)});
}
WireEvent Sent(int ms, std::string_view text) {
  return At(ms, {.kind = WireEventKind::kSent, .octets = ToBytes(text)});
}
WireEvent Rate(int ms, std::uint32_t baud) {
  return At(ms, {.kind = WireEventKind::kRate, .baud = baud});
}

class ReplayWiresTest : public testing::Test {
 protected:
  void Play(std::vector<WireEvent> events) {
    events_ = std::move(events);
    script_.emplace(events_, clock_);
    port_.emplace(*script_);
    lines_.emplace(*script_, LinesMover::kHost);
    began_ = clock_.Now();
  }
  std::string Read(int timeout_ms) {
    std::array<std::uint8_t, 64> buffer;
    const auto size = port_->Read(buffer, milliseconds(timeout_ms));
    EXPECT_TRUE(size);
    return std::string(AsText(ByteSpan(buffer).first(size.value_or(0))));
  }
  auto Elapsed() const { return clock_.Now() - began_; }
  Result<void> Write(std::string_view text) { return port_->Write(AsBytes(text)); }

  VirtualClock clock_;
  std::vector<WireEvent> events_;
  std::optional<ReplayScript> script_;
  std::optional<ReplaySerialPort> port_;
  std::optional<ReplayLines> lines_;
  TimePoint began_{};
};

TEST_F(ReplayWiresTest, WhatWasHeardComesWhenItCame) {
  Play({Heard(100, "ets"), Heard(150, "load")});  // 100 ms is when the recording begins
  EXPECT_EQ(Read(10), "ets");
  EXPECT_EQ(Elapsed(), milliseconds(0));
  EXPECT_EQ(Read(30), "");
  EXPECT_EQ(Elapsed(), milliseconds(30));
  EXPECT_EQ(Read(100), "load");
  EXPECT_EQ(Elapsed(), milliseconds(50));
  EXPECT_EQ(Read(1000), "");
  EXPECT_EQ(Elapsed(), milliseconds(1050));
}

TEST_F(ReplayWiresTest, ASmallBufferLosesNothing) {
  Play({Heard(0, std::string(100, 'x') + "y")});
  EXPECT_EQ(Read(10).size(), 64U);
  EXPECT_EQ(Read(10), std::string(36, 'x') + "y");
}

TEST_F(ReplayWiresTest, AnAnswerWaitsForItsQuestionAndComesAsLongAfterIt) {
  Play({Rate(0, 115200), Sent(10, "AT\r\n"), Heard(15, "OK")});
  ASSERT_TRUE(port_->SetBaudRate(115200));
  EXPECT_EQ(Read(1000), "");
  ASSERT_TRUE(Write("AT"));
  EXPECT_EQ(Read(1000), "");  // half a question
  ASSERT_TRUE(Write("\r\n"));
  const TimePoint asked = clock_.Now();
  EXPECT_EQ(Read(1000), "OK");
  EXPECT_EQ(clock_.Now() - asked, milliseconds(5));
}

TEST_F(ReplayWiresTest, OneWriteMayBeSeveralEvents) {
  Play({Sent(0, "print(1)\n"), Sent(0, "print(2)\n"), Heard(3, "2")});
  ASSERT_TRUE(Write("print(1)\nprint(2)\n"));
  EXPECT_EQ(Read(10), "2");
}

TEST_F(ReplayWiresTest, WhoAsksSoonerHasHeardWhatCameBefore) {
  Play({Heard(0, "a"), Heard(500, "b"), Sent(1000, "x"), Heard(1001, "c")});
  EXPECT_EQ(Read(0), "a");
  ASSERT_TRUE(Write("x"));
  EXPECT_EQ(Read(0), "b");
  EXPECT_EQ(Read(0), "");
  EXPECT_EQ(Read(1), "c");
}

TEST_F(ReplayWiresTest, AResetTakesAsLongAsItTook) {
  Play({At(0, {.kind = WireEventKind::kReset}),
        At(10, {.kind = WireEventKind::kLines, .reset_asserted = true}),
        At(110, {.kind = WireEventKind::kLines}), At(120, {.kind = WireEventKind::kResetDone}),
        Heard(125, "ets")});
  ASSERT_TRUE(lines_->Reset(BoardMode::kRun, 1));
  EXPECT_EQ(Elapsed(), milliseconds(120));
  EXPECT_EQ(Read(100), "ets");
  EXPECT_EQ(Elapsed(), milliseconds(125));
}

TEST_F(ReplayWiresTest, SendingTakesTheTimeOfItsOctets) {
  Play({Rate(0, 9600), Sent(0, std::string(96, 'x'))});
  ASSERT_TRUE(port_->SetBaudRate(9600));
  ASSERT_TRUE(Write(std::string(96, 'x')));
  ASSERT_TRUE(port_->Drain());
  EXPECT_EQ(Elapsed(), milliseconds(100));
}

TEST_F(ReplayWiresTest, ARateThatIsNotInTheCaptureWasRefused) {
  Play({Rate(0, 115200), Heard(1, "x")});
  const auto refused = port_->SetBaudRate(74880);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the capture does not go on at 74880 baud");
  EXPECT_FALSE(script_->divergence());
  ASSERT_TRUE(port_->SetBaudRate(115200));
  EXPECT_EQ(Read(1), "x");
}

TEST_F(ReplayWiresTest, WhatWasNotDoneThenIsADivergence) {
  struct Row {
    WireEvent then;
    std::string text;
  };
  const std::vector<Row> rows = {
      {Sent(3200, "AB"), R"(at 3.200 s it has > "AB", and now it would be > "AT")"},
      {Rate(3200, 74880), R"(at 3.200 s it has rate 74880, and now it would be > "AT")"},
      {At(3200, {.kind = WireEventKind::kReset}),
       R"(at 3.200 s it has reset run, and now it would be > "AT")"},
  };
  for (const Row& row : rows) {
    Play({Heard(0, "x"), row.then, Heard(4000, "y")});
    const auto sent = Write("AT");
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ExitCode::kBoard);
    EXPECT_EQ(script_->divergence(), row.text);
    // From here on nothing is right.
    EXPECT_FALSE(lines_->Reset(BoardMode::kRun, 0));
    EXPECT_EQ(script_->divergence(), row.text);
  }
  Play({Heard(0, "x"), Sent(3200, "AT")});
  EXPECT_FALSE(lines_->Reset(BoardMode::kDownload, 0));
  EXPECT_EQ(script_->divergence(),
            R"(at 3.200 s it has > "AT", and now it would be reset download)");
}

TEST_F(ReplayWiresTest, SoIsAQuestionBehindItsEnd) {
  Play({Sent(0, "AT"), Heard(10, "OK")});
  ASSERT_TRUE(Write("AT"));
  ASSERT_FALSE(Write("AT+GMR"));
  EXPECT_EQ(script_->divergence(), R"(it ends after 0.000 s, and now there would be > "AT+GMR")");
}

TEST_F(ReplayWiresTest, AnEmptyCaptureIsSilent) {
  Play({});
  EXPECT_EQ(Read(100), "");
  EXPECT_EQ(Elapsed(), milliseconds(100));
  EXPECT_FALSE(Write("x"));
}

}  // namespace
}  // namespace lastgood
