// SPDX-License-Identifier: MIT
#include "json/json_object.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace lastgood {
namespace {

TEST(JsonObject, KeysKeepTheirOrderAndTheirTypes) {
  JsonObject object;
  object.Set("z", "text").Set("a", -5).SetBool("m", true).SetNull("n");
  object.Set("list", std::vector<std::string>{"x", ""});
  EXPECT_EQ(object.Dump(), R"({"z":"text","a":-5,"m":true,"n":null,"list":["x",""]})");
}

TEST(JsonObject, EmptyOneIsAnObject) { EXPECT_EQ(JsonObject().Dump(), "{}"); }

TEST(JsonObject, ObjectsNest) {
  JsonObject inner;
  inner.Set("k", 1);
  JsonObject outer;
  outer.Set("all", std::vector<JsonObject>{inner, JsonObject()}).Set("one", inner);
  EXPECT_EQ(outer.Dump(), R"({"all":[{"k":1},{}],"one":{"k":1}})");
}

TEST(JsonObject, CopyIsApart) {
  JsonObject first;
  first.Set("k", 1);
  JsonObject second = first;
  second.Set("k", 2);
  EXPECT_EQ(first.Dump(), R"({"k":1})");
  first = second;
  EXPECT_EQ(first.Dump(), R"({"k":2})");
}

TEST(JsonObject, LargestNumbersStayWhole) {
  JsonObject object;
  object.Set("min", std::numeric_limits<std::int64_t>::min());
  object.Set("max", std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(object.Dump(), R"({"min":-9223372036854775808,"max":9223372036854775807})");
}

TEST(JsonObject, AnyOctetsBecomeOneLineOfUtf8) {
  JsonObject object;
  object.Set("k\xFF\n", std::string("\xFF\x00\n\"\\\x1b", 6));
  EXPECT_EQ(object.Dump(), "{\"k\xEF\xBF\xBD\\n\":\"\xEF\xBF\xBD\\u0000\\n\\\"\\\\\\u001b\"}");
}

}  // namespace
}  // namespace lastgood
