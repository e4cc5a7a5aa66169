// SPDX-License-Identifier: MIT
// On a pty: its slave is the terminal, the test sits at the master.
#include "cli/terminal_attendant.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "support/pty_pair.h"

namespace lastgood {
namespace {

const HandRequest kRequest{BoardMode::kRun, "/dev/ttyS0: press the reset button"};
constexpr std::string_view kShown =
    "\r\n/dev/ttyS0: press the reset button\n(then press Enter; Ctrl-C gives up) ";

// Time passes at every look.
class HastyClock final : public Clock {
 public:
  TimePoint Now() const override { return now_ += std::chrono::seconds(30); }
  WallTime WallNow() const override { return {}; }
  void SleepUntil(TimePoint when) override { now_ = std::max(now_, when); }

 private:
  mutable TimePoint now_{};
};

class TerminalAttendantTest : public testing::Test {
 protected:
  TerminalAttendantTest() {
    // What is typed is read line by line, but neither echoed nor are line ends made two.
    termios settings{};
    EXPECT_EQ(tcgetattr(terminal_.Get(), &settings), 0);
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    EXPECT_EQ(tcsetattr(terminal_.Get(), TCSANOW, &settings), 0);
  }

  // The person reads the question to its end, then types.
  Result<void> AskAndType(const std::string& keys) {
    std::thread person([&] {
      shown_ = pty_.Receive(kShown.size());
      pty_.Send(keys);
    });
    Result<void> answered =
        TerminalAttendant(terminal_.Get(), terminal_.Get(), clock_, interrupt_).Ask(kRequest);
    person.join();
    return answered;
  }

  test::PtyPair pty_;
  Descriptor terminal_{open(pty_.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
  SystemClock clock_;
  Interrupt interrupt_;
  std::string shown_;
};

TEST_F(TerminalAttendantTest, QuestionIsShownAndEnterAnswersIt) {
  for (const char* keys : {"\n", "yes\n"}) {
    EXPECT_TRUE(AskAndType(keys));
    EXPECT_EQ(shown_, kShown);
  }
}

TEST_F(TerminalAttendantTest, EndOfInputIsNobody) {
  const auto answered = AskAndType("\x04");  // Ctrl-D
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().code, ExitCode::kRefused);
  EXPECT_EQ(answered.error().message,
            "nobody pressed the board's buttons: the terminal's input has ended");
}

TEST_F(TerminalAttendantTest, SilenceHasALimit) {
  const HastyClock clock;
  TerminalAttendant attendant(terminal_.Get(), terminal_.Get(), clock, interrupt_);
  const auto answered = attendant.Ask(kRequest);
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().code, ExitCode::kRefused);
  EXPECT_EQ(answered.error().message,
            "nobody pressed the board's buttons: no Enter within 2 minutes");
}

TEST_F(TerminalAttendantTest, InterruptEndsTheQuestion) {
  interrupt_.Request();
  TerminalAttendant attendant(terminal_.Get(), terminal_.Get(), clock_, interrupt_);
  EXPECT_EQ(attendant.Ask(kRequest).error().code, ExitCode::kInterrupted);
}

TEST_F(TerminalAttendantTest, EnterFromBeforeIsNoAnswer) {
  pty_.Send("\n");
  ASSERT_TRUE(pty_.WaitUntilDelivered());
  const HastyClock clock;
  TerminalAttendant attendant(terminal_.Get(), terminal_.Get(), clock, interrupt_);
  EXPECT_FALSE(attendant.Ask(kRequest));
}

}  // namespace
}  // namespace lastgood
