// SPDX-License-Identifier: MIT
#include "run/recorded_check.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

TEST(RecordedCheckTest, IsReadAsItWasWritten) {
  RecordedCheck check;
  check.health.kind = HealthKind::kMicropython;
  check.health.version = "1.22.1";
  check.health.settle = std::chrono::seconds(7);
  check.health.run = {{"import esp\nprint(\"\\x\")", "True"}, {"1+1", ""}};
  check.seed = 0xffffffff;
  check.chip = Chip::kEsp32C3;
  for (const LinesMover mover : {LinesMover::kHost, LinesMover::kPerson, LinesMover::kNobody}) {
    check.moved_by = mover;
    const auto read = ParseRecordedCheck(FormatRecordedCheck(check), "x");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, check);
  }
  for (const HealthKind kind : {HealthKind::kAt, HealthKind::kBootLog, HealthKind::kNone}) {
    RecordedCheck other;
    other.health.kind = kind;
    EXPECT_EQ(*ParseRecordedCheck(FormatRecordedCheck(other), "x"), other);
  }
}

// A capture's lines hold no control characters.
TEST(RecordedCheckTest, IsWrittenInPrintableText) {
  RecordedCheck check;
  check.health.kind = HealthKind::kMicropython;
  check.health.run = {{"a\tb\nc", "d"}};
  for (const char c : FormatRecordedCheck(check)) EXPECT_TRUE(c == '\n' || c >= ' ') << int{c};
}

TEST(RecordedCheckTest, MistakesAreSaidWithTheirPlace) {
  for (const std::string_view text :
       {"", "x", "[check]\nseed = -1\nchip = \"esp8266\"\nmoved_by = \"host\"\n",
        "[check]\nseed = 1\nchip = \"z80\"\nmoved_by = \"host\"\n[check.health]\nkind = \"at\"\n",
        "[check]\nseed = 1\nchip = \"esp8266\"\nmoved_by = \"wind\"\n[check.health]\nkind = "
        "\"at\"\n",
        "[check]\nseed = 1\nchip = \"esp8266\"\nmoved_by = \"host\"\n"}) {
    const auto read = ParseRecordedCheck(std::string(text), "a.capture");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ExitCode::kInvalidManifest);
    EXPECT_TRUE(read.error().message.starts_with("a.capture:")) << read.error().message;
  }
}

}  // namespace
}  // namespace lastgood
