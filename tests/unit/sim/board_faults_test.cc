// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "board_rig.h"
#include "synthetic_image.h"

namespace lastgood::sim {
namespace {

BoardOptions With(std::map<std::string, std::uint32_t> faults, std::uint32_t seed = 1) {
  BoardOptions options;
  options.faults = std::move(faults);
  options.seed = seed;
  return options;
}

// How many of `count` register reads are answered, and how many rightly.
struct Answered {
  std::size_t all = 0;
  std::size_t right = 0;
};

Answered AskManyTimes(Rig& rig, int count) {
  Answered answered;
  for (int i = 0; i < count; ++i) {
    for (const Reply& reply : rig.AskAll({0x0A, Words({0x40001000})}, milliseconds(10))) {
      ++answered.all;
      if (reply.value == 0xFFF0C101 && reply.error == 0) ++answered.right;
    }
  }
  return answered;
}

TEST(BoardFaultsTest, WithoutFaultsEverythingIsAnswered) {
  Rig rig;
  rig.Sync();
  EXPECT_EQ(AskManyTimes(rig, 200).right, 200U);
}

TEST(BoardFaultsTest, LostBytesSpoilAboutTheirShareOfRequests) {
  Rig rig(With({{"lost-byte", 140}}));  // 14 octets a request: about one in ten
  rig.Sync();
  const Answered answered = AskManyTimes(rig, 500);
  EXPECT_GT(answered.right, 350U);
  EXPECT_LT(answered.right, 490U);
}

TEST(BoardFaultsTest, EveryByteLostIsADeadLine) {
  Rig rig(With({{"lost-byte", 1}}));
  rig.Sync();
  EXPECT_EQ(AskManyTimes(rig, 20).all, 0U);
}

TEST(BoardFaultsTest, CorruptBytesSpoilAboutTheirShareOfRequests) {
  Rig rig(With({{"corrupt-byte", 140}}));
  rig.Sync();
  const Answered answered = AskManyTimes(rig, 500);
  EXPECT_GT(answered.right, 350U);
  EXPECT_LT(answered.right, 490U);
}

TEST(BoardFaultsTest, SeedDecidesWhichBytesAreHit) {
  std::vector<std::vector<bool>> runs;
  for (const std::uint32_t seed : {1U, 1U, 2U}) {
    Rig rig(With({{"corrupt-byte", 100}}, seed));
    rig.Sync();
    std::vector<bool> run;
    for (int i = 0; i < 100; ++i) run.push_back(AskManyTimes(rig, 1).right == 1);
    runs.push_back(run);
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
}

TEST(BoardFaultsTest, LostAcknowledgementIsOfTheNthBlockAndTheBlockIsWritten) {
  Rig rig(With({{"lost-ack", 2}}));
  rig.Sync();
  rig.Ask({0x02, Words({0x1000, 4, 0x400, 0})}, milliseconds(200));
  const Bytes block(0x400, 0x21);
  EXPECT_EQ(rig.AskAll(DataRequest(0x03, 0, block)).size(), 1U);
  EXPECT_EQ(rig.AskAll(DataRequest(0x03, 1, block)).size(), 0U);
  EXPECT_EQ(rig.board().flash()[0x400], 0x21);
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 1, block)).error, 5);  // blind repetition is refused
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 2, block)).error, 0);
}

TEST(BoardFaultsTest, ChipResetsItselfDuringTheNthBlockOnce) {
  Rig rig(With({{"reset-mid-write", 2}}));
  rig.Sync();
  rig.Ask({0x02, Words({0x1000, 4, 0x400, 0})}, milliseconds(200));
  const Bytes block(0x400, 0x21);
  EXPECT_EQ(rig.Ask(DataRequest(0x03, 0, block)).error, 0);
  const auto boots = rig.board().statistics().boots;
  EXPECT_TRUE(rig.AskAll(DataRequest(0x03, 1, block)).empty());
  EXPECT_EQ(rig.board().statistics().boots, boots + 1);
  EXPECT_EQ(rig.board().flash()[0x400], 0x21);         // the page that was being programmed
  EXPECT_EQ(rig.board().flash()[0x500], 0xFF);         // the others
  EXPECT_TRUE(rig.AskAll({0x08, Bytes(36)}).empty());  // it is not in the loader any more
  rig.Sync();
  rig.Ask({0x02, Words({0x1000, 4, 0x400, 0})}, milliseconds(200));
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(rig.Ask(DataRequest(0x03, i, block)).error, 0);
}

TEST(BoardFaultsTest, SelfResetStartsWhatIsFlashedByThen) {
  Rig rig(With({{"reset-mid-write", 1}}));
  rig.Sync(74880);
  rig.Ask({0x02, Words({0x1000, 4, 0x400, 0})}, milliseconds(200));
  rig.Write(Encode(DataRequest(0x03, 0, Bytes(0x400, 0x21))));
  const std::string log(AsText(rig.Listen(milliseconds(500))));
  EXPECT_NE(log.find("rst cause:1, boot mode:(3,6)\n\nets_main.c"), std::string::npos);
}

TEST(BoardFaultsTest, StuckSectorFailsTheReadBackOfItsBlocksOnly) {
  Rig rig(With({{"stuck-sector", 1}}));
  rig.Sync();
  rig.Ask({0x02, Words({0x3000, 12, 0x400, 0})}, milliseconds(1000));
  Bytes block(0x400, 0x21);
  block[0] = 0x22;  // so that its XOR differs from a blank block's
  for (std::uint32_t i = 0; i < 12; ++i) {
    EXPECT_EQ(rig.Ask(DataRequest(0x03, i, block)).error, i / 4 == 1 ? 8 : 0) << i;
  }
  EXPECT_EQ(rig.board().flash()[0x1000], 0xFF);
}

TEST(BoardFaultsTest, LoaderAnswersItsNumberOfRequestsAfterEachReset) {
  for (const std::uint32_t answered : {0U, 3U}) {
    Rig rig(With({{"silent-after", answered}}));
    for (int round = 0; round < 2; ++round) {
      rig.Reset(BoardMode::kDownload);
      rig.SetBaud(115200);
      rig.Write(SyncFrame());  // trains, is lost, does not count
      rig.Listen(milliseconds(50));
      EXPECT_EQ(AskManyTimes(rig, 10).all, answered) << round;
    }
  }
}

TEST(BoardFaultsTest, NoiseStandsBeforeTheFirstAnswerOfEachSession) {
  Rig rig(With({{"noise-before-sync", 20}}));
  for (int round = 0; round < 2; ++round) {
    rig.Reset(BoardMode::kDownload, milliseconds(20));
    rig.SetBaud(115200);
    rig.Write(SyncFrame());
    rig.Listen(milliseconds(50));
    rig.Write(SyncFrame());
    EXPECT_EQ(rig.Listen(milliseconds(50)).size(), 20U + 96U);
    rig.Write(SyncFrame());
    EXPECT_EQ(rig.Listen(milliseconds(50)).size(), 96U);
  }
}

TEST(BoardFaultsTest, SlowResetNeedsALongHold) {
  Rig rig(With({{"slow-reset", 300}}));
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  rig.ListenText(milliseconds(3000), 115200);
  ASSERT_TRUE(rig.board().statistics().running_application);
  EXPECT_EQ(rig.Reset(BoardMode::kDownload, milliseconds(300), 0), "");
  EXPECT_TRUE(rig.board().statistics().running_application);  // it has not noticed
  EXPECT_EQ(rig.board().statistics().resets_by_line, 0U);
  const std::string log = rig.Reset(BoardMode::kDownload, milliseconds(300), 2);
  EXPECT_NE(log.find("rst cause:2, boot mode:(1,6)"), std::string::npos);
  EXPECT_EQ(rig.board().statistics().resets_by_line, 1U);
}

TEST(BoardFaultsTest, SlowResetPinLooksAtTheStrapsLate) {
  BoardOptions options;
  options.reset_rise = milliseconds(300);  // and falls in 30
  Rig rig(options);
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  rig.ListenText(milliseconds(3000), 115200);
  // 20 ms do not pull it down.
  EXPECT_EQ(rig.Reset(BoardMode::kDownload, milliseconds(500), 0), "");
  EXPECT_EQ(rig.board().statistics().resets_by_line, 0U);
  // 100 ms do, but 50 ms later the boot line is released, and the chip is still in reset.
  const std::string early = rig.Reset(BoardMode::kDownload, milliseconds(500), 1);
  EXPECT_NE(early.find("rst cause:2, boot mode:(3,6)"), std::string::npos) << early;
  const std::string late = rig.Reset(BoardMode::kDownload, milliseconds(500), 2);
  EXPECT_NE(late.find("rst cause:2, boot mode:(1,6)"), std::string::npos) << late;
  EXPECT_EQ(rig.board().statistics().resets_by_line, 2U);
}

TEST(BoardFaultsTest, ResetThatIsAssertedAgainBeforeThePinHasRisenIsOneReset) {
  BoardOptions options;
  options.reset_rise = milliseconds(300);
  Rig rig(options);
  const auto boots = [&rig] { return rig.board().statistics().boots; };
  rig.ListenText(milliseconds(1000), 115200);
  const auto before = boots();
  for (const bool asserted : {true, false, true, false}) {
    rig.board().SetLines(asserted, false);
    rig.ListenText(milliseconds(100), 115200);
  }
  EXPECT_EQ(boots(), before) << "the pin has not risen yet";
  rig.ListenText(milliseconds(250), 115200);
  EXPECT_EQ(boots(), before + 1);
}

}  // namespace
}  // namespace lastgood::sim
