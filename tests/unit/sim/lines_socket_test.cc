// SPDX-License-Identifier: MIT
#include "sim/lines_socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "host/clock.h"
#include "sim/pty_server.h"
#include "support/temporary_directory.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;

Descriptor Connect(const fs::path& path) {
  Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  std::copy(text.begin(), text.end(), address.sun_path);
  EXPECT_EQ(
      ::connect(connection.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return connection;
}

void Send(const Descriptor& connection, std::string_view text) {
  EXPECT_EQ(::send(connection.Get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

// What has been answered; "(gone)" when the server has hung up.
std::string Received(const Descriptor& connection) {
  char buffer[4096];
  const ssize_t count = ::recv(connection.Get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (count == 0) return "(gone)";
  return count < 0 ? "" : std::string(buffer, static_cast<std::size_t>(count));
}

class LinesSocketTest : public testing::Test {
 protected:
  LinesSocket Listen() {
    auto socket = LinesSocket::Listen(path_);
    EXPECT_TRUE(socket);
    return *std::move(socket);
  }
  void Serve(LinesSocket& socket) {
    socket.Serve([this](std::string_view request) {
      requests_.emplace_back(request);
      return "ok " + std::to_string(requests_.size());
    });
  }

  test::TemporaryDirectory directory_;
  const fs::path path_ = directory_ / "lines";
  std::vector<std::string> requests_;
};

TEST_F(LinesSocketTest, AnswersEachLineOnce) {
  LinesSocket socket = Listen();
  const Descriptor client = Connect(path_);
  Send(client, "one\ntw");
  Serve(socket);
  EXPECT_EQ(Received(client), "ok 1\n");
  Send(client, "o\nthree\n");
  Serve(socket);
  EXPECT_EQ(Received(client), "ok 2\nok 3\n");
  EXPECT_EQ(requests_, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(LinesSocketTest, ClientThatHangsUpIsForgotten) {
  LinesSocket socket = Listen();
  {
    const Descriptor client = Connect(path_);
    Serve(socket);
    EXPECT_EQ(socket.Descriptors().size(), 2U);
  }
  Serve(socket);
  EXPECT_EQ(socket.Descriptors().size(), 1U);
}

TEST_F(LinesSocketTest, ClientWithAnEndlessLineIsDropped) {
  LinesSocket socket = Listen();
  const Descriptor client = Connect(path_);
  Send(client, std::string(400, 'x'));
  Serve(socket);
  EXPECT_EQ(Received(client), "(gone)");
  EXPECT_TRUE(requests_.empty());
}

TEST_F(LinesSocketTest, ClientThatTakesNoAnswersIsDropped) {
  LinesSocket socket = Listen();
  const Descriptor client = Connect(path_);
  for (int i = 0; i < 100000 && socket.Descriptors().size() < 3; ++i) {
    if (::send(client.Get(), "a\n", 2, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
    Serve(socket);
  }
  Serve(socket);
  EXPECT_EQ(socket.Descriptors().size(), 1U);
}

TEST_F(LinesSocketTest, NinthClientWaitsForAPlace) {
  LinesSocket socket = Listen();
  std::vector<Descriptor> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(Connect(path_));
  Send(clients[8], "late\n");
  Serve(socket);
  EXPECT_EQ(socket.Descriptors().size(), 8U);
  EXPECT_TRUE(requests_.empty());
  clients.erase(clients.begin());
  Serve(socket);
  Serve(socket);
  EXPECT_EQ(requests_, std::vector<std::string>{"late"});
}

TEST_F(LinesSocketTest, OnlyTheOwnerMayConnect) {
  const LinesSocket socket = Listen();
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(LinesSocketTest, LeftOverSocketIsReplaced) {
  {
    const Descriptor old(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path_.native().begin(), path_.native().end(), address.sun_path);
    ASSERT_EQ(::bind(old.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ASSERT_TRUE(fs::is_socket(path_));
  LinesSocket socket = Listen();
  const Descriptor client = Connect(path_);
  Send(client, "x\n");
  Serve(socket);
  EXPECT_EQ(Received(client), "ok 1\n");
}

TEST_F(LinesSocketTest, SocketThatIsServedIsRefused) {
  const LinesSocket socket = Listen();
  const auto second = LinesSocket::Listen(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kBusy);
  EXPECT_EQ(second.error().message,
            "another simulated board answers on socket '" + path_.string() + "'");
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(LinesSocketTest, FileInItsPlaceIsLeftAlone) {
  test::WriteText(path_, "precious");
  const auto socket = LinesSocket::Listen(path_);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ExitCode::kUsage);
  EXPECT_EQ(test::ReadText(path_), "precious");
}

TEST_F(LinesSocketTest, PathsThatCannotBeAreRefused) {
  const std::string long_name(108, 'n');
  const auto socket = LinesSocket::Listen(long_name);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ExitCode::kUsage);
  EXPECT_EQ(socket.error().message,
            "socket path '" + long_name + "' is too long: 108 bytes, the system allows 107");
  EXPECT_FALSE(LinesSocket::Listen(""));
  const auto missing = LinesSocket::Listen(directory_ / "no/lines");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "cannot listen on socket '" +
                                         (directory_ / "no/lines").string() +
                                         "': no such file or directory");
}

TEST(LinesDeskTest, SetsLinesAndPowerAndTellsWhatTheBoardDid) {
  VirtualClock clock;
  const auto made = SimulatedBoard::Make({}, clock);
  ASSERT_TRUE(made);
  SimulatedBoard& board = **made;
  LinesDesk desk(board);
  const auto pass = [&] { clock.SleepFor(std::chrono::milliseconds(200)); };
  board.HostReceives(74880);  // from now on the host listens at this rate
  pass();
  const auto before = board.statistics();
  EXPECT_EQ(desk.Answer("set reset=1 boot=1"), "ok");
  pass();
  EXPECT_EQ(desk.Answer("set reset=0"), "ok");
  pass();
  EXPECT_EQ(board.statistics().resets_by_line, before.resets_by_line + 1);
  EXPECT_NE(AsText(board.HostReceives(74880)).find("boot mode:(1,"), std::string_view::npos);
  EXPECT_EQ(desk.Answer("set boot=0\r"), "ok");
  EXPECT_EQ(desk.Answer("power off"), "ok");
  EXPECT_EQ(desk.Answer("power on"), "ok");
  pass();
  EXPECT_NE(AsText(board.HostReceives(74880)).find("rst cause:1"), std::string_view::npos);
  const std::string status = desk.Answer("status");
  EXPECT_EQ(status.find("octets_from_host=0 octets_to_host="), 0U) << status;
  EXPECT_NE(status.find(" resets_by_line="), std::string::npos) << status;
  EXPECT_NE(status.find(" running_application=0"), std::string::npos) << status;
}

TEST(LinesDeskTest, RefusesWhatItDoesNotKnow) {
  VirtualClock clock;
  const auto board = SimulatedBoard::Make({}, clock);
  ASSERT_TRUE(board);
  LinesDesk desk(**board);
  EXPECT_EQ(desk.Answer(""), "error: unknown request ''");
  EXPECT_EQ(desk.Answer("power"), "error: unknown request 'power'");
  EXPECT_EQ(desk.Answer("set reset=2"), "error: unknown line setting 'reset=2'");
  EXPECT_EQ(desk.Answer("set reset=1 bot=1"), "error: unknown line setting 'bot=1'");
  EXPECT_EQ(desk.Answer("set  "), "error: unknown line setting ''");
}

// The other side, against a desk that writes down what it is asked.
class SendLinesTest : public LinesSocketTest {
 protected:
  ~SendLinesTest() override {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void Answer(const std::string& answer) {
    socket_.emplace(Listen());
    thread_ = std::thread([this, answer] {
      while (!stop_) {
        std::vector<pollfd> waiting;
        for (const int descriptor : socket_->Descriptors())
          waiting.push_back({descriptor, POLLIN, 0});
        ::poll(waiting.data(), waiting.size(), 10);
        socket_->Serve([&](std::string_view request) {
          requests_.emplace_back(request);
          return answer;
        });
      }
    });
  }
  std::vector<std::string> StopAndTell() {
    stop_ = true;
    thread_.join();
    return requests_;
  }

  std::optional<LinesSocket> socket_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
  VirtualClock clock_;
};

TEST_F(SendLinesTest, PlaysTheSequences) {
  Answer("ok");
  for (const char* const request : {"download", "run", "hold", "release", "power off", "power on"})
    EXPECT_TRUE(SendLines(path_, request, clock_)) << request;
  EXPECT_EQ(StopAndTell(), (std::vector<std::string>{
                               "set reset=0 boot=1", "set reset=1 boot=1", "set reset=0 boot=1",
                               "set reset=0 boot=0",                        // download
                               "set reset=1 boot=0", "set reset=0 boot=0",  // run
                               "set reset=1 boot=0", "set reset=0 boot=0",  // hold, release
                               "power off", "power on"}));
}

TEST_F(SendLinesTest, RefusalIsReported) {
  Answer("error: no such line");
  const auto sent = SendLines(path_, "run", clock_);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message,
            "the simulated board refused 'set reset=1 boot=0': error: no such line");
}

TEST_F(SendLinesTest, UnknownRequestIsRefusedBeforeAnythingIsSent) {
  const auto sent = SendLines(path_, "flash", clock_);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ExitCode::kUsage);
  EXPECT_EQ(sent.error().message, "unknown request 'flash' to a simulated board");
}

TEST_F(SendLinesTest, MissingBoardIsReported) {
  const auto sent = SendLines(path_, "run", clock_);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ExitCode::kBoard);
  EXPECT_EQ(sent.error().message, "cannot reach a simulated board on socket '" + path_.string() +
                                      "': no such file or directory");
}

TEST_F(SendLinesTest, BoardThatHangsUpIsReported) {
  Answer(std::string(100, 'x'));
  stop_ = true;
  thread_.join();
  std::thread hangs_up([this] {
    pollfd waiting{socket_->Descriptors()[0], POLLIN, 0};
    ::poll(&waiting, 1, 20'000);
    socket_.reset();
  });
  const auto sent = SendLines(path_, "hold", clock_);
  hangs_up.join();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ExitCode::kBoard);
}

}  // namespace
}  // namespace lastgood::sim
