// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <poll.h>

#include <string>

#include "sim/pseudo_terminal.h"
#include "unit/sim/served_board.h"

namespace lastgood::sim {
namespace {

class PseudoTerminalTest : public testing::Test {
 protected:
  PseudoTerminalTest() : pty_(*PseudoTerminal::Open()) {}

  // Octets and events reach the other end in the background.
  static bool Await(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, 20'000) == 1;
  }
  std::unique_ptr<Device> OpenDevice() {
    auto device = std::make_unique<Device>(pty_.path());
    NoteUsage();
    return device;
  }
  void NoteUsage() {
    EXPECT_TRUE(Await(pty_.UsageEvents()));
    pty_.NoteUsage();
  }
  std::size_t Write(std::string_view text) { return pty_.Write(AsBytes(text)); }

  PseudoTerminal pty_;
};

TEST_F(PseudoTerminalTest, OctetsPassUnchangedBothWays) {
  const auto device = OpenDevice();
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  EXPECT_EQ(Write(all), all.size());
  EXPECT_EQ(device->ReadUntil("\xff"), all);
  device->Write(all);
  Bytes taken;
  while (taken.size() < all.size() && Await(pty_.Device())) Append(taken, pty_.Read(100));
  EXPECT_EQ(AsText(taken), all);
}

TEST_F(PseudoTerminalTest, NothingEchoesBeforeAnybodySetsItUp) {
  const Descriptor device(::open(pty_.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  NoteUsage();
  Write("boot text\r\n");
  ASSERT_TRUE(Await(device.Get()));
  EXPECT_TRUE(pty_.Read(100).empty());
}

TEST_F(PseudoTerminalTest, ReadTakesNoMoreThanAsked) {
  const auto device = OpenDevice();
  device->Write("abcdef");
  ASSERT_TRUE(Await(pty_.Device()));
  EXPECT_EQ(AsText(pty_.Read(4)), "abcd");
  EXPECT_EQ(AsText(pty_.Read(4)), "ef");
  EXPECT_EQ(AsText(pty_.Read(4)), "");
}

TEST_F(PseudoTerminalTest, RateIsTheUsersWhateverItIs) {
  EXPECT_EQ(pty_.BaudRate(), 115200U);
  const auto device = OpenDevice();
  for (const std::uint32_t baud : {74880U, 9600U, 460800U, 921600U, 76800U, 1'500'000U}) {
    device->SetBaud(baud);
    EXPECT_EQ(pty_.BaudRate(), baud);
  }
}

TEST_F(PseudoTerminalTest, OctetsForNobodyAreTakenAndLost) {
  EXPECT_EQ(Write("lost"), 4U);
  const auto device = OpenDevice();
  Write("kept");
  EXPECT_EQ(device->ReadUntil("kept"), "kept");
}

TEST_F(PseudoTerminalTest, OctetsThatTheLastUserLeftUnreadAreGone) {
  {
    const auto device = OpenDevice();
    Write("unread");
    ASSERT_TRUE(Await(device->Get()));
  }
  NoteUsage();
  const auto next = OpenDevice();
  Write("fresh");
  EXPECT_EQ(next->ReadUntil("fresh"), "fresh");
}

TEST_F(PseudoTerminalTest, SecondUserKeepsItInUse) {
  const auto first = OpenDevice();
  auto second = OpenDevice();
  second.reset();
  NoteUsage();
  Write("still here");
  EXPECT_EQ(first->ReadUntil("here"), "still here");
}

TEST_F(PseudoTerminalTest, UserWhoDoesNotReadGetsNoMoreThanThereIsRoomFor) {
  const auto device = OpenDevice();
  const std::string block(65536, 'x');
  std::size_t taken = 0;
  std::size_t last = block.size();
  for (int i = 0; i < 100 && last > 0; ++i) taken += last = Write(block);
  EXPECT_EQ(last, 0U);
  EXPECT_GT(taken, 1000U);
}

}  // namespace
}  // namespace lastgood::sim
