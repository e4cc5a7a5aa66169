// SPDX-License-Identifier: MIT
#include "host/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

namespace lastgood {
namespace {

int unexpected_signals = 0;
void CountUnexpected(int) { ++unexpected_signals; }

// Puts a signal's disposition back when the test is over.
class KeptHandler {
 public:
  KeptHandler(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(signal, &action, &previous_);
  }
  ~KeptHandler() { sigaction(signal_, &previous_, nullptr); }

 private:
  int signal_;
  struct sigaction previous_ {};
};

TEST(InterruptTest, RequestsAreCountedUntilCleared) {
  Interrupt interrupt;
  EXPECT_TRUE(interrupt.Check());
  interrupt.Request();
  interrupt.Request();
  EXPECT_EQ(interrupt.Count(), 2);
  const auto checked = interrupt.Check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ExitCode::kInterrupted);
  interrupt.Clear();
  EXPECT_FALSE(interrupt.Requested());
  EXPECT_TRUE(interrupt.Check());
}

TEST(InterruptTest, ViewSeesRequestsOnItsSource) {
  Interrupt source;
  source.Request();
  Interrupt view(&source);
  EXPECT_EQ(view.Count(), 1);
  source.Request();
  EXPECT_EQ(view.Count(), 2);
  EXPECT_FALSE(view.Check());
}

TEST(InterruptTest, ClearedViewHidesOldRequestsFromItselfAlone) {
  Interrupt source;
  Interrupt view(&source);
  const Interrupt other(&source);
  source.Request();
  view.Clear();
  EXPECT_FALSE(view.Requested());
  EXPECT_EQ(other.Count(), 1);
  EXPECT_EQ(source.Count(), 1);
  source.Request();
  EXPECT_EQ(view.Count(), 1);
  EXPECT_EQ(other.Count(), 2);
}

TEST(InterruptTest, RequestOnViewStaysWithIt) {
  Interrupt source;
  Interrupt view(&source);
  view.Request();
  EXPECT_TRUE(view.Requested());
  EXPECT_FALSE(source.Requested());
  view.Clear();
  EXPECT_FALSE(view.Requested());
}

TEST(InterruptTest, ViewsOnSeveralThreadsAllSeeOneRequest) {
  Interrupt source;
  std::atomic<int> seen{0};
  std::vector<std::thread> boards;
  for (int i = 0; i < 8; ++i) {
    boards.emplace_back([&source, &seen] {
      Interrupt view(&source);
      while (!view.Requested()) std::this_thread::yield();
      view.Clear();
      seen.fetch_add(1);
    });
  }
  source.Request();
  for (std::thread& board : boards) board.join();
  EXPECT_EQ(seen.load(), 8);
}

TEST(SignalWatchTest, EachSignalThatEndsProgramsIsARequest) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const KeptHandler kept(signal, SIG_DFL);
    Interrupt interrupt;
    const SignalWatch watch(interrupt);
    raise(signal);
    EXPECT_EQ(interrupt.Count(), 1) << signal;
    raise(signal);
    EXPECT_EQ(interrupt.Count(), 2) << signal;
  }
}

TEST(SignalWatchTest, PreviousHandlerIsBackAfterwards) {
  const KeptHandler kept(SIGINT, CountUnexpected);
  unexpected_signals = 0;
  Interrupt interrupt;
  {
    const SignalWatch watch(interrupt);
    raise(SIGINT);
  }
  EXPECT_EQ(unexpected_signals, 0);
  raise(SIGINT);
  EXPECT_EQ(unexpected_signals, 1);
  EXPECT_EQ(interrupt.Count(), 1);
}

TEST(SignalWatchTest, SignalThatWasIgnoredStaysIgnored) {
  const KeptHandler kept(SIGHUP, SIG_IGN);
  Interrupt interrupt;
  const SignalWatch watch(interrupt);
  raise(SIGHUP);
  EXPECT_FALSE(interrupt.Requested());
}

TEST(SignalWatchTest, WritingToAClosedPipeIsAnErrorAndNotTheEnd) {
  const KeptHandler kept(SIGPIPE, SIG_DFL);
  Interrupt interrupt;
  const SignalWatch watch(interrupt);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
  EXPECT_FALSE(interrupt.Requested());
}

}  // namespace
}  // namespace lastgood
