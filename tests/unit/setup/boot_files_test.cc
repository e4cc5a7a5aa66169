// SPDX-License-Identifier: MIT
// tests/vectors/bootfiles: hosts as tests/support/host_vector.h describes them, and in each
//   step.toml      the step that is made
//   expected/FILE  what FILE of the boot directory is then; the same as before: nothing to do
//   expected/error instead: how its message begins
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "setup_fixture.h"
#include "support/fat_partition.h"
#include "support/host_vector.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using test::Must;
using test::TestHost;

std::vector<fs::path> Vectors() {
  std::vector<fs::path> vectors;
  for (const auto& entry : fs::directory_iterator(LASTGOOD_SOURCE_DIR "/tests/vectors/bootfiles"))
    if (entry.path().extension() == ".host") vectors.push_back(entry.path());
  std::sort(vectors.begin(), vectors.end());
  return vectors;
}

std::string NameOf(const testing::TestParamInfo<fs::path>& info) {
  std::string name;
  for (const std::string& word : SplitText(info.param.stem().string(), '-')) {
    name += word;
    name[name.size() - word.size()] = static_cast<char>(std::toupper(word[0]));
  }
  return name;
}

// The file as that host finds it, so that an absolute link does not lead out of the test.
std::string ReadAsHost(TestHost& host, const std::string& path) {
  const FileState state = Must(host.host().tree.Look(Must(host.host().tree.Resolve(path))));
  return std::string(AsText(state.content));
}

// The one file that the vector says something about.
std::string ExpectedFile(const TestHost& host) {
  for (const auto& entry : fs::recursive_directory_iterator(host.At("/expected")))
    if (entry.is_regular_file())
      return entry.path().lexically_relative(host.At("/expected")).string();
  return {};
}

class BootFiles : public testing::TestWithParam<fs::path> {
 protected:
  void SetUp() override {
    why_ = test::BuildHost(GetParam(), host_.At("/")).why;
    host_.Reopen();
    step_ = host_.Read("/step.toml");
  }

  TestHost host_;
  std::string why_;
  std::string step_;
};

TEST_P(BootFiles, BecomeWhatTheyShouldAndAgainWhatTheyWere) {
  SCOPED_TRACE(why_);
  if (host_.Exists("/expected/error")) {
    const auto pending = host_.Make(step_)->Pending();
    ASSERT_FALSE(pending);
    EXPECT_EQ(pending.error().code, ExitCode::kSetupFailed);
    EXPECT_EQ(pending.error().message.substr(0, host_.Read("/expected/error").size()),
              host_.Read("/expected/error"));
    EXPECT_NE(pending.error().hint, "");
    return;
  }
  const std::string name = ExpectedFile(host_);
  const std::string path = host_.host().facts.boot_directory + "/" + name;
  const std::string before = ReadAsHost(host_, path);
  const std::string expected = host_.Read("/expected/" + name);
  const SetupSummary summary = Must(host_.Run(step_));
  EXPECT_EQ(summary.changed, before == expected ? 0U : 1U);
  EXPECT_EQ(ReadAsHost(host_, path), expected);
  EXPECT_TRUE(Must(host_.Make(step_)->Pending()).empty());
  EXPECT_TRUE(host_.UndoAll().conflicts.empty());
  EXPECT_EQ(ReadAsHost(host_, path), before);
}

INSTANTIATE_TEST_SUITE_P(Vectors, BootFiles, testing::ValuesIn(Vectors()), NameOf);

// A file system that knows neither owners nor modes, as on a card.
TEST(BootPartition, FatIsWrittenAndBroughtBack) {
  TestHost host;
  fs::create_directories(host.At("/boot/firmware"));
  const test::FatPartition partition(host.At("/card.img"), host.At("/boot/firmware"));
  if (!partition.mounted()) GTEST_SKIP() << test::kNoFat;
  const std::string config = "[cm4]\r\notg_mode=1\r\n[all]\r\n";
  host.Write("/boot/firmware/config.txt", config);
  host.Write("/boot/firmware/cmdline.txt", "console=serial0,115200 root=/dev/mmcblk0p2\n");
  host.Reopen();
  const std::string steps = R"(
[[step]]
kind = "boot-config"
set = { enable_uart = "1" }
[[step]]
kind = "kernel-cmdline"
remove = ["console=serial0*"]
)";
  EXPECT_EQ(Must(host.Run(steps)).changed, 2U);
  EXPECT_EQ(host.Read("/boot/firmware/config.txt"), config + "enable_uart=1\r\n");
  EXPECT_EQ(host.Read("/boot/firmware/cmdline.txt"), "root=/dev/mmcblk0p2\n");
  EXPECT_EQ(Must(host.Run(steps)).changed, 0U);
  EXPECT_TRUE(host.UndoAll().conflicts.empty());
  EXPECT_EQ(host.Read("/boot/firmware/config.txt"), config);
  EXPECT_EQ(host.Read("/boot/firmware/cmdline.txt"),
            "console=serial0,115200 root=/dev/mmcblk0p2\n");
  EXPECT_EQ(host.host().files.List("/boot/firmware").size(), 2U);
}

}  // namespace
}  // namespace lastgood
