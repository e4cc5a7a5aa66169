// SPDX-License-Identifier: MIT
#include "json/json_value.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood::json {
namespace {

Value Read(std::string_view text) {
  Result<Value> value = Parse(text, "x.json");
  EXPECT_TRUE(value) << value.error().message;
  return value ? *std::move(value) : Value();
}

TEST(JsonValue, KeepsKindsAndOrder) {
  const Value value = Read(R"({"z": 1, "a": [true, null, "t", 2.0], "o": {"n": -7}})");
  ASSERT_NE(value.AsObject(), nullptr);
  EXPECT_EQ(value.AsObject()->front().first, "z");
  EXPECT_EQ(value.Find("z")->AsInteger(), 1);
  const Array& list = *value.Find("a")->AsArray();
  EXPECT_EQ(list[0].AsBool(), true);
  EXPECT_EQ(list[1].KindName(), "null");
  EXPECT_EQ(list[2].AsText(), "t");
  EXPECT_EQ(list[3].AsInteger(), std::nullopt);
  EXPECT_EQ(list[3].AsNumber(), 2.0);
  EXPECT_EQ(value.Find("o")->Find("n")->AsInteger(), -7);
  EXPECT_EQ(value.Find("missing"), nullptr);
  EXPECT_EQ(list[0].Find("x"), nullptr);
}

TEST(JsonValue, MistakesNameTheirPlace) {
  const Result<Value> broken = Parse("{\n  \"a\": 1,\n  \"b\": }\n", "x.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ExitCode::kNotTrusted);
  EXPECT_TRUE(broken.error().message.starts_with("x.json:3:")) << broken.error().message;
}

TEST(JsonValue, RefusesWhatWouldBeReadTwoWays) {
  EXPECT_FALSE(Parse(R"({"a": 1, "a": 2})", "x"));
  EXPECT_FALSE(Parse("18446744073709551615", "x"));
  EXPECT_FALSE(Parse("", "x"));
  EXPECT_FALSE(Parse("{} {}", "x"));
  EXPECT_FALSE(Parse(std::string(65, '[') + std::string(65, ']'), "x"));
  EXPECT_TRUE(Parse(std::string(64, '[') + std::string(64, ']'), "x"));
}

}  // namespace
}  // namespace lastgood::json
