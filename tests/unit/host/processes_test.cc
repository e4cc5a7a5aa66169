// SPDX-License-Identifier: MIT
#include "host/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "host/descriptor.h"
#include "support/other_process.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

constexpr pid_t kNoProcess = 0x7fffffff;  // above the kernel's largest process id

TEST(ProcessesTest, LivingProcessIsNamedAndAGoneOneIsNumbered) {
  EXPECT_FALSE(ProcessName(getpid()).empty());
  EXPECT_EQ(DescribeProcess(getpid()),
            fmt::format("process {} ({})", getpid(), ProcessName(getpid())));
  EXPECT_EQ(ProcessName(kNoProcess), "");
  EXPECT_EQ(DescribeProcess(kNoProcess), fmt::format("process {}", kNoProcess));
}

TEST(ProcessesTest, OtherProcessWithTheFileOpenIsFoundAndThisOneIsNot) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path path = std::filesystem::canonical(directory.path()) / "file";
  const Descriptor own(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(FindOpenElsewhere(path), std::nullopt);
  const test::OtherProcess other([&] { open(path.c_str(), O_RDONLY); });
  EXPECT_EQ(FindOpenElsewhere(path), other.pid());
}

TEST(ProcessesTest, FileThatNobodyHasOpenIsFoundNowhere) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(FindOpenElsewhere(directory / "file"), std::nullopt);
}

}  // namespace
}  // namespace lastgood
