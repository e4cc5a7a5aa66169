// SPDX-License-Identifier: MIT
#include "host/file_lock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "host/process_runner.h"
#include "host/processes.h"
#include "support/other_process.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;
using test::ReadText;
using test::TemporaryDirectory;

class FileLockTest : public testing::Test {
 protected:
  Result<FileLock> Acquire(milliseconds wait = milliseconds(0)) {
    return FileLock::Acquire(path_, clock_, wait);
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "lock";
  VirtualClock clock_;
};

TEST_F(FileLockTest, FreeLockIsTakenAndNamesItsHolder) {
  const auto lock = Acquire();
  ASSERT_TRUE(lock) << lock.error().message;
  EXPECT_EQ(ReadText(path_), fmt::format("{}\n", getpid()));
}

TEST_F(FileLockTest, HeldLockIsBusyAndTheHolderIsNamed) {
  const auto lock = Acquire();
  const auto second = Acquire();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kBusy);
  EXPECT_EQ(second.error().message, fmt::format("'{}' is locked by process {} ({})", path_.string(),
                                                getpid(), ProcessName(getpid())));
  EXPECT_EQ(second.error().hint, "wait until it has finished");
}

TEST_F(FileLockTest, HeldLockIsWaitedForAsLongAsAskedAndNoLonger) {
  const auto lock = Acquire();
  const TimePoint before = clock_.Now();
  ASSERT_FALSE(Acquire(milliseconds(1234)));
  EXPECT_EQ(clock_.Now() - before, milliseconds(1234));
}

TEST_F(FileLockTest, ReleasedLockIsFreeAndNamesNobody) {
  { const auto lock = Acquire(); }
  EXPECT_EQ(ReadText(path_), "");
  EXPECT_TRUE(Acquire());
}

TEST_F(FileLockTest, MovedLockIsStillHeldAndReleasedOnce) {
  auto lock = std::make_unique<FileLock>(*Acquire());
  FileLock moved = std::move(*lock);
  lock.reset();
  EXPECT_FALSE(Acquire());
  moved = *FileLock::Acquire(directory_ / "other", clock_, milliseconds(0));
  EXPECT_TRUE(Acquire());
}

TEST_F(FileLockTest, LockOfAKilledProcessIsFree) {
  std::optional<test::OtherProcess> holder;
  holder.emplace([&] { new FileLock(*Acquire()); });
  const auto busy = Acquire();
  ASSERT_FALSE(busy);
  EXPECT_NE(busy.error().message.find(fmt::format("process {} ", holder->pid())), std::string::npos)
      << busy.error().message;
  holder->Kill();
  EXPECT_TRUE(Acquire());
}

TEST_F(FileLockTest, ProgramsThatAreStartedDoNotInheritTheLock) {
  std::string daemon;
  {
    const auto lock = Acquire();
    const auto started = PosixProcessRunner().Run({{"sh", "-c", "sleep 60 & echo $!"}});
    ASSERT_TRUE(started);
    daemon = started->standard_output;
  }
  EXPECT_TRUE(Acquire());
  EXPECT_EQ(kill(std::stoi(daemon), SIGKILL), 0);
}

TEST_F(FileLockTest, ChildThatOnlyForkedDoesNotKeepAReleasedLock) {
  auto lock = std::make_unique<FileLock>(*Acquire());
  const test::OtherProcess child([] {});
  lock.reset();
  EXPECT_TRUE(Acquire());
}

TEST_F(FileLockTest, LockFileOfAnotherUserStillKeepsUsOut) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::optional<FileLock> lock(*Acquire());
  const auto try_as_nobody = [&] {
    return test::ComputeAsNobody([&] {
      const auto attempt = Acquire();
      return attempt ? "locked" : attempt.error().message;
    });
  };
  EXPECT_NE(try_as_nobody().find("is locked by process"), std::string::npos);
  lock.reset();
  EXPECT_EQ(try_as_nobody(), "locked");
}

TEST_F(FileLockTest, NonsenseInTheFileIsNotTakenForAHolder) {
  const auto lock = Acquire();
  for (const char* text : {"", "hello\n", "-5\n", "0\n", "99999999999999999999\n"}) {
    test::WriteText(path_, text);
    const auto busy = Acquire();
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().message,
              fmt::format("'{}' is locked by another process", path_.string()))
        << text;
  }
}

TEST_F(FileLockTest, PathThatCannotBeOpenedIsNoBusyLock) {
  const auto lock = FileLock::Acquire(directory_ / "missing/lock", clock_, milliseconds(1000));
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ExitCode::kInternal);
  EXPECT_EQ(lock.error().message,
            fmt::format("cannot open lock file '{}': no such file or directory",
                        (directory_ / "missing/lock").string()));
  EXPECT_EQ(clock_.Now(), TimePoint{});
}

}  // namespace
}  // namespace lastgood
