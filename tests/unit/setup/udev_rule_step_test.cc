// SPDX-License-Identifier: MIT
#include "setup/udev_rule_step.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"
#include "step_doc.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

using test::Must;

constexpr const char* kPath = "/etc/udev/rules.d/60-phat.rules";

std::string StepOf(const std::string& rules, const std::string& name = "60-phat") {
  return "[[step]]\nkind = \"udev-rule\"\nrule_name = \"" + name + "\"\nrules = [" + rules + "]\n";
}

class UdevRuleStepTest : public testing::Test {
 protected:
  std::vector<Argv> ReloadOf(const std::string& rules) {
    const auto pending = Must(host_.Make(StepOf(rules))->Pending());
    return pending.empty() ? std::vector<Argv>() : pending.back().reload;
  }
  test::TestHost host_;
};

TEST_F(UdevRuleStepTest, FileIsWrittenAndTakenBack) {
  const std::string text = StepOf(
      R"('SUBSYSTEM=="gpio", GROUP="gpio"', '# said by "us"', 'KERNEL=="ttyS0", MODE="0660"')");
  EXPECT_EQ(host_.Make(text)->Describe(), "udev-rule: 60-phat");
  Must(host_.Run(text));
  EXPECT_EQ(host_.Read(kPath),
            "# Written by lastgood, which would undo a change here.\n"
            "SUBSYSTEM==\"gpio\", GROUP=\"gpio\"\n# said by \"us\"\nKERNEL==\"ttyS0\", "
            "MODE=\"0660\"\n");
  EXPECT_EQ(Must(host_.Run(text)).done_already, 1U);
  EXPECT_TRUE(host_.runner.calls().empty()) << "another root's devices are not here";
  host_.UndoAll();
  EXPECT_FALSE(host_.Exists("/etc"));
}

TEST_F(UdevRuleStepTest, DevicesOfTheNamedSubsystemsAreLookedAtAgain) {
  const Argv reload = {"udevadm", "control", "--reload"};
  EXPECT_EQ(ReloadOf(R"('SUBSYSTEM=="tty|usb", MODE="0660"', 'SUBSYSTEM=="gpio", TAG+="a"')"),
            (std::vector<Argv>{reload,
                               {"udevadm", "trigger", "--settle", "--subsystem-match=gpio",
                                "--subsystem-match=tty", "--subsystem-match=usb"}}));
  // All devices of the host would be too many.
  EXPECT_EQ(ReloadOf(R"('KERNEL=="ttyS0", SUBSYSTEM!="usb", SUBSYSTEMS=="usb", MODE="0660"')"),
            (std::vector<Argv>{reload}));
}

TEST_F(UdevRuleStepTest, RunningHostIsToldOfTheRuleAndOfItsEnd) {
  host_.host().is_running = true;
  host_.runner.Script({"udevadm", "control", "--reload"});
  host_.runner.Script({"udevadm", "trigger", "--settle", "--subsystem-match=tty"}, 1, "no udev");
  const SetupSummary summary = Must(host_.Run(StepOf(R"('SUBSYSTEM=="tty", MODE="0660"')")));
  EXPECT_EQ(host_.runner.calls().size(), 2U);
  EXPECT_EQ(summary.notes.size(), 1U) << "a note, and no failure";
  host_.UndoAll();
  EXPECT_EQ(host_.runner.calls().size(), 4U);
}

TEST_F(UdevRuleStepTest, FileOfThatNameElsewhereIsReplacedByOurs) {
  host_.Write("/usr/lib/udev/rules.d/60-phat.rules", "KERNEL==\"x\"\n");
  const auto step = host_.Make(StepOf(R"('KERNEL=="y"')"));
  EXPECT_EQ(step->Describe(),
            "udev-rule: 60-phat, in place of /usr/lib/udev/rules.d/60-phat.rules");
  host_.Write("/run/udev/rules.d/60-phat.rules", "");
  EXPECT_EQ(step->Describe(), "udev-rule: 60-phat, in place of /run/udev/rules.d/60-phat.rules");
  Must(host_.Run(StepOf(R"('KERNEL=="y"')")));
  EXPECT_EQ(host_.Read("/usr/lib/udev/rules.d/60-phat.rules"), "KERNEL==\"x\"\n");
}

// How an administrator switches a rule off.
TEST_F(UdevRuleStepTest, RuleThatIsSwitchedOffIsAFailure) {
  std::filesystem::create_directories(host_.At("/etc/udev/rules.d"));
  std::filesystem::create_directories(host_.At("/dev"));
  ASSERT_EQ(mkfifo(host_.At("/dev/null").c_str(), 0600), 0) << "as good as a device";
  std::filesystem::create_symlink("/dev/null", host_.At(kPath));
  const std::string pending =
      test::PendingText(*host_.Make(StepOf(R"('KERNEL=="y"')")), host_.host());
  EXPECT_EQ(pending,
            "failure: '/dev/null' is a device, socket or FIFO, not a file; move it away, or give "
            "another path");
}

TEST_F(UdevRuleStepTest, FileStepForTheSamePathContradicts) {
  const auto rule = host_.Make(StepOf(R"('KERNEL=="y"')"))->Claims();
  const auto file =
      host_
          .Make(std::string("[[step]]\nkind = \"file\"\npath = \"") + kPath + "\"\ncontent = \"x\"")
          ->Claims();
  EXPECT_EQ(rule.at(0).thing, file.at(0).thing);
  EXPECT_NE(rule.at(0).value, file.at(0).value);
}

TEST_F(UdevRuleStepTest, MistakesAreShownWithTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {StepOf(R"('KERNEL=="y"')", "60-phat.rules"), "3:13: 'rule_name' must be without '.rules'"},
      {StepOf(R"('KERNEL=="y"')", "../60-phat"),
       "3:13: 'rule_name' must be made of letters, digits and . _ + -, and '/' is none"},
      // Exactly in a literal string, ...
      {StepOf(R"('KERNEL=="y"', 'KERNEL=="y", MODE=="0660"')"),
       "4:43: 'MODE' is set, not compared: write '='"},
      // ... at its beginning where the recipe's spelling is another.
      {StepOf(R"("KERNEL==\"y\", MODE==\"0660\"")"),
       "4:10: 'MODE' is set, not compared: write '='"},
      {StepOf(R"("KERNEL==\"y\"\n")"), "4:10: a rule must not contain control characters"},
      {StepOf(R"('kernel=="y"', 'KERNEL="y"')"),
       "4:11: 'kernel' is not a key of udev's; did you mean 'KERNEL'?\n"
       "4:32: 'KERNEL' is compared, not set: write '=='"},
  };
  for (const auto& [text, mistake] : cases)
    EXPECT_EQ(test::MistakesIn(text, host_.host()), mistake) << text;
  std::string many;
  for (int i = 0; i < 65; ++i) many += "'KERNEL==\"y" + std::to_string(i) + "\"',";
  EXPECT_EQ(test::MistakesIn(StepOf(many), host_.host()),
            "4:9: 'rules' must hold at most 64, not 65");
}

TEST_F(UdevRuleStepTest, DocumentedExampleIsUnderstood) {
  EXPECT_EQ(test::MistakesIn(test::DocExampleOf("udev-rule"), host_.host()), "none");
}

}  // namespace
}  // namespace lastgood
