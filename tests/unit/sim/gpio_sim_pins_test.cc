// SPDX-License-Identifier: MIT
// The parts of sysfs and tracefs that matter are files here; the real ones are in tests/vm.
#include "sim/gpio_sim_pins.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace lastgood::sim {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct PlaceCase {
  const char* text;
  const char* chip;
  std::uint32_t reset;
  std::uint32_t boot;
};

TEST(GpioSimPlaceTest, LinesAreThoseOfThePhatUnlessGiven) {
  const PlaceCase cases[] = {
      {"/sys/chip", "/sys/chip", 17, 27},
      {"/sys/chip,boot=2", "/sys/chip", 17, 2},
      {"/sys/chip,boot=0,reset=53", "/sys/chip", 53, 0},
      {"chip,reset=1,reset=3", "chip", 3, 27},
  };
  for (const PlaceCase& c : cases) {
    const auto place = ParseGpioSimPlace(c.text);
    ASSERT_TRUE(place) << c.text;
    EXPECT_EQ(place->chip, c.chip) << c.text;
    EXPECT_EQ(place->reset, c.reset) << c.text;
    EXPECT_EQ(place->boot, c.boot) << c.text;
  }
}

struct RefusedPlace {
  const char* text;
  const char* message;
};

TEST(GpioSimPlaceTest, OthersAreRefused) {
  const RefusedPlace cases[] = {
      {"", "a simulated GPIO chip needs its directory"},
      {",reset=1", "a simulated GPIO chip needs its directory"},
      {"chip,", "a simulated GPIO chip has no option ''"},
      {"chip,power=3", "a simulated GPIO chip has no option 'power'"},
      {"chip,reset", "'reset' names no line by its number"},
      {"chip,reset=", "'reset=' names no line by its number"},
      {"chip,boot=GPIO27", "'boot=GPIO27' names no line by its number"},
      {"chip,boot=-1", "'boot=-1' names no line by its number"},
      {"chip,boot=17", "reset and boot are the same simulated line: 17"},
  };
  for (const RefusedPlace& c : cases) {
    const auto place = ParseGpioSimPlace(c.text);
    ASSERT_FALSE(place) << c.text;
    EXPECT_EQ(place.error().code, ExitCode::kUsage) << c.text;
    EXPECT_EQ(place.error().message, c.message) << c.text;
    EXPECT_FALSE(place.error().hint.empty()) << c.text;
  }
}

class GpioSimPinsTest : public ::testing::Test {
 protected:
  GpioSimPinsTest() {
    fs::create_directories(place_.chip);
    fs::create_directories(device_ / "gpio/gpiochip970");
    for (const int line : {17, 27}) {
      fs::create_directories(Line(line));
      test::WriteText(Line(line) / "pull", "");
      test::WriteText(Line(line) / "value", "1\n");
    }
    fs::create_directories(Instance() / "events/gpio/gpio_value");
    for (const char* name :
         {"buffer_percent", "events/gpio/gpio_value/filter", "events/gpio/gpio_value/enable"})
      test::WriteText(Instance() / name, "");
    EXPECT_EQ(::mkfifo((Instance() / "trace_pipe").c_str(), 0600), 0);
  }

  fs::path Line(int number) const { return place_.chip / fmt::format("sim_gpio{}", number); }
  fs::path Tracing() const { return directory_ / "tracing"; }
  fs::path Instance() const {
    return Tracing() / "instances" / fmt::format("lastgood-{}", ::getpid());
  }

  void Open() {
    auto pins = GpioSimPins::Open(place_, Tracing());
    ASSERT_TRUE(pins) << pins.error().message;
    pins_.emplace(*std::move(pins));
    writer_ = Descriptor(::open((Instance() / "trace_pipe").c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(writer_);
  }
  void Trace(const std::string& text) {
    ASSERT_EQ(::write(writer_.Get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void Levels(const char* reset, const char* boot) {
    test::WriteText(Line(17) / "value", reset);
    test::WriteText(Line(27) / "value", boot);
  }
  // What was told by `milliseconds_later`: "r" and "b" for asserted, "-" for not.
  std::vector<std::string> Follow(int milliseconds_later) {
    std::vector<std::string> told;
    now_ += milliseconds(milliseconds_later);
    pins_->Follow(now_, [&](bool reset, bool boot) {
      told.push_back(std::string(reset ? "r" : "-") + (boot ? "b" : "-"));
    });
    return told;
  }

  using Told = std::vector<std::string>;
  test::TemporaryDirectory directory_;
  fs::path device_ = directory_ / "gpio-sim.0";
  GpioSimPlace place_{device_ / "gpiochip0"};
  std::optional<GpioSimPins> pins_;
  Descriptor writer_;
  TimePoint now_{std::chrono::hours(1)};
};

TEST_F(GpioSimPinsTest, PullsBothPinsUpAndTracesThem) {
  Open();
  EXPECT_EQ(test::ReadText(Line(17) / "pull"), "pull-up");
  EXPECT_EQ(test::ReadText(Line(27) / "pull"), "pull-up");
  EXPECT_EQ(test::ReadText(Instance() / "events/gpio/gpio_value/filter"), "gpio==987 || gpio==997");
  EXPECT_EQ(test::ReadText(Instance() / "events/gpio/gpio_value/enable"), "1");
  EXPECT_EQ(Follow(1000), Told{});
}

TEST_F(GpioSimPinsTest, EveryTracedStateIsToldInOrder) {
  Open();
  Trace(
      "  lastgood-195  [000] .....  5.61: gpio_value: 997 set 0\n"
      "  lastgood-195  [000] .....  5.62: gpio_value: 987 set 0\n"
      "  gpio get-7    [000] .....  5.63: gpio_value: 987 get 1\n"
      "  another-196   [000] .....  5.63: gpio_value: 971 set 0\n"
      "CPU:0 [LOST 3 EVENTS]\n"
      "  lastgood-195  [000] .N...  5.64: gpio_value: 987 set 1\n"
      "  lastgood-195  [000] .....  5.69: gpio_value: 99");
  EXPECT_EQ(Follow(20), (Told{"-b", "rb", "-b"}));
  Trace("7 set 1\n");
  EXPECT_EQ(Follow(20), (Told{"--"}));
}

TEST_F(GpioSimPinsTest, LevelThatLagsBehindItsTraceIsNoPulse) {
  Open();
  Trace("  lastgood-195  [000] .....  5.61: gpio_value: 987 set 0\n");
  EXPECT_EQ(Follow(10), Told{"r-"});
  EXPECT_EQ(Follow(10), Told{}) << "the level is still high";
  Levels("0\n", "1\n");
  EXPECT_EQ(Follow(100), Told{});
  Trace("  lastgood-195  [000] .....  5.71: gpio_value: 987 set 1\n");
  EXPECT_EQ(Follow(10), Told{"--"});
  Levels("1\n", "1\n");
  EXPECT_EQ(Follow(100), Told{});
}

TEST_F(GpioSimPinsTest, LevelThatLastsCountsWithoutATrace) {
  Open();
  Trace("  lastgood-195  [000] .....  5.61: gpio_value: 987 set 0\n");
  Levels("0\n", "1\n");
  EXPECT_EQ(Follow(10), Told{"r-"});
  Levels("1\n", "1\n");  // lastgood was killed
  EXPECT_EQ(Follow(10), Told{});
  EXPECT_EQ(Follow(10), Told{});
  EXPECT_EQ(Follow(100), Told{"--"});
  EXPECT_EQ(Follow(100), Told{}) << "told once";
}

TEST_F(GpioSimPinsTest, WhatIsMissingIsNamed) {
  struct Case {
    fs::path missing;
    const char* hint;
  };
  for (const Case& c : {Case{Tracing(), "tracefs"}, Case{Line(27), "gpio-sim"},
                        Case{Line(17), "gpio-sim"}, Case{device_ / "gpio", "gpio-sim"}}) {
    fs::remove_all(c.missing);
    const auto pins = GpioSimPins::Open(place_, Tracing());
    ASSERT_FALSE(pins) << c.missing;
    EXPECT_EQ(pins.error().code, ExitCode::kBoard);
    EXPECT_NE(pins.error().message.find("no such file or directory"), std::string::npos)
        << pins.error().message;
    EXPECT_NE(pins.error().hint.find(c.hint), std::string::npos) << pins.error().hint;
  }
}

}  // namespace
}  // namespace lastgood::sim
