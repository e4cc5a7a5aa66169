// SPDX-License-Identifier: MIT
// The simulated board behind a TCP port, as a client meets it octet by octet (RFC 854, RFC 2217).
// Nothing here depends on how fast the machine is.
#include "sim/network_server.h"

#include <gtest/gtest.h>

#include "sim/image_factory.h"
#include "support/served_board.h"
#include "support/tcp_client.h"

namespace lastgood::sim {
namespace {

constexpr std::uint8_t IAC = 255;
constexpr std::uint8_t SB = 250;
constexpr std::uint8_t SE = 240;
constexpr std::uint8_t WILL = 251;
constexpr std::uint8_t WONT = 252;
constexpr std::uint8_t DO = 253;
constexpr std::uint8_t DONT = 254;

Bytes Com(std::uint8_t command, const Bytes& value) {
  Bytes frame = {IAC, SB, 44, command};
  Append(frame, value);
  Append(frame, Bytes{IAC, SE});
  return frame;
}

const Bytes kBaud74880 = {0, 1, 0x24, 0x80};
const Bytes kBaud115200 = {0, 1, 0xC2, 0};
const Bytes kReset = Com(5, {11});
const Bytes kRelease = Com(5, {12});

TEST(NetworkServer, AgreesToTheComPortOptionAndToBinary) {
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  EXPECT_TRUE(client.Hears(Bytes{IAC, DO, 0, IAC, WILL, 0}));
  client.Send(Bytes{IAC, WILL, 44});
  EXPECT_TRUE(client.Hears(Bytes{IAC, DO, 44}));
  client.Send(Bytes{IAC, WILL, 31, IAC, DO, 1});
  EXPECT_TRUE(client.Hears(Bytes{IAC, DONT, 31, IAC, WONT, 1}));
}

TEST(NetworkServer, SettingsAreConfirmedWithWhatIsInForce) {
  struct Case {
    const char* what;
    std::uint8_t command;
    Bytes value, in_force;
  };
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  for (const Case& c : {
           Case{"the rate at first", 1, {0, 0, 0, 0}, kBaud115200},
           Case{"a rate", 1, kBaud74880, kBaud74880},
           Case{"a rate that no UART has", 1, {0x7f, 0, 0, 0}, kBaud74880},
           Case{"a rate with 255 in it", 1, {0, 0, IAC, IAC, 0}, {0, 0, IAC, IAC, 0}},
           Case{"eight bits", 2, {8}, {8}},
           Case{"seven bits", 2, {7}, {8}},
           Case{"odd parity", 3, {2}, {1}},
           Case{"two stop bits", 4, {2}, {1}},
           Case{"hardware flow control", 5, {3}, {1}},
           Case{"break", 5, {5}, {6}},
           Case{"DTR at first", 5, {7}, {9}},
           Case{"DTR on", 5, {8}, {8}},
           Case{"DTR now", 5, {7}, {8}},
           Case{"RTS at first", 5, {10}, {12}},
           Case{"inbound flow control", 5, {16}, {14}},
           Case{"modem state", 7, {0}, {0xB0}},
           Case{"purge", 12, {3}, {3}},
           Case{"mask", 11, {255, 255}, {255, 255}},
       }) {
    client.Send(Com(c.command, c.value));
    EXPECT_TRUE(client.Hears(Com(static_cast<std::uint8_t>(c.command + 100), c.in_force)))
        << c.what;
  }
}

TEST(NetworkServer, BootLogIsReadableAtTheRomsRate) {
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  client.Send(Com(1, kBaud74880));
  client.Send(kReset);
  EXPECT_TRUE(client.Hears(Com(105, {11})));
  client.Send(kRelease);
  EXPECT_TRUE(client.Hears("rst cause:2, boot mode:(3,"));
}

TEST(NetworkServer, DtrSelectsDownloadMode) {
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  client.Send(Com(1, kBaud74880));
  client.Send(kReset);
  EXPECT_TRUE(client.Hears(Com(105, {11})));
  Bytes swap = Com(5, {8});
  Append(swap, kRelease);
  client.Send(swap);
  EXPECT_TRUE(client.Hears("boot mode:(1,"));
}

TEST(NetworkServer, ACommandInPiecesIsOneCommand) {
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  Bytes first = Com(1, kBaud74880);
  const Bytes second(first.begin() + 5, first.end());
  first.resize(5);
  // The question in front is answered alone, so the halves do not travel together.
  Bytes question = Com(2, {8});
  Append(question, first);
  client.Send(question);
  EXPECT_TRUE(client.Hears(Com(102, {8})));
  client.Send(second);
  EXPECT_TRUE(client.Hears(Com(101, kBaud74880)));
}

TEST(NetworkServer, ARateCountsForWhatFollowsIt) {
  // A sync in one piece with the rate that it is meant for, behind octets at the rate before.
  test::NetworkedBoard board;
  test::TcpClient client(board.tcp_port());
  client.Send(kReset);
  EXPECT_TRUE(client.Hears(Com(105, {11})));
  Bytes swap = Com(5, {8});
  Append(swap, kRelease);
  client.Send(swap);
  EXPECT_TRUE(client.Hears(Com(105, {12})));
  Bytes sync = {0xC0, 0x00, 0x08, 0x24, 0, 0, 0, 0, 0, 0x07, 0x07, 0x12, 0x20};
  Append(sync, Bytes(32, 'U'));
  sync.push_back(0xC0);
  bool answered = false;
  for (int i = 0; i < 20 && !answered; ++i) {
    Bytes stream = Com(1, {0, 7, 8, 0});  // 460800
    Append(stream, sync);
    Append(stream, sync);
    client.Send(stream);
    answered = client.Hears(Bytes{0xC0, 0x01, 0x08}, 1000);
  }
  EXPECT_TRUE(answered);
}

TEST(NetworkServer, TheNextClientComesOnceTheFirstHasLeftAndFindsTheLinesReleased) {
  test::NetworkedBoard board;
  test::TcpClient first(board.tcp_port());
  first.Send(Com(1, kBaud74880));
  first.Send(kReset);
  EXPECT_TRUE(first.Hears(Com(105, {11})));
  test::TcpClient second(board.tcp_port());
  EXPECT_FALSE(second.Hears(Bytes{IAC, DO, 0}, 100));
  first.HangUp();
  EXPECT_TRUE(second.Hears(Bytes{IAC, DO, 0}));
  EXPECT_TRUE(second.Hears("boot mode:(3,"));  // the board is no longer held in reset
  second.Send(Com(5, {10}));
  EXPECT_TRUE(second.Hears(Com(105, {12})));
}

TEST(NetworkServer, PlainTcpCarriesTheConsoleAsItIs) {
  ImageRequest request;
  request.kind = ImageRequest::Kind::kMicropythonSdk1;
  request.version = "1.8.3";
  NetworkServerOptions options;
  options.rfc2217 = false;
  test::NetworkedBoard board(options, MakeImage(request));
  EXPECT_TRUE(board.name().starts_with("tcp://127.0.0.1:"));
  test::TcpClient client(board.tcp_port());
  EXPECT_TRUE(client.Hears(">>> "));
  client.Send(ToBytes("print(6 * 7)\r"));
  EXPECT_TRUE(client.Hears("42\r\n>>> "));
}

TEST(NetworkServer, AddressesThatCannotBeServedAreRefused) {
  SystemClock clock;
  Interrupt interrupt;
  auto board = SimulatedBoard::Make({}, clock);
  ASSERT_TRUE(board);
  test::NetworkedBoard other;
  struct Case {
    std::string address, why;
  };
  for (const Case& c : {
           Case{"", "that names no TCP port"},
           Case{"x", "that names no TCP port"},
           Case{"127.0.0.1:", "that names no TCP port"},
           Case{"65536", "that names no TCP port"},
           Case{other.tcp_port(), "address already in use"},
       }) {
    NetworkServerOptions options;
    options.address = c.address;
    const auto served = ServeOnNetwork(**board, options, clock, interrupt,
                                       [](const std::string&) { FAIL() << "it is served"; });
    ASSERT_FALSE(served) << c.address;
    EXPECT_EQ(served.error().code, ExitCode::kUsage);
    EXPECT_EQ(served.error().message, "cannot listen on '" + c.address + "': " + c.why);
  }
}

}  // namespace
}  // namespace lastgood::sim
