// SPDX-License-Identifier: MIT
#include "recipe/recipe.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood {
namespace {

constexpr std::string_view kStart = "schema = 1\nname = 'bench'\n[board]\nchip = 'esp8266'\n";

Recipe MustParse(const std::string& rest) {
  auto recipe = ParseRecipe(std::string(kStart) + rest, "r.toml");
  EXPECT_TRUE(recipe.has_value()) << recipe.error().message;
  return recipe ? *recipe : Recipe();
}

bool IsRefused(const std::string& rest, std::string_view reason) {
  const auto recipe = ParseRecipe(std::string(kStart) + rest, "r.toml");
  return !recipe && recipe.error().message.find(reason) != std::string::npos;
}

TEST(RecipeTest, EveryKeyArrivesInItsField) {
  const auto recipe = ParseRecipe(
      "schema = 1\nname = 'bench'\ntitle = 'On the bench'\n[board]\nchip = 'esp8266'\n"
      "serial = ['/dev/ttyUSB0', 'sim:flash=4MB']\nbaud = [921600, 9600]\n[board.lines]\n"
      "kind = 'gpio'\nreset = { line = 'GPIO17', active = 'low' }\n"
      "boot = { chip = 'gpiochip0', offset = 27, active = 'high' }\n"
      "[[step]]\nkind = 'command'\nname = 'a'\n[[step]]\nkind = 'apt'\n",
      "r.toml");
  ASSERT_TRUE(recipe.has_value()) << recipe.error().message;
  EXPECT_EQ(recipe->name, "bench");
  EXPECT_EQ(recipe->title, "On the bench");
  EXPECT_EQ(recipe->document.name(), "r.toml");
  EXPECT_EQ(recipe->board.chip, Chip::kEsp8266);
  EXPECT_EQ(recipe->board.serial, (std::vector<std::string>{"/dev/ttyUSB0", "sim:flash=4MB"}));
  EXPECT_EQ(recipe->board.baud, (std::vector<std::uint32_t>{921600, 9600}));
  const LinesSpec& lines = recipe->board.lines;
  EXPECT_EQ(lines.kind, LinesKind::kGpio);
  EXPECT_EQ(lines.reset.line, "GPIO17");
  EXPECT_EQ(lines.reset.offset, std::nullopt);
  EXPECT_EQ(lines.reset.active, ActiveLevel::kLow);
  EXPECT_EQ(lines.boot.chip, "gpiochip0");
  EXPECT_EQ(lines.boot.offset, 27U);
  EXPECT_EQ(lines.boot.active, ActiveLevel::kHigh);
  ASSERT_EQ(recipe->steps.size(), 2U);
  EXPECT_EQ(recipe->steps[0].kind, "command");
  EXPECT_EQ(recipe->steps[0].name, "a");
  EXPECT_TRUE(recipe->steps[0].fields.order.empty());
  EXPECT_EQ(recipe->steps[1].kind, "apt");
}

TEST(RecipeTest, DefaultsAreTheDocumentedOnes) {
  const Recipe recipe = MustParse("serial = ['/dev/ttyUSB0']\nlines.kind = 'modem'\n");
  EXPECT_EQ(recipe.title, "bench");
  EXPECT_EQ(recipe.board.baud, (std::vector<std::uint32_t>{460800, 115200}));
  EXPECT_EQ(recipe.board.lines.kind, LinesKind::kModem);
  EXPECT_TRUE(recipe.steps.empty());
}

TEST(RecipeTest, ProgramsThatPressTheButtonsAreKept) {
  const Recipe recipe = MustParse(
      "serial = ['/dev/ttyUSB0']\n[board.lines]\nkind = 'command'\n"
      "enter_download = ['relay', 'boot', '']\nrun_firmware = ['relay', 'run']\n");
  EXPECT_EQ(recipe.board.lines.kind, LinesKind::kCommand);
  EXPECT_EQ(recipe.board.lines.enter_download, (std::vector<std::string>{"relay", "boot", ""}));
  EXPECT_EQ(recipe.board.lines.run_firmware, (std::vector<std::string>{"relay", "run"}));
}

TEST(RecipeTest, SequenceAndTimeoutAreKept) {
  const struct {
    const char* lines;
    std::optional<SequenceName> sequence;
    int timeout_s;
  } cases[] = {
      {"kind = 'modem'\n", std::nullopt, 15},
      {"kind = 'modem'\nsequence = 'direct'\n", SequenceName::kDirect, 15},
      {"kind = 'modem'\nsequence = 'usb-jtag'\n", SequenceName::kUsbJtag, 15},
      {"kind = 'gpio'\nreset = { line = 'A' }\nboot = { line = 'B' }\nsequence = "
       "'two-transistor'\n",
       SequenceName::kTwoTransistor, 15},
      {"kind = 'command'\nenter_download = ['a']\nrun_firmware = ['b']\ntimeout_s = 3\n",
       std::nullopt, 3},
  };
  for (const auto& row : cases) {
    const Recipe recipe =
        MustParse(std::string("serial = ['/dev/ttyUSB0']\n[board.lines]\n") + row.lines);
    EXPECT_EQ(recipe.board.lines.sequence, row.sequence) << row.lines;
    EXPECT_EQ(recipe.board.lines.command_timeout, std::chrono::seconds(row.timeout_s));
  }
}

std::string List(std::size_t count, const std::string& before, int step, const std::string& after) {
  std::string text;
  int number = 4'000'000;
  for (std::size_t i = 0; i < count; ++i, number -= step)
    text += before + std::to_string(number) + after + ',';
  return text;
}

TEST(RecipeTest, ListsHaveLimits) {
  const auto serial = [](std::size_t count) {
    return "lines.kind = 'none'\nserial = [" + List(count, "'/dev/tty", 1, "'") + "]\n";
  };
  MustParse(serial(16));
  EXPECT_TRUE(IsRefused(serial(17), "'serial' must hold at most 16, not 17"));

  const auto baud = [](std::size_t count) {
    return "lines.kind = 'none'\nserial = ['/dev/x']\nbaud = [" + List(count, "", 1000, "") + "]\n";
  };
  MustParse(baud(16));
  EXPECT_TRUE(IsRefused(baud(17), "'baud' must name at most 16 rates"));
  EXPECT_TRUE(IsRefused(baud(0), "'baud' must name at least one rate"));

  const auto command = [](std::size_t count) {
    return "serial = ['/dev/x']\n[board.lines]\nkind = 'command'\nrun_firmware = ['x']\n"
           "enter_download = [" +
           List(count, "'", 0, "'") + "]\n";
  };
  MustParse(command(64));
  EXPECT_TRUE(IsRefused(command(65), "'enter_download' must hold at most 64 words"));
}

TEST(RecipeTest, RatesAreWithinWhatUartsDo) {
  const auto baud = [](const std::string& rates) {
    return "lines.kind = 'none'\nserial = ['/dev/x']\nbaud = [" + rates + "]\n";
  };
  MustParse(baud("4000000, 9600"));
  EXPECT_TRUE(IsRefused(baud("4000001"), "must be between 9600 and 4000000, not 4000001"));
  EXPECT_TRUE(IsRefused(baud("9599"), "must be between 9600 and 4000000, not 9599"));
  EXPECT_TRUE(IsRefused(baud("115200, 115200"), "must fall from rate to rate"));
}

TEST(RecipeTest, LineOffsetsAreWithinWhatChipsHave) {
  const auto reset = [](const std::string& offset) {
    return "serial = ['/dev/x']\n[board.lines]\nkind = 'gpio'\nboot = { line = 'B' }\n"
           "reset = { chip = 'c', offset = " +
           offset + " }\n";
  };
  EXPECT_EQ(MustParse(reset("0")).board.lines.reset.offset, 0U);
  EXPECT_EQ(MustParse(reset("1023")).board.lines.reset.offset, 1023U);
  EXPECT_TRUE(IsRefused(reset("1024"), "must be between 0 and 1023, not 1024"));
  EXPECT_TRUE(IsRefused(reset("-1"), "must be between 0 and 1023, not -1"));
}

TEST(RecipeTest, WiringOfALineArrivesAsItStands) {
  const struct {
    const char* keys;
    std::optional<GpioBias> bias;
    GpioDrive drive;
  } kCases[] = {
      {"", std::nullopt, GpioDrive::kPushPull},
      {"drive = 'push-pull'", std::nullopt, GpioDrive::kPushPull},
      {"drive = 'open-drain'", std::nullopt, GpioDrive::kOpenDrain},
      {"bias = 'as-is'", GpioBias::kAsIs, GpioDrive::kPushPull},
      {"bias = 'disabled'", GpioBias::kDisabled, GpioDrive::kPushPull},
      {"bias = 'pull-up', drive = 'open-drain'", GpioBias::kPullUp, GpioDrive::kOpenDrain},
      {"active = 'high', bias = 'pull-down'", GpioBias::kPullDown, GpioDrive::kPushPull},
  };
  for (const auto& test_case : kCases) {
    SCOPED_TRACE(test_case.keys);
    const std::string comma = *test_case.keys != '\0' ? ", " : "";
    const LinesSpec lines =
        MustParse("serial = ['/dev/x']\n[board.lines]\nkind = 'gpio'\nreset = { line = 'R'" +
                  comma + test_case.keys + " }\nboot = { line = 'B', chip = 'c' }\n")
            .board.lines;
    EXPECT_EQ(lines.reset.bias, test_case.bias);
    EXPECT_EQ(lines.reset.drive, test_case.drive);
    EXPECT_EQ(lines.boot.line, "B");
    EXPECT_EQ(lines.boot.chip, "c");
    EXPECT_EQ(lines.boot.bias, std::nullopt);
  }
}

TEST(RecipeTest, TwoOffsetsOfOneChipAreTwoLines) {
  const std::string start = "serial = ['/dev/x']\n[board.lines]\nkind = 'gpio'\n";
  MustParse(start + "reset = { chip = 'c', offset = 1 }\nboot = { chip = 'c', offset = 2 }\n");
  MustParse(start + "reset = { chip = 'c', offset = 1 }\nboot = { chip = 'd', offset = 1 }\n");
  EXPECT_TRUE(
      IsRefused(start + "reset = { chip = 'c', offset = 1 }\nboot = { chip = 'c', offset = 1 }\n",
                "'reset' and 'boot' are the same line"));
}

TEST(RecipeTest, EmptyFileIsNamedAsSuch) {
  const auto recipe = ParseRecipe("\n", "r.toml");
  ASSERT_FALSE(recipe.has_value());
  EXPECT_TRUE(recipe.error().message.starts_with("r.toml:1:1: error: the file says nothing"));
}

}  // namespace
}  // namespace lastgood
