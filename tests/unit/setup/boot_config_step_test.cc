// SPDX-License-Identifier: MIT
// What the kind accepts, claims and says; what it does to files: boot_files_test.cc.
#include "setup/boot_config_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "facts/boot_config.h"
#include "facts/boot_lines.h"
#include "setup_fixture.h"

namespace lastgood {
namespace {

using test::Must;
using test::SpecOf;
using test::TestHost;

std::string StepText(const std::string& fields) {
  return "[[step]]\nkind = \"boot-config\"\n" + fields + "\n";
}

TEST(BootConfigStep, SaysWhatItIs) {
  TestHost host;
  EXPECT_EQ(
      host.Make(StepText("set = { enable_uart = \"1\", dtoverlay = \"disable-bt\" }"))->Describe(),
      "boot-config: enable_uart=1, dtoverlay=disable-bt");
  EXPECT_EQ(host.Make(StepText("section = \"pi4\"\nset = { dtparam = [\"spi=on\", \"i2c_arm\"] }\n"
                               "remove = [\"gpu_mem\", \"dtoverlay=w1-gpio\"]"))
                ->Describe(),
            "boot-config: dtparam=spi=on, dtparam=i2c_arm=on, no gpu_mem, no dtoverlay=w1-gpio for "
            "[pi4]");
}

TEST(BootConfigStep, ClaimsEachThingOnce) {
  TestHost host;
  const auto step = host.Make(
      StepText("set = { enable_uart = \"1\", dtparam = \"uart0\", dtoverlay = [\"w1-gpio\", "
               "\"w1-gpio,gpiopin=17\"] }\nremove = [\"dtparam=spi\"]"));
  EXPECT_EQ(test::ClaimsOf(*step),
            (std::vector<std::string>{"boot-config [all] enable_uart: enable_uart=1",
                                      "boot-config [all] dtparam=uart0: dtparam=uart0=on",
                                      "boot-config [all] dtoverlay=w1-gpio: dtoverlay=w1-gpio "
                                      "dtoverlay=w1-gpio,gpiopin=17",
                                      "boot-config [all] dtparam=spi: gone"}));
}

TEST(BootConfigStep, RefusesWhatNoFirmwareWouldTake) {
  struct Row {
    const char* fields;
    const char* message;  // the first line, behind the place
  };
  const Row kRows[] = {
      {"", "1:1: error: the step needs 'set' or 'remove'"},
      {"set = {}", "'set' must have a key"},
      {"remove = []", "the step needs 'set' or 'remove'"},
      {"set = { enable_uart = 1 }",
       "3:23: error: the value of 'enable_uart' must be a string: \"1\""},
      {"set = { enable_uart = true }", "the value of 'enable_uart' must be a string"},
      {"set = { enable_uart = [\"1\"] }",
       "'enable_uart' has one value; only dtoverlay and dtparam are lists"},
      {"set = { dtoverlay = [] }", "'dtoverlay' must have a value"},
      {"set = { dtoverlay = \"\" }", "'dtoverlay' needs a name"},
      {"set = { dtoverlay = \",x=1\" }", "'dtoverlay' needs a name"},
      {"set = { dtparam = \"=on\" }", "'dtparam' needs a name"},
      {"set = { dtparam = \"spi=on,uart0=on\" }", "'dtparam' has one parameter in each string"},
      {"set = { dtparam = [\"spi=on\", \"spi=off\"] }", "'dtparam=spi' is there twice"},
      {"set = { dtoverlay = [\"a\", \"a-overlay\"] }", "'dtoverlay=a' is there twice"},
      {"set = { device_tree_overlay = \"a\" }", "3:9: error: the key is called 'dtoverlay' here"},
      {"set = { device_tree_param = \"a\" }", "the key is called 'dtparam' here"},
      {"set = { include = \"a.txt\" }", "'include' may stand several times"},
      {"set = { \"gpio\" = \"17=op\" }", "'gpio' may stand several times"},
      {"set = { \"[pi4]\" = \"1\" }", "'[pi4]' is not the name of a setting"},
      {"set = { \"#a\" = \"1\" }", "'#a' is not the name of a setting"},
      {"set = { \"a b\" = \"1\" }", "'a b' is not the name of a setting"},
      {"set = { a = \"1\\n[pi4]\" }", "must be printable ASCII without blanks around it"},
      {"set = { a = \" 1\" }", "must be printable ASCII without blanks around it"},
      {"set = { a = \"ü\" }", "must be printable ASCII without blanks around it"},
      {"section = \"pi44\"\nset = { a = \"1\" }", "'pi44' is no section; did you mean 'pi4'?"},
      {"section = \"EDID=x\"\nset = { a = \"1\" }", "'EDID=x' is no section; there are all, pi0,"},
      {"remove = [\"dtoverlay\"]", "'dtoverlay=NAME' says which one is to go"},
      {"remove = [\"enable_uart=1\"]", "'enable_uart' goes whatever its value is"},
      {"remove = [\"include\"]", "'include' may stand several times"},
      {"set = { a = \"1\" }\nremove = [\"a\"]", "'a' is set by the same step"},
      {"set = { dtparam = \"spi\" }\nremove = [\"dtparam=spi\"]",
       "'dtparam=spi' is set by the same step"},
      {"set = { a = \"1\" }\nsetion = \"pi4\"", "did you mean 'section'?"},
  };
  TestHost host;
  for (const Row& row : kRows) {
    const auto made = MakeStep(SpecOf(StepText(row.fields)), host.host());
    ASSERT_FALSE(made) << row.fields;
    EXPECT_EQ(made.error().code, ExitCode::kInvalidManifest);
    EXPECT_NE(made.error().message.find(row.message), std::string::npos) << made.error().message;
  }
  const std::string longest(kBootLineMax - 2, 'x');
  EXPECT_TRUE(MakeStep(SpecOf(StepText("set = { a = \"" + longest + "\" }")), host.host()));
  EXPECT_FALSE(MakeStep(SpecOf(StepText("set = { a = \"" + longest + "x\" }")), host.host()));
}

TEST(BootConfigStep, LooksAndLeavesAlone) {
  TestHost host;
  host.Write("/boot/config.txt", "gpu_mem=16\n");
  host.Reopen();
  const auto pending = Must(host.Make(StepText("set = { enable_uart = \"1\" }"))->Pending());
  EXPECT_EQ(pending.size(), 1U);
  EXPECT_EQ(host.Read("/boot/config.txt"), "gpu_mem=16\n");
}

TEST(BootConfigStep, RefusesAFileOfAbsurdSize) {
  TestHost host;
  host.Write("/boot/config.txt", std::string(1U << 20, '#'));
  host.Reopen();
  const auto pending = host.Make(StepText("set = { enable_uart = \"1\" }"))->Pending();
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().message, "/boot/config.txt has more than 65536 octets");
}

struct AnyWish {
  std::string section;
  std::string key;
  std::string value;  // of a removal: its name
  bool removes = false;

  std::string Text() const {
    const std::string thing = value.empty() ? key : key + "=" + value;
    return StepText(fmt::format("section = \"{}\"\n", section) +
                    (removes ? fmt::format("remove = [\"{}\"]", thing)
                             : fmt::format("set = {{ {} = \"{}\" }}", key, value)));
  }

  bool IsFor(const HostModel& host) const {
    return section == "all" || JudgeFilter(section, host) == FilterVerdict::kHolds;
  }

  // Whether a host that reads this sees what is asked for.
  bool HoldsIn(const BootConfig& config) const {
    if (key == "dtoverlay") return removes ? config.Find({value}) == nullptr : HasOverlay(config);
    const BootParameter parameter = ParseParameter(value);
    const auto& values = key == "dtparam" ? config.parameters : config.values;
    const auto found = values.find(key == "dtparam" ? parameter.name : key);
    if (removes) return found == values.end();
    return found != values.end() &&
           found->second.value == (key == "dtparam" ? parameter.value : value);
  }

  bool HasOverlay(const BootConfig& config) const {
    return std::any_of(
        config.overlays.begin(), config.overlays.end(), [this](const BootOverlay& overlay) {
          std::vector<std::string> pieces = {overlay.name};
          pieces.insert(pieces.end(), overlay.parameters.begin(), overlay.parameters.end());
          return value == fmt::format("{}", fmt::join(pieces, ","));
        });
  }
};

// Files as nobody would write them, and all kinds of wishes.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : dice_(seed) {}

  std::string Config() {
    std::string text;
    const std::string end = OneOf({"\n", "\n", "\r\n"});
    for (std::size_t lines = Below(14); lines > 0; --lines) text += Line() + end;
    if (!text.empty() && Below(4) == 0) text.resize(text.size() - end.size());
    return text;
  }

  AnyWish Wish() {
    AnyWish wish;
    wish.section = OneOf({"all", "all", "pi3", "pi4", "pi400", "cm4", "pi5"});
    wish.key = OneOf({"enable_uart", "dtoverlay", "dtparam"});
    wish.removes = Below(4) == 0;
    if (wish.key == "enable_uart") wish.value = wish.removes ? "" : std::to_string(Below(2));
    if (wish.key == "dtoverlay") wish.value = wish.removes ? "w1-gpio" : Overlay();
    if (wish.key == "dtparam") wish.value = wish.removes ? "spi" : Parameter();
    return wish;
  }

  std::string Model() {
    return OneOf({"", "", "Raspberry Pi 3 Model B Rev 1.2", "Raspberry Pi 4 Model B Rev 1.4",
                  "Raspberry Pi 400 Rev 1.0", "Raspberry Pi 5 Model B Rev 1.0"});
  }

 private:
  std::size_t Below(std::size_t count) { return dice_() % count; }
  std::string OneOf(const std::vector<std::string>& list) { return list[Below(list.size())]; }
  std::string Overlay() {
    return OneOf(
        {"disable-bt", "w1-gpio", "w1-gpio,gpiopin=4", "w1-gpio,gpiopin=17", "vc4-kms-v3d"});
  }
  std::string Parameter() { return OneOf({"spi=on", "spi=off", "uart0=on", "uart0=off"}); }
  std::string Line() {
    switch (Below(9)) {
      case 0:
        return OneOf({"", "  ", "# enable_uart=1", "#dtoverlay=disable-bt", "nonsense"});
      case 1:
      case 2:
        return "[" +
               OneOf({"all", "all", "pi3", "pi4", "pi400", "cm4", "pi5", "none", "gpio4=1",
                      "EDID=X", "HDMI:0"}) +
               "]";
      case 3:
        return "dtoverlay=" + OneOf({Overlay(), "", "w1-gpio-overlay"});
      case 4:
        return "dtparam=" + Parameter() + OneOf({"", ",i2c_arm=on"});
      case 5:
        return OneOf({"include more.txt", "include gone.txt", "include config.txt"});
      default:
        return OneOf({"enable_uart=", "  enable_uart = "}) + std::to_string(Below(2));
    }
  }

  std::mt19937 dice_;
};

enum class Outcome { kRefused, kNothingToDo, kChanged };

// The hosts that the wish is for: this one, or whichever the card may be put into.
std::vector<HostModel> HostsOf(const AnyWish& wish, const HostModel& own) {
  if (!own.filters.empty() && wish.IsFor(own)) return {own};
  std::vector<HostModel> hosts = KnownModels();
  std::erase_if(hosts, [&wish](const HostModel& host) { return !wish.IsFor(host); });
  return hosts;
}

Outcome Try(std::uint32_t seed) {
  Dice dice(seed);
  TestHost host;
  const std::string path = "/boot/firmware/config.txt";
  const std::string before = dice.Config();
  host.Write(path, before);
  host.Write("/boot/firmware/more.txt", dice.Config());
  host.Reopen("", dice.Model());
  const AnyWish wish = dice.Wish();
  SCOPED_TRACE(fmt::format("seed {}, model '{}'\n{}--- config.txt\n{}\n--- more.txt\n{}", seed,
                           host.host().facts.model.text, wish.Text(), before,
                           host.Read("/boot/firmware/more.txt")));
  const auto summary = host.Run(wish.Text());
  if (!summary) {
    EXPECT_NE(summary.error().message.find("/boot/firmware/"), std::string::npos);
    EXPECT_EQ(host.Read(path), before);
    return Outcome::kRefused;
  }
  EXPECT_TRUE(Must(host.Make(wish.Text())->Pending()).empty());
  for (const HostModel& model : HostsOf(wish, host.host().facts.model))
    EXPECT_TRUE(wish.HoldsIn(ReadBootConfig(host.host().files, model)))
        << model.text << "\n--- config.txt now\n"
        << host.Read(path);
  EXPECT_TRUE(host.UndoAll().conflicts.empty());
  EXPECT_EQ(host.Read(path), before);
  return summary->changed == 0 ? Outcome::kNothingToDo : Outcome::kChanged;
}

// What facts/ reads afterwards is what was wished for, or the step has said why not and where.
TEST(BootConfigStep, AnyWishInAnyFileCountsOrIsRefused) {
  constexpr std::uint32_t kSeed = 20261127;
  constexpr std::uint32_t kRounds = 150;
  std::map<Outcome, std::uint32_t> outcomes;
  for (std::uint32_t seed = kSeed; seed < kSeed + kRounds; ++seed) ++outcomes[Try(seed)];
  // The dice must not be so that nothing is tried.
  EXPECT_GT(outcomes[Outcome::kChanged], kRounds / 4);
  EXPECT_GT(outcomes[Outcome::kNothingToDo], kRounds / 20);
  EXPECT_GT(outcomes[Outcome::kRefused], kRounds / 50);
}

}  // namespace
}  // namespace lastgood
