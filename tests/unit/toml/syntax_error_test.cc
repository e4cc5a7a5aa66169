// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "toml/document.h"

namespace lastgood::toml {
namespace {

// First line of what is said about `text`, without the file's name.
std::string Said(const std::string& text) {
  const auto document = Document::Parse(text, "t");
  if (document) return "it is valid";
  const std::string& message = document.error().message;
  return message.substr(2, message.find('\n') - 2);
}

struct Slip {
  std::string text;
  std::string said;
};

TEST(SyntaxErrorTest, EverySlipIsNamedAtItsPlace) {
  const Slip slips[] = {
      {"a = \"x\n", "1:5: error: this string has no closing quote"},
      {"a = 'x\nb = 1\n", "1:5: error: this string has no closing quote"},
      {"\"a = 1\n", "1:1: error: this string has no closing quote"},
      {"a = ['x, 'y']\n", "1:11: error: a ',' or the closing ']' is missing before this"},
      {"a = \"\"\"x\n", "1:5: error: this string has no closing quote"},
      {"a = x's\n", "1:5: error: 'x's' is not a value; text stands in double quotes"},
      {"a = yes\n", "1:5: error: 'yes' is not a value; text stands in double quotes"},
      {"a = http://x/y\n", "1:5: error: 'http://x/y' is not a value; text stands in double quotes"},
      {"a = f7aa\n", "1:5: error: 'f7aa' is not a value; text stands in double quotes"},
      {"a = True\n", "1:5: error: 'True' is not a value; write true in lower case"},
      {"a = FALSE\n", "1:5: error: 'FALSE' is not a value; write false in lower case"},
      {"a = “x”\n", "1:5: error: a curly quote does not quote; write \" instead"},
      {"a = [1, ‘x’]\n", "1:9: error: a curly quote does not quote; write \" instead"},
      {"a = 1.22.1\n", "1:5: error: '1.22.1' is not a number; text stands in double quotes"},
      {"a = 627K\n", "1:5: error: '627K' is not a number; text stands in double quotes"},
      {"a = 0123\n", "1:5: error: '0123' is not a number: leading zeroes are prohibited"},
      {"a = 0xZZ\n", "1:5: error: '0xZZ' is not a number; text stands in double quotes"},
      {"a = 99999999999999999999\n", "1:5: error: '99999999999999999999' is too large a number"},
      {"a = 641,964\n", "1:8: error: unexpected ',' after the value"},
      {"a = \"x\" b = 2\n", "1:9: error: unexpected 'b' after the value"},
      {"a = 1\na = 2\n", "2:1: error: duplicate key 'a'"},
      {"a.b = 1\na.b = 2\n", "2:1: error: duplicate key 'a.b'"},
      {"x = { aa = 1, aa = 2 }\n", "1:15: error: duplicate key 'aa'"},
      {"[a]\n[a]\n", "2:1: error: duplicate table [a]"},
      {"[[a]]\n[a]\n", "2:1: error: 'a' is a list of tables; write [[a]]"},
      {"[a]\n[[a]]\n", "2:1: error: 'a' stands above as a single table; write [[a]] each time"},
      {"a = {b = 1}\n[a.c]\n", "2:6: error: a table between { and } cannot be added to later"},
      {"a =\n", "1:4: error: the value is missing"},
      {"a: 1\n", "1:2: error: expected '=', saw ':'"},
      {"a 1\n", "1:3: error: expected '=', saw '1'"},
      {"= 1\n", "1:1: error: expected a key or a [table], not '='"},
      {"é = 1\n", "1:1: error: expected a key or a [table], not 'é'"},
      {"a = 1\n]\n", "2:1: error: expected a key or a [table], not ']'"},
      {"<html>\n", "1:1: error: this looks like a web page, not like TOML"},
      {"[a\nb = 1\n", "1:3: error: the closing ']' of the table's name is missing"},
      {"a = [1, 2\nb = 3\n", "2:1: error: a ',' or the closing ']' is missing before this"},
      {"a = {b = 1 c = 2}\n", "1:12: error: a ',' or the closing '}' is missing before this"},
      {"a = {b = 1,\n c = 2}\n", "1:12: error: an inline table must stand on one line"},
      {"a = {b = 1, }\n", "1:13: error: an inline table must not end with a comma"},
      {"a = \"\\d\"\n", "1:7: error: unknown escape; write '\\\\' for a backslash"},
      {"a = 1 # \x01\n", "1:9: error: a control character must not stand here"},
      {std::string("a = \0\n", 6), "1:5: error: a control character must not stand here"},
      {"a = [", "1:6: error: the file ends in the middle of this"},
  };
  for (const Slip& slip : slips) EXPECT_EQ(Said(slip.text), slip.said) << slip.text;
}

TEST(SyntaxErrorTest, PlaceIsCountedInBytesBehindOtherScripts) {
  EXPECT_EQ(Said("a = 'é' x\n"), "1:10: error: unexpected 'x' after the value");
}

TEST(SyntaxErrorTest, EarlierMistakeWinsOverALaterOpenString) {
  EXPECT_EQ(Said("a 1\nb = \"x\n"), "1:3: error: expected '=', saw '1'");
}

TEST(SyntaxErrorTest, ALongWordIsCut) {
  const std::string said = Said("a = " + std::string(1000, 'x') + "\n");
  EXPECT_LT(said.size(), 150U);
  EXPECT_NE(said.find("…"), std::string::npos);
}

}  // namespace
}  // namespace lastgood::toml
