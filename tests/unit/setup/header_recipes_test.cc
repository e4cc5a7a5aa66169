// SPDX-License-Identifier: MIT
// What the recipe for a Raspberry Pi's header makes of hosts as they are shipped
// (tests/vectors/hosts).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "facts/boot_config.h"
#include "recipe/recipe.h"
#include "setup/prepare_steps.h"
#include "setup_fixture.h"
#include "support/host_vector.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using test::Must;
using test::TestHost;
using Names = std::vector<std::string>;

fs::path InSource(const std::string& path) { return fs::path(LASTGOOD_SOURCE_DIR) / path; }

// A host of the vectors, and the recipe's steps for it.
class HeaderHost {
 public:
  explicit HeaderHost(const std::string& vector, const std::string& model = "") {
    test::BuildHost(InSource("tests/vectors/hosts/" + vector + ".host"), host_.At("/"));
    host_.Reopen("pi", model);
  }

  Result<PreparedSteps> Prepare() {
    const std::string text = test::ReadText(InSource("recipes/espiot-phat.toml"));
    std::vector<OrderedStep> ordered;
    for (const StepSpec& step : Must(ParseRecipe(text, "espiot-phat.toml")).steps)
      ordered.push_back({step, {}});
    return PrepareSteps(ordered, host_.host());
  }

  Names StepNames() {
    Names names;
    for (const PlannedStep& planned : Must(Prepare()).steps)
      names.push_back(planned.step->Describe());
    return names;
  }

  // Returns how many steps changed something. The others ask systemd and the user database.
  std::size_t SetBootFilesUp() {
    PreparedSteps prepared = Must(Prepare());
    std::erase_if(prepared.steps, [](const PlannedStep& planned) {
      const std::string name = planned.step->Describe();
      return !name.starts_with("boot-config") && !name.starts_with("kernel-cmdline");
    });
    return Must(RunSteps(prepared.steps, host_.host(), host_.contents(), host_.log, host_.interrupt,
                         {}))
        .changed;
  }

  TestHost& host() { return host_; }
  BootConfig ReadConfig() { return ReadBootConfig(host_.host().files, host_.host().facts.model); }

 private:
  TestHost host_;
};

TEST(HeaderRecipe, DoesWhatEachModelAndReleaseNeeds) {
  const std::string uart = "boot-config: enable_uart=1";
  const std::string bluetooth = "boot-config: dtoverlay=disable-bt";
  const std::string hciuart = "service: hciuart.service disabled";
  struct Row {
    const char* vector;
    Names own;
  };
  const Row kRows[] = {
      {"pi-1-ready", {uart}},
      {"pi-zero-w-bullseye-shipped", {uart, bluetooth, hciuart}},
      {"pi-zero-w-trixie-shipped", {uart, bluetooth}},
      {"pi-3-bullseye-shipped", {uart, bluetooth, hciuart}},
      {"pi-3-bookworm-shipped", {uart, bluetooth}},
      {"pi-4-bookworm-shipped", {uart, bluetooth}},
      {"pi-5-bookworm-shipped", {"boot-config: dtparam=uart0=on"}},
      {"pi-5-trixie-shipped", {"boot-config: dtparam=uart0=on"}},
  };
  for (const Row& row : kRows) {
    Names expected = row.own;
    for (const char* name : {"kernel-cmdline: no console=serial0*, no console=ttyAMA0*",
                             "service: serial-getty@ttyAMA0.service masked", "reboot",
                             "group: pi in dialout", "group: pi in gpio"})
      expected.emplace_back(name);
    EXPECT_EQ(HeaderHost(row.vector).StepNames(), expected) << row.vector;
  }
}

TEST(HeaderRecipe, DoesNothingOnOtherHosts) {
  for (const char* vector : {"debian-pc-phat", "empty", "pi-4-no-config"})
    EXPECT_TRUE(HeaderHost(vector).StepNames().empty()) << vector;
}

TEST(HeaderRecipe, AsksWhichModelACardIsFor) {
  const auto prepared = HeaderHost("card-bookworm-shipped").Prepare();
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().hint.find("--model"), std::string::npos);
  EXPECT_EQ(HeaderHost("card-bookworm-shipped", "Raspberry Pi 4 Model B").StepNames().size(), 7U);
}

// As the firmware and the kernel will see it at the next start.
TEST(HeaderRecipe, GivesTheHeaderItsUartAndTakesTheConsoleOff) {
  for (const char* vector :
       {"pi-zero-w-bullseye-shipped", "pi-3-bullseye-shipped", "pi-3-bookworm-shipped",
        "pi-3-overlay-in-cm4-section", "pi-4-trixie-shipped", "pi-5-trixie-shipped",
        "pi-3-uart-off-explicitly", "pi-5-console-on-header"}) {
    SCOPED_TRACE(vector);
    HeaderHost header(vector);
    const std::string directory = header.host().host().facts.boot_directory;
    const auto read = [&] {
      return header.host().Read(directory + "/config.txt") +
             header.host().Read(directory + "/cmdline.txt");
    };
    const std::string before = read();
    EXPECT_GT(header.SetBootFilesUp(), 0U);
    const BootConfig config = header.ReadConfig();
    if (header.host().host().facts.model.header == HeaderUart::kRp1) {
      EXPECT_TRUE(config.IsOn("uart0"));
    } else {
      EXPECT_EQ(config.values.at("enable_uart").value, "1");
      EXPECT_NE(config.Find({"disable-bt"}), nullptr);
    }
    const std::string words = header.host().Read(directory + "/cmdline.txt");
    EXPECT_EQ(words.find("console=serial0"), std::string::npos);
    EXPECT_NE(words.find("console=tty1"), std::string::npos);
    EXPECT_EQ(header.SetBootFilesUp(), 0U);
    EXPECT_TRUE(header.host().UndoAll().conflicts.empty());
    EXPECT_EQ(read(), before);
  }
}

}  // namespace
}  // namespace lastgood
