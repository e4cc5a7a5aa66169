// SPDX-License-Identifier: MIT
// Against a server of the test's own, octet by octet: what is asked for, and what is made of the
// answers of servers that are stubborn, strange or gone.
#include "device/rfc2217_serial_port.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <mutex>
#include <thread>

#include "device/open_serial_port.h"
#include "support/tcp_peer.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{10'000};

// Follows real time until told to leap: then limits of seconds are over at the first look.
class LeapingClock final : public Clock {
 public:
  explicit LeapingClock(bool leaps = false) : leaps_(leaps) {}
  void Leap() { leaps_ = true; }
  TimePoint Now() const override {
    if (leaps_) ahead_ += std::chrono::seconds(4);
    return real_.Now() + ahead_;
  }
  WallTime WallNow() const override { return {}; }
  void SleepUntil(TimePoint when) override { real_.SleepUntil(when - ahead_); }

 private:
  SystemClock real_;
  bool leaps_;
  mutable std::chrono::seconds ahead_{0};
};

const Bytes kConsent = {255, 253, 44, 255, 253, 0, 255, 251, 0};  // DO 44, DO 0, WILL 0

// Serves one client: says `greeting`, then answers each subnegotiation with what `answer` makes of
// its command and value.
class ScriptedServer {
 public:
  using Answer = std::function<Bytes(std::uint8_t command, const Bytes& value)>;

  explicit ScriptedServer(Bytes greeting, Answer answer = Confirm)
      : name_(peer_.Name("rfc2217")), thread_([this, greeting, answer] {
          peer_.Accept();
          peer_.Send(greeting);
          Serve(answer);
        }) {}
  ~ScriptedServer() { thread_.join(); }

  static Bytes Frame(std::uint8_t command, const Bytes& value) {
    Bytes frame = {255, 250, 44, command};
    Append(frame, value);
    Append(frame, Bytes{255, 240});
    return frame;
  }
  static Bytes Confirm(std::uint8_t command, const Bytes& value) {
    return Frame(static_cast<std::uint8_t>(command + 100), value);
  }

  const std::string& name() const { return name_; }
  // Everything that the client sent; complete once it has left.
  Bytes Heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void Serve(const Answer& answer) {
    Bytes rest;
    for (Bytes chunk = peer_.Receive(); !chunk.empty(); chunk = peer_.Receive()) {
      {
        const std::lock_guard lock(mutex_);
        Append(heard_, chunk);
      }
      Append(rest, chunk);
      for (std::size_t end = FindEnd(rest); end != 0; end = FindEnd(rest)) {
        const auto start = FindStart(rest);
        const Bytes reply =
            answer(rest[start + 3], Bytes(rest.begin() + static_cast<long>(start) + 4,
                                          rest.begin() + static_cast<long>(end) - 2));
        if (!reply.empty()) peer_.Send(reply);
        rest.erase(rest.begin(), rest.begin() + static_cast<long>(end));
      }
    }
    peer_.HangUp();
  }
  static std::size_t FindStart(const Bytes& octets) {
    for (std::size_t i = 0; i + 3 < octets.size(); ++i)
      if (octets[i] == 255 && octets[i + 1] == 250) return i;
    return octets.size();
  }
  static std::size_t FindEnd(const Bytes& octets) {
    for (std::size_t i = FindStart(octets); i + 1 < octets.size(); ++i)
      if (octets[i] == 255 && octets[i + 1] == 240) return i + 2;
    return 0;
  }

  test::TcpPeer peer_;
  std::string name_;
  std::mutex mutex_;
  Bytes heard_;
  std::thread thread_;
};

bool Contains(const Bytes& octets, const Bytes& wanted) {
  return std::search(octets.begin(), octets.end(), wanted.begin(), wanted.end()) != octets.end();
}

Error OpenFails(const std::string& name, Clock& clock) {
  const auto opened = OpenSerialPort(name, clock);
  EXPECT_FALSE(opened);
  return opened ? Error{} : opened.error();
}

TEST(Rfc2217SerialPort, OpeningAsksFor8N1At115200WithoutFlowControlAndForgetsOldInput) {
  ScriptedServer server(kConsent);
  {
    SystemClock clock;
    const auto opened = OpenSerialPort(server.name(), clock);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->Name(), server.name());
  }
  const Bytes offers = {255, 251, 0, 255, 253, 0, 255, 251, 3, 255, 253, 3, 255, 251, 44};
  Bytes expected = offers;
  Append(expected, ScriptedServer::Frame(1, {0, 1, 0xC2, 0}));
  Append(expected, ScriptedServer::Frame(2, {8}));
  Append(expected, ScriptedServer::Frame(3, {1}));
  Append(expected, ScriptedServer::Frame(4, {1}));
  Append(expected, ScriptedServer::Frame(5, {1}));
  Append(expected, ScriptedServer::Frame(12, {1}));
  SystemClock clock;
  for (int i = 0; i < 2000 && server.Heard().size() < expected.size(); ++i)
    clock.SleepFor(milliseconds(5));
  EXPECT_EQ(server.Heard(), expected);
}

TEST(Rfc2217SerialPort, ServersThatDoNotGoAlongAreNamedWithTheReason) {
  struct Case {
    const char* what;
    Bytes greeting;
    const char* message;
  };
  for (const Case& c : {
           Case{"refuses the option",
                {255, 254, 44},
                "does not speak RFC 2217: its server refuses the Com Port option"},
           Case{"text only",
                {255, 253, 44, 255, 254, 0, 255, 251, 0},
                "does not agree to binary transmission"},
           Case{"binary one way",
                {255, 253, 44, 255, 253, 0, 255, 252, 0},
                "does not agree to binary transmission"},
       }) {
    ScriptedServer server(c.greeting);
    SystemClock clock;
    const Error error = OpenFails(server.name(), clock);
    EXPECT_EQ(error.code, ExitCode::kBoard) << c.what;
    EXPECT_EQ(error.message, fmt::format("serial device '{}' {}", server.name(), c.message));
    EXPECT_NE(error.hint, "") << c.what;
  }
}

TEST(Rfc2217SerialPort, AServerThatSaysNothingIsGivenUp) {
  test::TcpPeer peer;
  LeapingClock clock(true);
  const Error error = OpenFails(peer.Name("rfc2217"), clock);
  EXPECT_EQ(error.code, ExitCode::kBoard);
  EXPECT_EQ(error.message,
            fmt::format("serial device '{}' does not answer RFC 2217's negotiation within 5 s",
                        peer.Name("rfc2217")));
}

TEST(Rfc2217SerialPort, ASettingThatTheServerDoesNotTakeIsAnError) {
  ScriptedServer server(kConsent, [](std::uint8_t command, const Bytes& value) {
    return ScriptedServer::Confirm(command, command == 2 ? Bytes{7} : value);
  });
  SystemClock clock;
  EXPECT_EQ(OpenFails(server.name(), clock).message,
            fmt::format("serial device '{}' refuses 8N1 without flow control", server.name()));
}

class Rfc2217Connection : public testing::Test {
 protected:
  void Open(ScriptedServer::Answer answer = ScriptedServer::Confirm) {
    server_.emplace(kConsent, std::move(answer));
    auto opened = OpenSerialPort(server_->name(), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    device_ = *std::move(opened);
  }
  ModemControl& Modem() { return dynamic_cast<ModemControl&>(*device_); }
  std::string Read() {
    std::array<std::uint8_t, 64> buffer{};
    const auto count = device_->Read(buffer, kLong);
    EXPECT_TRUE(count) << count.error().message;
    return count ? std::string(AsText(ByteSpan(buffer).first(*count))) : "";
  }

  LeapingClock clock_;
  std::optional<ScriptedServer> server_;
  std::unique_ptr<SerialPort> device_;
};

TEST_F(Rfc2217Connection, ARateIsInForceOnceTheServerSaysSo) {
  Open();
  EXPECT_TRUE(device_->SetBaudRate(921600));
  EXPECT_TRUE(Contains(server_->Heard(), ScriptedServer::Frame(1, {0, 0x0E, 0x10, 0})));
}

TEST_F(Rfc2217Connection, ARateThatTheServerCannotDoIsAnError) {
  Open([](std::uint8_t command, const Bytes& value) {
    return ScriptedServer::Confirm(command, command == 1 ? Bytes{0, 1, 0xC2, 0} : value);
  });
  EXPECT_TRUE(device_->SetBaudRate(115200));
  const auto set = device_->SetBaudRate(460800);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message,
            fmt::format("serial device '{}' cannot do 460800 baud, its server stays at 115200",
                        server_->name()));
}

TEST_F(Rfc2217Connection, AnUnconfirmedRateIsGivenUp) {
  Open([](std::uint8_t command, const Bytes& value) {
    return value == Bytes{0, 7, 8, 0} ? Bytes{} : ScriptedServer::Confirm(command, value);
  });
  clock_.Leap();
  const auto set = device_->SetBaudRate(460800);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ExitCode::kBoard);
  EXPECT_EQ(
      set.error().message,
      fmt::format("serial device '{}' does not confirm its settings within 3 s", server_->name()));
}

TEST_F(Rfc2217Connection, DtrGoesBeforeRts) {
  Open();
  ASSERT_TRUE(Modem().SetModemLines(true, false));
  Bytes both = ScriptedServer::Frame(5, {8});
  Append(both, ScriptedServer::Frame(5, {12}));
  EXPECT_TRUE(Contains(server_->Heard(), both));
}

TEST_F(Rfc2217Connection, LinesThatTheServerKeepsAreAnError) {
  Open([](std::uint8_t command, const Bytes& value) {
    return ScriptedServer::Confirm(command, value == Bytes{8} && command == 5 ? Bytes{9} : value);
  });
  const auto set = Modem().SetModemLines(true, false);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message,
            fmt::format("serial device '{}' refuses to set DTR and RTS", server_->name()));
}

TEST_F(Rfc2217Connection, DataAroundConfirmationsIsKept) {
  Open([](std::uint8_t command, const Bytes& value) {
    Bytes reply = command == 1 ? ToBytes("one") : Bytes{};
    Append(reply, ScriptedServer::Confirm(command, value));
    if (command == 1) Append(reply, Bytes{'t', 255, 255, 'o'});
    return reply;
  });
  ASSERT_TRUE(device_->SetBaudRate(460800));
  std::string heard;
  while (heard.size() < 6) heard += Read();
  EXPECT_EQ(heard, "onet\xffo");
}

TEST_F(Rfc2217Connection, WhatCameBeforeThePurgeIsForgottenAndWhatCameAfterItIsNot) {
  bool opened = false;
  Open([&opened](std::uint8_t command, const Bytes& value) {
    Bytes reply = command == 12 && opened ? ToBytes("old") : Bytes{};
    Append(reply, ScriptedServer::Confirm(command, value));
    if (command == 12 && opened) Append(reply, ToBytes("new"));
    opened = opened || command == 12;
    return reply;
  });
  ASSERT_TRUE(device_->DiscardInput());
  EXPECT_EQ(Read(), "new");
}

TEST_F(Rfc2217Connection, NothingIsSentWhileTheServerHasSuspendedTheFlow) {
  Open([](std::uint8_t command, const Bytes& value) {
    Bytes reply = ScriptedServer::Confirm(command, value);
    if (command != 1) return reply;
    Append(reply, ScriptedServer::Frame(108, {}));
    Append(reply, ToBytes("!"));
    return reply;
  });
  ASSERT_TRUE(device_->SetBaudRate(460800));
  EXPECT_EQ(Read(), "!");  // so that the suspension has been heard
  clock_.Leap();
  const auto written = device_->Write(Bytes{'x'});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            fmt::format("serial device '{}' has suspended the flow and does not resume it",
                        server_->name()));
}

TEST_F(Rfc2217Connection, Octet255IsDoubledOnItsWay) {
  Open();
  ASSERT_TRUE(device_->Write(Bytes{1, 255, 2}));
  ASSERT_TRUE(device_->SetBaudRate(115200));  // so that the server has heard it
  EXPECT_TRUE(Contains(server_->Heard(), Bytes{1, 255, 255, 2}));
}

TEST_F(Rfc2217Connection, StrangersOptionsAreRefusedOnce) {
  Open([](std::uint8_t command, const Bytes& value) {
    Bytes reply = command == 1 ? Bytes{255, 251, 1, 255, 253, 31} : Bytes{};  // WILL ECHO, DO NAWS
    Append(reply, ScriptedServer::Confirm(command, value));
    return reply;
  });
  ASSERT_TRUE(device_->SetBaudRate(115200));
  EXPECT_TRUE(Contains(server_->Heard(), Bytes{255, 254, 1}));
  EXPECT_TRUE(Contains(server_->Heard(), Bytes{255, 252, 31}));
}

}  // namespace
}  // namespace lastgood
