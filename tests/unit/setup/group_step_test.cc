// SPDX-License-Identifier: MIT
#include "setup/group_step.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

using test::Must;
using Argvs = std::vector<Argv>;

std::string StepOf(const std::string& user, const std::string& group = "dialout",
                   const std::string& more = "") {
  return "[[step]]\nkind = \"group\"\nuser = \"" + user + "\"\ngroup = \"" + group + "\"\n" + more;
}

class GroupStepTest : public testing::Test {
 protected:
  GroupStepTest() {
    host_.Write("/etc/passwd",
                "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000::/home/pi:/bin/bash\n"
                "serial:x:1001:20::/:/bin/sh\nold:x:1002:1000::/:/bin/sh\n");
    host_.Write("/etc/group", kGroup);
    host_.Write("/etc/gshadow", kShadow);
  }
  // Programs may change it: it is not another root.
  void MakeRunning() { host_.host().tree = HostTree("/"); }

  std::vector<Change> PendingOf(const std::string& text) {
    return Must(host_.Make(text)->Pending());
  }
  Error FailureOf(const std::string& text) {
    const auto pending = host_.Make(text)->Pending();
    EXPECT_FALSE(pending);
    return pending ? Error{} : pending.error();
  }

  static constexpr const char* kGroup = "root:x:0:\ndialout:x:20:old\ngpio:x:997:\npi:x:1000:\n";
  static constexpr const char* kShadow = "root:*::\ndialout:*::old\ngpio:!::\npi:!::\n";
  test::TestHost host_;
};

TEST_F(GroupStepTest, MembersAndOwnersOfThePrimaryGroupAreDone) {
  EXPECT_TRUE(PendingOf(StepOf("old")).empty());
  EXPECT_TRUE(PendingOf(StepOf("serial")).empty());
  EXPECT_TRUE(PendingOf(StepOf("root")).empty());
  EXPECT_TRUE(host_.runner.calls().empty());
}

TEST_F(GroupStepTest, ProgramOfThisHostMakesTheChange) {
  MakeRunning();
  const auto changes = PendingOf(StepOf("pi"));
  ASSERT_EQ(changes.size(), 1U);
  const auto& commands = std::get<CommandChange>(changes[0].what);
  EXPECT_EQ(commands.apply, (Argvs{{"gpasswd", "-a", "pi", "dialout"}}));
  EXPECT_EQ(commands.undo,
            (Argvs{{"gpasswd", "-a", "pi", "dialout"}, {"gpasswd", "-d", "pi", "dialout"}}));
  EXPECT_EQ(commands.touches, (std::vector<std::string>{"/etc/group", "/etc/gshadow", "/etc/group-",
                                                        "/etc/gshadow-"}));
}

TEST_F(GroupStepTest, FilesOfACardAreWrittenAndBroughtBack) {
  const std::string step = StepOf("pi") + StepOf("pi", "gpio");
  EXPECT_EQ(Must(host_.Run(step)).changed, 2U);
  EXPECT_EQ(host_.Read("/etc/group"),
            "root:x:0:\ndialout:x:20:old,pi\ngpio:x:997:pi\npi:x:1000:\n");
  EXPECT_EQ(host_.Read("/etc/gshadow"), "root:*::\ndialout:*::old,pi\ngpio:!::pi\npi:!::\n");
  EXPECT_EQ(Must(host_.Run(step)).changed, 0U);
  const UndoSummary undone = host_.UndoAll();
  EXPECT_TRUE(undone.failures.empty() && undone.conflicts.empty());
  EXPECT_EQ(host_.Read("/etc/group"), kGroup);
  EXPECT_EQ(host_.Read("/etc/gshadow"), kShadow);
}

TEST_F(GroupStepTest, CardWithoutGroupPasswordsIsFine) {
  std::filesystem::remove(host_.At("/etc/gshadow"));
  EXPECT_EQ(Must(host_.Run(StepOf("pi"))).changed, 1U);
  EXPECT_FALSE(host_.Exists("/etc/gshadow"));
}

TEST_F(GroupStepTest, InvokerIsWhoAsks) {
  const auto describe = [this] { return host_.Make(StepOf("@invoker"))->Describe(); };
  EXPECT_TRUE(PendingOf(StepOf("@invoker")).empty());
  EXPECT_EQ(describe(), "group: dialout for nobody: who asks is not known");
  host_.Reopen("pi");
  EXPECT_EQ(PendingOf(StepOf("@invoker")).size(), 2U);
  EXPECT_EQ(describe(), "group: pi in dialout");
  host_.Reopen("root");
  EXPECT_TRUE(PendingOf(StepOf("@invoker")).empty());
  // Who prepares the card is not on it.
  host_.Reopen("teacher");
  EXPECT_TRUE(PendingOf(StepOf("@invoker")).empty());
}

TEST_F(GroupStepTest, UserOfADirectoryServiceIsFoundOnThisHostOnly) {
  EXPECT_EQ(FailureOf(StepOf("ldapuser")).message, "there is no user 'ldapuser'");
  EXPECT_TRUE(host_.runner.calls().empty());
  MakeRunning();
  host_.runner.Script({"getent", "passwd", "ldapuser"},
                      {{0, "ldapuser:*:5000:5000::/home/l:/bin/sh\n", ""}, {}});
  EXPECT_EQ(PendingOf(StepOf("ldapuser")).size(), 1U);
  host_.runner.Script({"getent", "passwd", "nobody-here"}, {{2, "", ""}, {}});
  const Error error = FailureOf(StepOf("nobody-here"));
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "there is no user 'nobody-here'");
}

TEST_F(GroupStepTest, GroupThatTheHostLacksIsAFailureUnlessOptional) {
  EXPECT_TRUE(PendingOf(StepOf("pi", "spi", "optional = true\n")).empty());
  const Error error = FailureOf(StepOf("pi", "spi"));
  EXPECT_EQ(error.message, "there is no group 'spi'");
  EXPECT_EQ(error.hint, "sudo groupadd --system spi; or: optional = true");
}

TEST_F(GroupStepTest, DatabaseThatCanNotBeReadIsNotAnEmptyOne) {
  host_.Write("/etc/group", std::string(70'000, 'x'));
  EXPECT_EQ(FailureOf(StepOf("pi", "dialout", "optional = true\n")).message,
            "cannot read '/etc/group': it has more than 65536 octets");
}

TEST_F(GroupStepTest, MistakesAreSaidWithTheirPlace) {
  test::ExpectMistakes(
      "group", host_.host(),
      {
          {"group = \"dialout\"", "'user'"},
          {"user = \"pi\"", "'group'"},
          {"group = \"a:b\"\nuser = \"pi\"",
           "recipe.toml:3:9: error: 'group' must be the name of a group"},
          {"group = \"-d\"\nuser = \"pi\"", "must be the name of a group"},
          {"group = \"dialout\"\nuser = \"@me\"",
           "recipe.toml:4:8: error: 'user' must be the name of a user, or \"@invoker\""},
          {"group = \"dialout\"\nuser = \"a,b\"", "must be the name of a user"},
          {"group = \"dialout\"\nuser = \"pi\"\noptionl = true", "did you mean 'optional'?"},
      });
}

}  // namespace
}  // namespace lastgood
