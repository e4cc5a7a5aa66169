// SPDX-License-Identifier: MIT
#include "setup/apt_step.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "setup/programs.h"
#include "setup_fixture.h"
#include "step_mistake.h"

namespace lastgood {
namespace {

using test::Must;
using test::ScriptedOutcome;

using Argvs = std::vector<Argv>;

constexpr const char* kStep = "[[step]]\nkind = \"apt\"\npackages = [\"picocom\"]\n";

Argv Joined(Argv argv, const Argv& words) {
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

Argv Query() {
  return {"env", "LC_ALL=C", "dpkg-query",
          "-W",  "-f",       "${Package}\\t${Version}\\t${db:Status-Status}\\n"};
}
Argv Simulate(const Argv& packages, const std::string& recommends = "--no-install-recommends") {
  return Joined({"env", "LC_ALL=C", "apt-get", "-q", "-s", "-o", "Debug::NoLocking=true", "-o",
                 "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", recommends, "install"},
                packages);
}
Argv AptGet(const Argv& words) {
  return Joined({"env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o",
                 "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"},
                words);
}
const Argv kUpdate = {"env", "LC_ALL=C", "apt-get", "-q", "update"};
const Argv kFresh = {"find", "/var/lib/apt/lists/partial", "-maxdepth", "0", "-mtime", "-1"};
const Argv kInstall = AptGet({"--no-install-recommends", "install", "picocom"});
const Argv kDownload = AptGet({"--no-install-recommends", "--download-only", "install", "picocom"});

ScriptedOutcome Says(std::string text) { return {{0, std::move(text), ""}, {}}; }

// Programs of this host, in a script; its files are those of a temporary directory.
class AptStepTest : public testing::Test {
 protected:
  AptStepTest() { host_.host().tree = HostTree("/"); }

  void PackagesAre(const std::string& states) { Script(Query(), Says(states)); }
  void Script(const Argv& argv, ScriptedOutcome outcome = {}) {
    host_.runner.Script(argv, std::move(outcome));
  }
  void ListsAreFresh() { Script(kFresh, Says("/var/lib/apt/lists/partial\n")); }
  // Nothing but picocom is missing, and it can be had with what it needs.
  void PicocomIsMissing() {
    PackagesAre("dpkg\t1.21\tinstalled\n");
    ListsAreFresh();
    Script(
        Simulate({"picocom"}),
        Says("Inst libone (1.0 D [all])\nInst libtwo (1.0 D [all])\nInst picocom (3.1 D [all])\n"));
  }

  std::vector<Change> PendingOf(const std::string& text) {
    return Must(host_.Make(text)->Pending());
  }
  Error FailureOf(const std::string& text) {
    const auto pending = host_.Make(text)->Pending();
    EXPECT_FALSE(pending);
    return pending ? Error{} : pending.error();
  }
  static const CommandChange& Commands(const Change& change) {
    return std::get<CommandChange>(change.what);
  }

  test::TestHost host_;
};

TEST_F(AptStepTest, IsDoneWhenAllIsInstalled) {
  const std::pair<const char*, const char*> cases[] = {
      {"\"picocom\"", "picocom\t3.1\tinstalled\n"},
      {"\"picocom=3.1\"", "picocom\t3.1\tinstalled\n"},
      {"\"picocom\", \"dpkg\"", "picocom\t3.1\tinstalled\ndpkg\t1\tinstalled\ncut\t1\tunpacked\n"},
  };
  for (const auto& [packages, states] : cases) {
    test::TestHost host;
    host.host().tree = HostTree("/");
    host.runner.Script(Query(), Says(states));
    const auto step =
        host.Make(std::string("[[step]]\nkind = \"apt\"\npackages = [") + packages + "]\n");
    EXPECT_TRUE(Must(step->Pending()).empty()) << packages;
    EXPECT_EQ(host.runner.calls().size(), 1U);
  }
}

TEST_F(AptStepTest, DownloadsEverythingBeforeItInstalls) {
  PicocomIsMissing();
  const auto changes = PendingOf(kStep);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(Commands(changes[0]).apply, (Argvs{kDownload}));
  EXPECT_EQ(Commands(changes[0]).undo, (Argvs{Argv{"true"}}));
  EXPECT_EQ(Commands(changes[1]).apply, (Argvs{kInstall}));
  EXPECT_TRUE(Commands(changes[1]).needs_root);
  EXPECT_EQ(host_.Make(kStep)->Describe(), "apt: picocom");
}

TEST_F(AptStepTest, UndoNamesExactlyWhatIsNewAndSettingsFromBeforeStay) {
  PackagesAre("libtwo\t0.9\tconfig-files\n");
  ListsAreFresh();
  Script(
      Simulate({"picocom"}),
      Says("Inst libone (1.0 D [all])\nInst libtwo (1.0 D [all])\nInst picocom (3.1 D [all])\n"));
  const auto changes = PendingOf(kStep);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(
      Commands(changes[1]).undo,
      (Argvs{Argv{"env", "LC_ALL=C", "dpkg", "--no-act", "--remove", "libone", "libtwo", "picocom"},
             AptGet({"remove", "libtwo"}), AptGet({"purge", "libone", "picocom"})}));
}

TEST_F(AptStepTest, AnotherVersionIsChangedAndBroughtBack) {
  PackagesAre("picocom\t3.1\tinstalled\n");
  ListsAreFresh();
  Script(Simulate({"picocom=2.0"}), Says("Inst picocom [3.1] (2.0 D [all])\n"));
  const auto changes = PendingOf("[[step]]\nkind = \"apt\"\npackages = [\"picocom=2.0\"]\n");
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(
      Commands(changes[1]).apply,
      (Argvs{AptGet({"--no-install-recommends", "install", "--allow-downgrades", "picocom=2.0"})}));
  EXPECT_EQ(
      Commands(changes[1]).undo,
      (Argvs{AptGet({"--no-install-recommends", "--allow-downgrades", "install", "picocom=3.1"})}));
}

TEST_F(AptStepTest, WhatWouldChangeOtherPackagesIsRefusedWithTheirNames) {
  PackagesAre("lgold\t1\tinstalled\n");
  Script(Simulate({"picocom"}),
         Says("Remv lgold [1]\nInst libc6 [2.35] (2.36 D [all])\nInst picocom (3.1 D [all])\n"));
  const Error error = FailureOf(kStep);
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message,
            "installing picocom would change what the recipe does not name: libc6 2.35 -> 2.36, "
            "lgold removed");
  EXPECT_EQ(error.hint, "decide by hand: sudo apt-get install picocom");
}

TEST_F(AptStepTest, NameOfSeveralPackagesIsRefused) {
  PackagesAre("");
  Script(Simulate({"picocom"}), Says("Inst exim4 (3.1 D [all])\n"));
  EXPECT_EQ(FailureOf(kStep).message, "'picocom' is a name that several packages answer to");
}

TEST_F(AptStepTest, InterruptedInstallationIsFinishedFirst) {
  PackagesAre("other\t1.0\thalf-configured\n");
  ListsAreFresh();
  Script(Simulate({"picocom"}), Says("Inst picocom (3.1 D [all])\n"));
  const auto changes = PendingOf(kStep);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(Commands(changes[0]).apply,
            (Argvs{Argv{"env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "dpkg",
                        "--force-confold", "--configure", "-a"}}));
}

TEST_F(AptStepTest, ListsAreFetchedWhenTheyAreOldOrWhenAsked) {
  const struct {
    const char* key;
    const char* find_says;
    bool updates;
  } cases[] = {
      {"", "", true},
      {"", "/var/lib/apt/lists/partial\n", false},
      {"update = true\n", "/var/lib/apt/lists/partial\n", true},
      {"update = false\n", "", false},
  };
  for (const auto& [key, find_says, updates] : cases) {
    test::TestHost host;
    host.host().tree = HostTree("/");
    host.runner.Script(Query(), Says(""));
    host.runner.Script(kFresh, Says(find_says));
    host.runner.Script(Simulate({"picocom"}), Says("Inst picocom (3.1 D [all])\n"));
    const auto changes = Must(host.Make(std::string(kStep) + key)->Pending());
    EXPECT_EQ(changes.size(), updates ? 3U : 2U) << key << find_says;
    EXPECT_EQ(Commands(changes[0]).apply[0] == kUpdate, updates) << key << find_says;
  }
}

TEST_F(AptStepTest, AfterTheListsWereFetchedItLooksAgain) {
  PackagesAre("");
  Script(kFresh, Says(""));
  Script(Simulate({"picocom"}), Says("Inst picocom (3.1 D [all])\n"));
  const auto step = host_.Make(kStep);
  const auto first = Must(step->Pending());
  ASSERT_EQ(first.size(), 3U);
  EXPECT_FALSE(step->LooksAgainAfter(first[1]));
  EXPECT_FALSE(step->LooksAgainAfter(Change{RebootChange{}, {}}));
  EXPECT_TRUE(step->LooksAgainAfter(first[0]));
  EXPECT_EQ(Must(step->Pending()).size(), 2U);
}

TEST_F(AptStepTest, ListsThatCanNotBeFetchedMatterOnlyWhenTheyAreNeeded) {
  const struct {
    const char* key;
    ScriptedOutcome simulated;
    ExitCode code;
  } cases[] = {
      {"", {{0, "Inst picocom (3.1 D [all])\n", ""}, {}}, ExitCode::kDone},
      {"update = true\n", {{0, "Inst picocom (3.1 D [all])\n", ""}, {}}, ExitCode::kCannotDownload},
      {"", {{100, "", "E: Unable to locate package picocom\n"}, {}}, ExitCode::kCannotDownload},
  };
  for (const auto& [key, simulated, code] : cases) {
    test::TestHost host;
    host.host().tree = HostTree("/");
    host.runner.Script(Query(), Says(""));
    host.runner.Script(Query(), Says(""));
    host.runner.Script(Query(), Says("picocom\t3.1\tinstalled\n"));
    host.runner.Script(kFresh, Says(""));
    host.runner.Script(Simulate({"picocom"}), simulated);
    host.runner.Script(kUpdate, {{100, "", "W: Failed to fetch http://d/\nE: Some files\n"}, {}});
    host.runner.Script(kDownload);
    host.runner.Script(kInstall);
    host.runner.Script({"true"});
    const auto summary = host.Run(std::string(kStep) + key);
    EXPECT_EQ(summary ? ExitCode::kDone : summary.error().code, code) << key;
    if (!summary) {
      EXPECT_EQ(summary.error().message,
                "'apt: picocom': cannot download picocom: W: Failed to fetch http://d/; undone");
    }
  }
}

// The lists name a newer need than the ones from before.
TEST_F(AptStepTest, RunTakesBackWhatTheFetchedListsNamed) {
  PackagesAre("");
  PackagesAre("");
  PackagesAre("libnew\t1\tinstalled\npicocom\t3.1\tinstalled\n");
  Script(kFresh, Says(""));
  Script(kUpdate);
  Script(kDownload);
  Script(kInstall);
  Script(Simulate({"picocom"}), Says("Inst libold (1 D [all])\nInst picocom (3.1 D [all])\n"));
  Script(Simulate({"picocom"}), Says("Inst libnew (1 D [all])\nInst picocom (3.1 D [all])\n"));
  EXPECT_EQ(Must(host_.Run(kStep)).names, (std::vector<std::string>{"apt: picocom"}));
  ASSERT_EQ(host_.log.changes.size(), 3U);
  EXPECT_EQ(host_.log.changes[2].change.undo.back(), AptGet({"purge", "libnew", "picocom"}));
}

TEST_F(AptStepTest, UnknownPackageIsLookedForInFetchedLists) {
  PackagesAre("");
  Script(Simulate({"picocom"}), {{100, "", "E: Unable to locate package picocom\n"}, {}});
  const auto step = host_.Make(kStep);
  const auto changes = Must(step->Pending());
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(Commands(changes[0]).apply, (Argvs{kUpdate}));

  EXPECT_TRUE(step->LooksAgainAfter(changes[0]));
  const auto again = step->Pending();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ExitCode::kCannotDownload);
  EXPECT_EQ(again.error().message, "cannot download picocom: apt has no lists of packages");
}

TEST_F(AptStepTest, PackageThatNoListKnowsIsNamedWithTheNearest) {
  host_.Write("/var/lib/apt/lists/mirror.example_Packages", "");
  PackagesAre("");
  Script(Simulate({"picocmo", "dpkg"}), {{100, "", "E: Unable to locate package picocmo\n"}, {}});
  const Argv names = {"env",
                      "LC_ALL=C",
                      "apt-cache",
                      "-o",
                      "Dir::Cache::pkgcache=",
                      "-o",
                      "Dir::Cache::srcpkgcache=",
                      "pkgnames",
                      "pi"};
  Script(names, Says("picom\npicocom\npiuparts\n"));
  const Error error =
      FailureOf("[[step]]\nkind = \"apt\"\npackages = [\"picocmo\", \"dpkg\"]\nupdate = false\n");
  EXPECT_EQ(error.code, ExitCode::kSetupFailed);
  EXPECT_EQ(error.message, "apt knows no package 'picocmo'; did you mean 'picocom'?");
}

TEST_F(AptStepTest, WhatAptCanNotSolveIsSaidInItsWords) {
  PackagesAre("");
  Script(Simulate({"picocom"}), {{100, "", "E: Unmet dependencies\n"}, {}});
  EXPECT_EQ(
      FailureOf(kStep).message,
      "apt can not install picocom: 'apt-get' failed with exit status 100: E: Unmet dependencies");
}

TEST_F(AptStepTest, FailuresOfAptHaveTheirOwnCodes) {
  const struct {
    const char* standard_output;
    const char* standard_error;
    ExitCode code;
    const char* message;
  } cases[] = {
      {"", "E: Failed to fetch http://d/p.deb  Temporary failure resolving 'd'\nE: Some files\n",
       ExitCode::kCannotDownload,
       "'apt: picocom': cannot download picocom and 2 that it needs: E: Failed to fetch "
       "http://d/p.deb  Temporary failure resolving 'd'; undone"},
      {"Waiting for cache lock: Could not get lock /l. It is held by process 7 (apt)...\n",
       "E: Unable to acquire the dpkg frontend lock\n", ExitCode::kBusy,
       "'apt: picocom': another program uses apt: Waiting for cache lock: Could not get lock /l. "
       "It "
       "is held by process 7 (apt)...; undone"},
      {"", "E: You don't have enough free space in /var/cache/apt/archives/.\n",
       ExitCode::kSetupFailed,
       "'apt: picocom': 'apt-get' failed with exit status 100: E: You don't have enough free space "
       "in /var/cache/apt/archives/.; undone"},
  };
  for (const auto& [standard_output, standard_error, code, message] : cases) {
    test::TestHost host;
    host.host().tree = HostTree("/");
    host.runner.Script(Query(), Says(""));
    host.runner.Script(kFresh, Says("x\n"));
    host.runner.Script(Simulate({"picocom"}), Says("Inst libone (1 D [all])\nInst libtwo (1 D "
                                                   "[all])\nInst picocom (3.1 D [all])\n"));
    host.runner.Script(kDownload, {{100, standard_output, standard_error}, {}});
    host.runner.Script({"true"});
    const auto summary = host.Run(kStep);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, code);
    EXPECT_EQ(summary.error().message, message);
  }
}

TEST_F(AptStepTest, CardThatHasThePackagesIsDoneAndAnotherIsRefused) {
  test::TestHost card;
  Argv query = Query();
  query.insert(query.begin() + 3, "--admindir=" + card.At("/var/lib/dpkg").string());
  card.runner.Script(query, Says("picocom\t3.1\tinstalled\n"));
  card.runner.Script(query, Says("dpkg\t1\tinstalled\n"));
  const auto step = card.Make(kStep);
  EXPECT_TRUE(Must(step->Pending()).empty());
  const auto pending = step->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().message,
            "packages can not be installed on another root directory: picocom");
  EXPECT_EQ(pending.error().hint, "leave the step out of cards with: when = { offline = false }");
}

TEST_F(AptStepTest, DependenciesOfAManifestAreAStep) {
  PackagesAre("picocom\t3.1\tinstalled\n");
  const toml::Document document =
      Must(toml::Document::Parse("dependencies = { apt = [\"picocom\"] }\n", "m.toml"));
  StepSpec spec;
  spec.kind = "apt";
  spec.fields = std::get<toml::Table>(document.root().entries.at("dependencies").data);
  spec.document = document;
  EXPECT_TRUE(Must(Must(MakeStep(spec, host_.host()))->Pending()).empty());
}

TEST_F(AptStepTest, MistakesAreSaidWithTheirPlace) {
  test::ExpectMistakes(
      "apt", host_.host(),
      {
          {"", "'packages'"},
          {"packages = []", "recipe.toml:3:12: error"},
          {"packages = [\"Pico\"]",
           "recipe.toml:3:13: error: 'packages' must hold names of packages"},
          {"packages = [\"a b\"]", "recipe.toml:3:13: error"},
          {"packages = [\"--purge\"]", "recipe.toml:3:13: error"},
          {"packages = [\"ab=\"]", "must hold versions of packages, not ''"},
          {"packages = [\"ab=1 -o x\"]", "must hold versions of packages, not '1 -o x'"},
          {"packages = [\"ab=-1\"]", "must hold versions of packages"},
          {"packages = [\"ab\", \"ab=1\"]", "recipe.toml:3:12: error"},
          {"packages = [\"ab\"]\nupdate = 1", "recipe.toml:4:10: error"},
          {"packages = [\"ab\"]\nlock_wait_s = -1", "must be between 0 and 3600"},
          {"packages = [\"ab\"]\ntimeout_s = 0", "must be between 1 and 7200"},
          {"packages = [\"ab\"]\nrecommend = true", "did you mean 'recommends'?"},
      });
}

}  // namespace
}  // namespace lastgood
