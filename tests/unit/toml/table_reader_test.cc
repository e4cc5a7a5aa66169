// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "toml/document.h"

namespace lastgood::toml {
namespace {

// What a reader says about `text`, one "line:column message" a line.
std::string Said(const std::string& text, const std::function<void(TableReader&)>& read,
                 const std::string& where = "the file") {
  const auto document = Document::Parse(text, "t");
  EXPECT_TRUE(document.has_value()) << document.error().message;
  Diagnostics diagnostics(*document);
  TableReader reader(document->root(), where, diagnostics);
  read(reader);
  reader.Finish();
  const auto result = diagnostics.ToResult();
  if (result) return "";
  std::string said;
  std::string_view rest = result.error().message;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with("t:")) continue;
    line.remove_prefix(2);
    said.append(line);
    said += '\n';
  }
  return said;
}

TEST(TableReaderTest, WhatIsWellFormedIsRead) {
  EXPECT_EQ(
      Said("s = 'x'\ni = 5\nb = false\nl = ['p', 'q']\nn = [1, 2]\nc = 'two'\nt = {}\n[[v]]\n",
           [](TableReader& reader) {
             EXPECT_EQ(reader.RequiredString("s"), "x");
             EXPECT_EQ(reader.OptionalString("s"), "x");
             EXPECT_EQ(reader.RequiredInteger("i", 0, 5), 5);
             EXPECT_EQ(reader.OptionalInteger("i", 5, 9), 5);
             EXPECT_EQ(reader.OptionalBool("b"), false);
             EXPECT_EQ(reader.RequiredStrings("l"), (std::vector<std::string>{"p", "q"}));
             EXPECT_EQ(reader.OptionalIntegers("n", 1, 2), (std::vector<std::int64_t>{1, 2}));
             EXPECT_EQ(reader.OptionalChoice("c", {"one", "two"}), 1U);
             EXPECT_NE(reader.RequiredTable("t"), nullptr);
             EXPECT_EQ(reader.OptionalTables("v").size(), 1U);
             EXPECT_NE(reader.Any("s"), nullptr);
             EXPECT_TRUE(reader.Has("s"));
           }),
      "");
}

TEST(TableReaderTest, WhatIsAbsentIsNeutral) {
  EXPECT_EQ(Said("",
                 [](TableReader& reader) {
                   EXPECT_FALSE(reader.OptionalString("s"));
                   EXPECT_FALSE(reader.OptionalInteger("i", 0, 5));
                   EXPECT_FALSE(reader.OptionalBool("b"));
                   EXPECT_TRUE(reader.OptionalStrings("l").empty());
                   EXPECT_TRUE(reader.OptionalIntegers("n", 1, 2).empty());
                   EXPECT_FALSE(reader.OptionalChoice("c", {"one"}));
                   EXPECT_EQ(reader.OptionalTable("t"), nullptr);
                   EXPECT_TRUE(reader.OptionalTables("v").empty());
                   EXPECT_EQ(reader.Any("a"), nullptr);
                   EXPECT_FALSE(reader.Has("a"));
                 }),
            "");
}

TEST(TableReaderTest, WhatIsMissingIsNamedAndNeutral) {
  EXPECT_EQ(Said(
                "",
                [](TableReader& reader) {
                  EXPECT_EQ(reader.RequiredString("s"), "");
                  EXPECT_EQ(reader.RequiredInteger("i", 3, 5), 3);
                  EXPECT_TRUE(reader.RequiredStrings("l").empty());
                  EXPECT_FALSE(reader.RequiredChoice("c", {"one"}));
                  EXPECT_EQ(reader.RequiredTable("t"), nullptr);
                  EXPECT_TRUE(reader.RequiredTables("v").empty());
                },
                "[x]"),
            "1:1: error: missing 's' in [x]\n1:1: error: missing 'i' in [x]\n"
            "1:1: error: missing 'l' in [x]\n1:1: error: missing 'c' in [x]\n"
            "1:1: error: missing [x.t] in [x]\n1:1: error: missing [[x.v]] in [x]\n");
}

struct TypeCase {
  std::string text;
  std::function<void(TableReader&)> read;
  std::string said;
};

TEST(TableReaderTest, WrongTypesAreNamedWithWhatToWrite) {
  const TypeCase cases[] = {
      {"k = 1", [](TableReader& r) { EXPECT_EQ(r.RequiredString("k"), ""); },
       "1:5: error: 'k' must be a string, not an integer; put it in double quotes\n"},
      {"k = 1.5", [](TableReader& r) { EXPECT_FALSE(r.OptionalString("k")); },
       "1:5: error: 'k' must be a string, not a float; put it in double quotes\n"},
      {"k = [1]", [](TableReader& r) { r.OptionalString("k"); },
       "1:5: error: 'k' must be a string, not an array\n"},
      {"k = ''", [](TableReader& r) { r.RequiredString("k"); },
       "1:5: error: 'k' must not be empty\n"},
      {"k = ''", [](TableReader& r) { EXPECT_EQ(r.OptionalString("k"), ""); }, ""},
      {"k = '12'", [](TableReader& r) { EXPECT_EQ(r.RequiredInteger("k", 4, 20), 4); },
       "1:5: error: 'k' must be an integer, not a string; write 12 without quotes\n"},
      {"k = 'x'", [](TableReader& r) { r.OptionalInteger("k", 0, 1); },
       "1:5: error: 'k' must be an integer, not a string\n"},
      {"k = 21", [](TableReader& r) { EXPECT_EQ(r.RequiredInteger("k", 4, 20), 4); },
       "1:5: error: 'k' must be between 4 and 20, not 21\n"},
      {"k = 3", [](TableReader& r) { EXPECT_FALSE(r.OptionalInteger("k", 4, 20)); },
       "1:5: error: 'k' must be between 4 and 20, not 3\n"},
      {"k = 1", [](TableReader& r) { EXPECT_FALSE(r.OptionalBool("k")); },
       "1:5: error: 'k' must be true or false, not an integer\n"},
      {"k = 'x'", [](TableReader& r) { EXPECT_TRUE(r.RequiredStrings("k").empty()); },
       "1:5: error: 'k' must be an array of strings, not a string; put it between [ and ]\n"},
      {"k = []", [](TableReader& r) { r.RequiredStrings("k"); },
       "1:5: error: 'k' must not be empty\n"},
      {"k = []", [](TableReader& r) { r.OptionalStrings("k"); }, ""},
      {"k = ['x', 2]", [](TableReader& r) { EXPECT_EQ(r.OptionalStrings("k").size(), 1U); },
       "1:11: error: 'k' must be an array of strings, but this is an integer\n"},
      {"k = [1, 9]", [](TableReader& r) { EXPECT_EQ(r.OptionalIntegers("k", 0, 5).size(), 1U); },
       "1:9: error: 'k' must be between 0 and 5, not 9\n"},
      {"k = 1", [](TableReader& r) { r.OptionalIntegers("k", 0, 5); },
       "1:5: error: 'k' must be an array of integers, not an integer; put it between [ and ]\n"},
      {"[k]", [](TableReader& r) { EXPECT_TRUE(r.OptionalTables("k").empty()); },
       "1:1: error: 'k' must be an array of tables, not a table; write [[k]]\n"},
      {"[[k]]", [](TableReader& r) { EXPECT_EQ(r.RequiredTable("k"), nullptr); },
       "1:1: error: 'k' must be a table, not an array; write [k], once\n"},
      {"k = true", [](TableReader& r) { r.OptionalTable("k"); },
       "1:5: error: 'k' must be a table, not a boolean\n"},
      {"k = 5", [](TableReader& r) { EXPECT_FALSE(r.OptionalChoice("k", {"a"})); },
       "1:5: error: 'k' must be a string, not an integer; put it in double quotes\n"},
      {"k = 'keeep'",
       [](TableReader& r) {
         EXPECT_FALSE(r.OptionalChoice("k", {"keep", "all"}));
       },
       "1:5: error: 'keeep' is not a value of 'k'; did you mean 'keep'?\n"},
      {"k = 'blue'",
       [](TableReader& r) {
         r.RequiredChoice("k", {"keep", "all"});
       },
       "1:5: error: 'blue' is not a value of 'k'; known: keep, all\n"},
  };
  for (const TypeCase& c : cases) EXPECT_EQ(Said(c.text, c.read), c.said) << c.text;
}

TEST(TableReaderTest, UnknownKeyComesWithTheNearestOrAll) {
  const auto read = [](TableReader& reader) {
    reader.OptionalString("size");
    reader.OptionalString("sha256");
  };
  EXPECT_EQ(Said("sha265 = 'x'\n", read),
            "1:1: error: unknown key 'sha265' in the file; did you mean 'sha256'?\n");
  EXPECT_EQ(Said("zzz = 'x'\n", read),
            "1:1: error: unknown key 'zzz' in the file; known: size, sha256\n");
  // Already there: a second one is still what was meant.
  EXPECT_EQ(Said("size = 'x'\nsiez = 'y'\n", read),
            "2:1: error: unknown key 'siez' in the file; did you mean 'size'?\n");
}

TEST(TableReaderTest, MisspeltRequiredKeyIsOneMistake) {
  EXPECT_EQ(Said("siez = 5\n",
                 [](TableReader& reader) {
                   reader.RequiredInteger("size", 0, 9);
                   reader.RequiredString("name");
                 }),
            "1:1: error: unknown key 'siez' in the file; did you mean 'size'?\n"
            "1:1: error: missing 'name' in the file\n");
}

TEST(TableReaderTest, UnknownKeyCannotSteerATerminal) {
  EXPECT_EQ(Said("\"a\\u001B[2J\" = 1\n", [](TableReader& reader) { reader.OptionalString("q"); }),
            "1:1: error: unknown key 'a?[2J' in the file; known: q\n");
}

TEST(TableReaderTest, ComplaintStandsAtTheValueOrTheTable) {
  EXPECT_EQ(Said("k = 5\n",
                 [](TableReader& reader) {
                   reader.Any("k");
                   reader.Complain("k", "about k");
                   reader.Complain("absent", "about the table");
                   EXPECT_EQ(reader.PositionOf("k").column, 5U);
                 }),
            "1:1: error: about the table\n1:5: error: about k\n");
}

}  // namespace
}  // namespace lastgood::toml
