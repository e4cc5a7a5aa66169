// SPDX-License-Identifier: MIT
// What is made of the words of systemctl; tests/roots asks the real one.
#include "setup/service_step.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "setup_fixture.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using test::Must;
using test::ScriptedOutcome;
using Argvs = std::vector<Argv>;

std::string StepOf(const std::string& state, const std::string& more = "") {
  return "[[step]]\nkind = \"service\"\nunit = \"foo.service\"\nstate = \"" + state + "\"\n" + more;
}

class ServiceStepTest : public testing::Test {
 protected:
  // Another root, so that no test can mean this machine's systemd.
  Argv Systemctl(const Argv& words, test::TestHost& host) {
    Argv argv = {"systemctl", "--root=" + host.host().tree.root().string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
  }
  Argv Query(const std::string& verb, test::TestHost& host) {
    Argv argv = Systemctl({verb, "foo.service"}, host);
    argv.insert(argv.begin(), {"env", "LC_ALL=C"});
    return argv;
  }
  void StateIs(const std::string& word, test::TestHost& host) {
    ScriptedOutcome outcome{{1, word + "\n", ""}, {}};
    if (word == "not-found")
      outcome.result = {1, "", "Failed to get unit file state: No such file or directory\n"};
    host.runner.Script(Query("is-enabled", host), outcome);
  }
  void Link(const std::string& path, const std::string& target) {
    fs::create_directories(host_.At(path).parent_path());
    fs::create_symlink(target, host_.At(path));
  }
  // "mask; unmask" for each change: what is applied and what takes it back, without the unit.
  std::string Verbs(const std::vector<Change>& changes) {
    std::string text;
    for (const Change& change : changes) {
      const auto& commands = std::get<CommandChange>(change.what);
      EXPECT_EQ(commands.apply.size(), 1U);
      EXPECT_EQ(commands.undo.size(), 1U);
      for (const Argv& argv : {commands.apply.at(0), commands.undo.at(0)}) {
        EXPECT_EQ(argv.back(), "foo.service");
        for (std::size_t i = 2; i + 1 < argv.size(); ++i) text += argv[i] + " ";
      }
      text += "; ";
    }
    return text;
  }

  test::TestHost host_;
};

TEST_F(ServiceStepTest, EveryStateLeadsToTheWantedOneOrToAClearWord) {
  const struct {
    const char* wanted;
    const char* state;
    const char* verbs;  // or the error
  } cases[] = {
      {"enabled", "enabled", ""},
      {"enabled", "disabled", "enable disable ; "},
      {"enabled", "enabled-runtime", "enable disable ; "},
      {"enabled", "linked", "enable disable ; "},
      {"enabled", "masked", "unmask mask ; enable disable ; "},
      {"enabled", "masked-runtime", "unmask --runtime mask --runtime ; enable disable ; "},
      {"enabled", "static",
       "'foo.service' can not be enabled: it has no [Install] section: others start it"},
      {"enabled", "indirect",
       "'foo.service' can not be enabled: only the units that it names in 'Also=', or its "
       "instances, can be"},
      {"enabled", "generated",
       "'foo.service' can not be enabled: a generator makes it at every start"},
      {"enabled", "transient",
       "'foo.service' can not be enabled: it was made by a program and is gone at the next start"},
      {"enabled", "not-found", "'foo.service' can not be enabled: there is no such unit"},
      {"enabled", "alias", "'foo.service' is another name of a unit"},
      {"enabled", "bad", "'foo.service' has a file that systemd can not read"},
      {"disabled", "enabled", "disable enable ; "},
      {"disabled", "disabled", ""},
      // A generator's link is not enablement.
      {"disabled", "enabled-runtime", ""},
      {"disabled", "generated", ""},
      {"disabled", "static", ""},
      {"disabled", "indirect", ""},
      {"disabled", "masked", ""},
      {"disabled", "not-found", ""},
      {"disabled", "alias", "'foo.service' is another name of a unit"},
      {"masked", "masked", ""},
      {"masked", "enabled", "mask unmask ; "},
      {"masked", "disabled", "mask unmask ; "},
      {"masked", "static", "mask unmask ; "},
      {"masked", "generated", "mask unmask ; "},
      {"masked", "masked-runtime", "mask unmask ; "},
      {"masked", "not-found", "mask unmask ; "},
  };
  for (const auto& [wanted, state, verbs] : cases) {
    test::TestHost host;
    StateIs(state, host);
    const auto pending = host.Make(StepOf(wanted))->Pending();
    EXPECT_EQ(pending ? Verbs(*pending) : pending.error().message, verbs) << wanted << " " << state;
  }
}

TEST_F(ServiceStepTest, WordOfNewerReleasesForNoUnitIsKnown) {
  host_.runner.Script(Query("is-enabled", host_), {{4, "not-found\n", ""}, {}});
  EXPECT_TRUE(Must(host_.Make(StepOf("disabled"))->Pending()).empty());
}

TEST_F(ServiceStepTest, AnswerThatIsNoneIsAFailure) {
  host_.runner.Script(Query("is-enabled", host_), {{1, "", "Access denied\n"}, {}});
  const auto pending = host_.Make(StepOf("disabled"))->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().message,
            "cannot tell whether 'foo.service' is enabled: 'systemctl' failed with exit status 1: "
            "Access denied");
}

TEST_F(ServiceStepTest, FileInThePlaceOfTheMaskIsLeftAlone) {
  StateIs("disabled", host_);
  host_.Write("/etc/systemd/system/foo.service", "[Service]\n");
  const auto pending = host_.Make(StepOf("masked"))->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().message,
            "'foo.service' can not be masked: '/etc/systemd/system/foo.service' is in the place of "
            "the mask");
}

TEST_F(ServiceStepTest, MaskIsRecordedAsAFile) {
  StateIs("disabled", host_);
  const auto changes = Must(host_.Make(StepOf("masked"))->Pending());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(std::get<CommandChange>(changes[0].what).touches,
            (std::vector<std::string>{"/etc/systemd/system/foo.service"}));
  EXPECT_EQ(changes[0].reload, (Argvs{{"systemctl", "daemon-reload"}}));
}

// systemctl would write them with the paths of its own release.
TEST_F(ServiceStepTest, LinksThatDisablingRemovesAreRecordedWithTheirDirectories) {
  StateIs("enabled", host_);
  host_.Write("/usr/lib/systemd/system/foo.service", "[Install]\nAlso=bar.socket foo.service\n");
  host_.Write("/usr/lib/systemd/system/bar.socket", "");
  Link("/etc/systemd/system/alias.service", "/lib/systemd/system/foo.service");
  Link("/etc/systemd/system/masked.service", "/dev/null");
  Link("/etc/systemd/system/a.target.wants/foo.service", "/lib/systemd/system/foo.service");
  Link("/etc/systemd/system/a.target.wants/other.service", "/lib/systemd/system/other.service");
  Link("/etc/systemd/system/b.target.requires/bar.socket", "/lib/systemd/system/bar.socket");
  Link("/etc/systemd/system/c.target.wants/other.service", "/lib/systemd/system/other.service");
  const auto changes = Must(host_.Make(StepOf("disabled"))->Pending());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(
      std::get<CommandChange>(changes[0].what).touches,
      (std::vector<std::string>{
          "/etc/systemd/system/alias.service", "/etc/systemd/system/a.target.wants/foo.service",
          "/etc/systemd/system/a.target.wants", "/etc/systemd/system/b.target.requires/bar.socket",
          "/etc/systemd/system/b.target.requires"}));
}

TEST_F(ServiceStepTest, UnitsThatWereEnabledBeforeTheirCompanionStaySo) {
  StateIs("disabled", host_);
  host_.Write("/usr/lib/systemd/system/foo.service", "[Install]\nAlso=bar.socket other.socket\n");
  for (const auto& [unit, state] :
       {std::pair{"bar.socket", "enabled\n"}, std::pair{"other.socket", "disabled\n"}}) {
    Argv query = Systemctl({"is-enabled", unit}, host_);
    query.insert(query.begin(), {"env", "LC_ALL=C"});
    host_.runner.Script(query, {{0, state, ""}, {}});
  }
  const auto changes = Must(host_.Make(StepOf("enabled"))->Pending());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(std::get<CommandChange>(changes[0].what).undo,
            (Argvs{Systemctl({"disable", "foo.service"}, host_),
                   Systemctl({"enable", "bar.socket"}, host_)}));
}

TEST_F(ServiceStepTest, LinksOfInstancesAreFound) {
  test::TestHost host;
  const std::string unit = "serial-getty@ttyAMA0.service";
  const std::string wants = "/etc/systemd/system/getty.target.wants";
  fs::create_directories(host.At(wants));
  fs::create_symlink("/lib/systemd/system/serial-getty@.service", host.At(wants + "/" + unit));
  fs::create_symlink("/lib/systemd/system/serial-getty@.service",
                     host.At(wants + "/serial-getty@ttyS0.service"));
  Argv query = Systemctl({"is-enabled", unit}, host);
  query.insert(query.begin(), {"env", "LC_ALL=C"});
  host.runner.Script(query, {{0, "enabled\n", ""}, {}});
  const auto changes = Must(
      host.Make("[[step]]\nkind = \"service\"\nunit = \"" + unit + "\"\nstate = \"disabled\"\n")
          ->Pending());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(std::get<CommandChange>(changes[0].what).touches,
            (std::vector<std::string>{wants + "/" + unit, wants}));
}

TEST_F(ServiceStepTest, LinksUnderAMaskAreNotTakenBack) {
  StateIs("masked", host_);
  Link("/etc/systemd/system/foo.service", "/dev/null");
  Link("/etc/systemd/system/a.target.wants/foo.service", "/lib/systemd/system/foo.service");
  EXPECT_EQ(Verbs(Must(host_.Make(StepOf("enabled"))->Pending())), "unmask mask ; ");
}

TEST_F(ServiceStepTest, RunningIsChangedOnAHostThatRuns) {
  const struct {
    const char* state;  // of the unit
    const char* wanted;
    const char* running;
    const char* activity;
    const char* verbs;
  } cases[] = {
      {"enabled", "enabled", "true", "inactive", "start stop ; "},
      {"enabled", "enabled", "true", "failed", "start stop ; "},
      {"enabled", "enabled", "true", "active", ""},
      {"enabled", "enabled", "true", "activating", ""},
      {"disabled", "enabled", "true", "inactive", "enable disable ; start stop ; "},
      {"enabled", "disabled", "false", "active", "stop start ; disable enable ; "},
      {"enabled", "masked", "false", "active", "stop start ; mask unmask ; "},
      {"masked", "masked", "false", "inactive", ""},
      {"not-found", "disabled", "true", "inactive",
       "'foo.service' can not be started: there is no such unit"},
  };
  for (const auto& [state, wanted, running, activity, verbs] : cases) {
    test::TestHost host;
    StateIs(state, host);
    host.runner.Script(Query("is-active", host), {{3, std::string(activity) + "\n", ""}, {}});
    const auto step = host.Make(StepOf(wanted, std::string("running = ") + running + "\n"));
    host.host().is_running = true;
    const auto pending = step->Pending();
    EXPECT_EQ(pending ? Verbs(*pending) : pending.error().message, verbs) << state << activity;
  }
  // A card's services do not run.
  StateIs("enabled", host_);
  EXPECT_TRUE(Must(host_.Make(StepOf("enabled", "running = true\n"))->Pending()).empty());
}

TEST_F(ServiceStepTest, SaysWhatItWantsAndClaimsIt) {
  const auto step = host_.Make(StepOf("disabled", "running = false\n"));
  EXPECT_EQ(step->Describe(), "service: foo.service disabled, stopped");
  const auto claims = step->Claims();
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[0].thing + "=" + claims[0].value, "service foo.service=disabled");
  EXPECT_EQ(claims[1].thing + "=" + claims[1].value, "service foo.service running=false");
}

TEST_F(ServiceStepTest, MistakesAreSaidWithTheirPlace) {
  test::ExpectMistakes(
      "service", host_.host(),
      {
          {"state = \"masked\"", "'unit'"},
          {"unit = \"foo\"\nstate = \"masked\"",
           "recipe.toml:3:8: error: 'unit' must end like a systemd unit: 'foo.service'?"},
          {"unit = \".service\"\nstate = \"masked\"", "must be the name of a systemd unit"},
          {"unit = \"-a.service\"\nstate = \"masked\"", "must be the name of a systemd unit"},
          {"unit = \"../a.service\"\nstate = \"masked\"", "must be the name of a systemd unit"},
          {"unit = \"a.service\"", "'state'"},
          {"unit = \"a.service\"\nstate = \"mask\"", "did you mean 'masked'?"},
          {"unit = \"a.service\"\nstate = \"masked\"\nrunning = true",
           "recipe.toml:5:11: error: a unit that is masked can not run"},
      });
}

}  // namespace
}  // namespace lastgood
