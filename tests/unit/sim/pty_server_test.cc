// SPDX-License-Identifier: MIT
// The simulated board in real time, as other processes meet it. Nothing here depends on how fast
// the machine is.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <filesystem>
#include <string>

#include "unit/sim/real_repl.h"
#include "unit/sim/served_board.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

class PtyServerTest : public ServedBoard {};

std::string SyncFrame() {
  using std::string_literals::operator""s;
  return "\xC0\x00\x08\x24\x00\x00\x00\x00\x00\x07\x07\x12\x20"s + std::string(32, 'U') + "\xC0";
}

TEST_F(PtyServerTest, BootLogIsReadableAtTheRomsRate) {
  Flash(Firmware());
  Serve();
  Device device(link_, 74880);
  Lines("run");
  const std::string heard = device.ReadUntil("csum 0x");
  EXPECT_NE(heard.find("ets Jan  8 2013,rst cause:2, boot mode:(3,"), std::string::npos) << heard;
  EXPECT_NE(heard.find("load 0x40100000, len 31232"), std::string::npos) << heard;
}

TEST_F(PtyServerTest, BootLogIsGarbageAtAnotherRate) {
  Serve();
  Device device(link_, 115200);
  Lines("run");
  const std::string heard = device.ReadUntil("never", 1000);
  EXPECT_FALSE(heard.empty());
  EXPECT_EQ(heard.find("ets Jan"), std::string::npos) << heard;
}

TEST_F(PtyServerTest, ConsoleAnswersAfterTheBoot) {
  Flash(Firmware());
  Serve();
  Device device(link_);
  Lines("run");
  EXPECT_NE(device.ReadUntil(">>> ").find("MicroPython v1.8.3 on 2016-08-09; ESP module"),
            std::string::npos);
  device.Write("\x01print(6*7)\x04");
  EXPECT_NE(device.ReadUntil("\x04>").find("OK42\r\n\x04"), std::string::npos);
}

TEST_F(PtyServerTest, RealReplAnswersBehindThePty) {
  const auto command = test::RealRepl();
  if (!command) return;
  Flash(Firmware());
  Serve(MakeExternalConsole(*command));
  Device device(link_);
  Lines("run");
  EXPECT_NE(device.ReadUntil(">>> ").find("MicroPython v1.8.3 on 2016-08-09; JS with Emscripten"),
            std::string::npos);
  device.Write("sum(range(10))\r");
  EXPECT_NE(device.ReadUntil("45\n").find("45\n"), std::string::npos);
}

TEST_F(PtyServerTest, LoaderAnswersSyncEightTimes) {
  Serve();
  Device device(link_);
  Lines("download");
  device.ReadRest();
  device.Write(SyncFrame());  // trains the auto-baud and is lost
  device.ReadRest();
  device.Write(SyncFrame());
  const std::string heard = device.ReadRest();
  constexpr std::string_view kReply{"\xC0\x01\x08\x02\x00\x07\x07\x12\x20\x00\x00\xC0", 12};
  std::size_t replies = 0;
  for (std::size_t at = heard.find(kReply); at != std::string::npos;
       at = heard.find(kReply, at + 1))
    ++replies;
  EXPECT_EQ(replies, 8U);
}

TEST_F(PtyServerTest, DeviceSurvivesItsUsers) {
  Flash(Firmware());
  Serve();
  for (int round = 0; round < 3; ++round) {
    Device device(link_);
    Lines("run");
    EXPECT_NE(device.ReadUntil(">>> ").find(">>> "), std::string::npos) << round;
  }
  Device device(link_);
  device.ReadRest();
  device.Write("2+2\r");
  EXPECT_EQ(device.ReadUntil("4\r\n>>> "), "2+2\r\n4\r\n>>> ");
}

// On a busy machine the answer may be late enough to meet the next user, but not every time.
TEST_F(PtyServerTest, WhatIsSaidWhileNobodyListensIsLost) {
  Flash(Firmware());
  Serve();
  {
    Device device(link_);
    Lines("run");
    device.ReadUntil(">>> ");
  }
  std::string stale = "not tried";
  for (int attempt = 0; attempt < 10 && !stale.empty(); ++attempt) {
    Device(link_).Write("1+1\r");
    clock_.SleepFor(std::chrono::milliseconds(100) * (attempt + 1));
    stale = Device(link_).ReadRest();
  }
  EXPECT_EQ(stale, "");
}

TEST_F(PtyServerTest, ExclusiveUseEndsWithItsUser) {
  Serve();
  {
    Device device(link_);
    ASSERT_EQ(::ioctl(device.Get(), TIOCEXCL), 0);
  }
  Device watcher(link_);
  int exclusive = 1;
  const Deadline deadline(clock_, std::chrono::seconds(20));
  while (exclusive != 0 && !deadline.Expired()) {
    clock_.SleepFor(std::chrono::milliseconds(1));
    ASSERT_EQ(::ioctl(watcher.Get(), TIOCGEXCL, &exclusive), 0);
  }
  EXPECT_EQ(exclusive, 0);
}

TEST_F(PtyServerTest, UserWhoDoesNotReadLosesOctetsAndHoldsNobodyUp) {
  Flash(Firmware());
  Serve();
  Device device(link_);
  Lines("run");
  device.ReadUntil(">>> ");
  // More than pty and server keep: every line comes back as an echo and a result.
  for (int i = 0; i < 40; ++i) device.Write("'" + std::string(100, 'x') + "' * 30\r");
  clock_.SleepFor(std::chrono::milliseconds(200));
  Lines("run");
  const std::string heard = device.ReadUntil("ESP module");
  EXPECT_NE(heard.find("ESP module"), std::string::npos);
}

TEST_F(PtyServerTest, LinkAndSocketAreThereWhileServedAndGoneAfterwards) {
  fs::create_symlink("/nowhere", link_);
  Serve();
  EXPECT_EQ(fs::read_symlink(link_).parent_path(), "/dev/pts");
  EXPECT_TRUE(fs::is_socket(socket_));
  EXPECT_EQ(fs::status(socket_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(Stop());
  EXPECT_FALSE(fs::exists(fs::symlink_status(link_)));
  EXPECT_FALSE(fs::exists(socket_));
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(PtyServerTest, LinkThatPointsElsewhereByNowStays) {
  Serve();
  fs::remove(link_);
  fs::create_symlink("/dev/null", link_);
  EXPECT_TRUE(Stop());
  EXPECT_EQ(fs::read_symlink(link_), "/dev/null");
}

TEST_F(PtyServerTest, FileInPlaceOfTheLinkIsLeftAlone) {
  test::WriteText(link_, "precious");
  Serve();
  const Result<void> result = Stop();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kUsage);
  EXPECT_EQ(result.error().message,
            "cannot make the link '" + link_.string() + "': something that is not a link is there");
  EXPECT_EQ(test::ReadText(link_), "precious");
  EXPECT_FALSE(fs::exists(socket_));
}

TEST_F(PtyServerTest, LinkInAMissingDirectoryIsRefused) {
  SystemClock clock;
  auto board = SimulatedBoard::Make({}, clock);
  ASSERT_TRUE(board);
  const auto result = ServeOnPty(**board, {directory_ / "no/tty", {}}, clock, interrupt_, nullptr);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot make the link '" + (directory_ / "no/tty").string() +
                                        "': no such file or directory");
}

TEST_F(PtyServerTest, NamelessDeviceIsRefused) {
  auto board = SimulatedBoard::Make({}, clock_);
  ASSERT_TRUE(board);
  const auto result = ServeOnPty(**board, {}, clock_, interrupt_, nullptr);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kUsage);
}

TEST_F(PtyServerTest, InterruptEndsItAtOnce) {
  interrupt_.Request();
  Serve();
  EXPECT_TRUE(Stop());
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

}  // namespace
}  // namespace lastgood::sim
