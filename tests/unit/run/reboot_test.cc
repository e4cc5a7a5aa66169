// SPDX-License-Identifier: MIT
#include "run/reboot.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/fake_process_runner.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

class RebootTest : public testing::Test {
 protected:
  fs::path At(const std::string& name) const { return directory_.path() / "etc/systemd" / name; }

  test::TemporaryDirectory directory_;
  test::FakeProcessRunner runner_;
  SetupHost host_ = OpenSetupHost(directory_.path(), runner_, "", "");
};

TEST_F(RebootTest, UnitRunsTheCommandOnceAndGoesAway) {
  fs::create_directories(At("system"));
  host_.is_running = true;
  for (int twice = 0; twice < 2; ++twice) {
    const auto installed =
        InstallResumeUnit(host_, {"/opt/my lastgood", "--state", "/a\"b\\c", "100%", "$HOME"});
    ASSERT_TRUE(installed) << installed.error().message;
  }
  const std::string unit = test::ReadText(At("system/lastgood-resume.service"));
  EXPECT_NE(unit.find("\nExecStart=\"/opt/my lastgood\" \"--state\" \"/a\\\"b\\\\c\" \"100%%\" "
                      "\"$$HOME\"\n"),
            std::string::npos)
      << unit;
  const fs::path link = At("system/multi-user.target.wants/lastgood-resume.service");
  EXPECT_EQ(fs::read_symlink(link), "/etc/systemd/system/lastgood-resume.service");

  for (int twice = 0; twice < 2; ++twice) {
    const auto removed = RemoveResumeUnit(host_);
    ASSERT_TRUE(removed) << removed.error().message;
  }
  EXPECT_FALSE(fs::exists(fs::symlink_status(link)));
  EXPECT_FALSE(fs::exists(At("system/lastgood-resume.service")));
}

TEST_F(RebootTest, HostWithoutSystemdIsNotGivenAUnit) {
  const auto installed = InstallResumeUnit(host_, {"/usr/bin/lastgood"});
  EXPECT_FALSE(installed);
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(RebootTest, SystemdIsAskedAndItsRefusalIsTold) {
  runner_.Script({"systemctl", "reboot"}, 0);
  EXPECT_TRUE(Reboot(host_));
  test::FakeProcessRunner refusing;
  refusing.Script({"systemctl", "reboot"}, 1, "Access denied");
  const auto refused = Reboot(OpenSetupHost(directory_.path(), refusing, "", ""));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("Access denied"), std::string::npos);
}

}  // namespace
}  // namespace lastgood
