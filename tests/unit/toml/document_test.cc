// SPDX-License-Identifier: MIT
#include "toml/document.h"

#include <gtest/gtest.h>

#include <string>

namespace lastgood::toml {
namespace {

Document MustParse(std::string text) {
  auto document = Document::Parse(std::move(text), "t.toml");
  EXPECT_TRUE(document.has_value()) << document.error().message;
  return document ? *document : Document();
}

std::string MessageFor(std::string text) {
  const auto document = Document::Parse(std::move(text), "t.toml");
  if (document) return "it is valid";
  EXPECT_EQ(document.error().code, ExitCode::kInvalidManifest);
  return document.error().message;
}

std::string At(Position position) {
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

const Table& TableAt(const Table& table, std::string_view key) {
  return std::get<Table>(table.entries.find(key)->second.data);
}

TEST(DocumentTest, EveryTypeOfValueIsKept) {
  const Document document =
      MustParse("s = 'x'\ni = 0x10\nf = 1.5\nb = true\na = [1]\nt = {k = 2}\n");
  const Table& root = document.root();
  EXPECT_EQ(std::get<std::string>(root.entries.at("s").data), "x");
  EXPECT_EQ(std::get<std::int64_t>(root.entries.at("i").data), 16);
  EXPECT_EQ(std::get<double>(root.entries.at("f").data), 1.5);
  EXPECT_EQ(std::get<bool>(root.entries.at("b").data), true);
  EXPECT_EQ(std::get<Array>(root.entries.at("a").data).size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(TableAt(root, "t").entries.at("k").data), 2);
}

TEST(DocumentTest, KeysKeepTheOrderOfTheText) {
  const Document document = MustParse("zebra = 1\napple = 2\n[mango]\n[banana]\n");
  EXPECT_EQ(document.root().order, (std::vector<std::string>{"zebra", "apple", "mango", "banana"}));
}

TEST(DocumentTest, PositionsPointAtKeysValuesAndHeaders) {
  const Document document = MustParse("a = 1\n  [t.u]\n  k = [10, 'x']\n[[l]]\n[[l]]\n");
  const Table& root = document.root();
  EXPECT_EQ(At(root.position), "1:1");
  EXPECT_EQ(At(root.entries.at("a").position), "1:5");
  const Table& inner = TableAt(TableAt(root, "t"), "u");
  EXPECT_EQ(At(inner.position), "2:3");
  EXPECT_EQ(At(root.key_positions.at("t")), "2:4");
  EXPECT_EQ(At(inner.key_positions.at("k")), "3:3");
  const Array& array = std::get<Array>(inner.entries.at("k").data);
  EXPECT_EQ(At(array[0].position), "3:8");
  EXPECT_EQ(At(array[1].position), "3:12");
  EXPECT_EQ(At(std::get<Array>(root.entries.at("l").data)[1].position), "5:1");
}

TEST(DocumentTest, ColumnsCountBytesBehindOtherScripts) {
  const Document document = MustParse("a = ['é', '確', 7]\n");
  const Array& array = std::get<Array>(document.root().entries.at("a").data);
  EXPECT_EQ(At(array[1].position), "1:12");
  EXPECT_EQ(At(array[2].position), "1:19");
}

TEST(DocumentTest, ByteOrderMarkIsNoPartOfTheText) {
  const Document document = MustParse(
      "\xEF\xBB\xBF"
      "a = 1\n");
  EXPECT_EQ(document.text(), "a = 1\n");
  EXPECT_EQ(At(document.root().entries.at("a").position), "1:5");
}

TEST(DocumentTest, CarriageReturnsAreNotShown) {
  EXPECT_EQ(MustParse("a = 1\r\nb = 2\r\n").Diagnose({2, 5}, "no"),
            "t.toml:2:5: error: no\n   2 | b = 2\n     |     ^");
}

TEST(DocumentTest, EmptyTextIsAnEmptyTable) {
  EXPECT_TRUE(MustParse("").root().entries.empty());
  EXPECT_TRUE(MustParse("# nothing\n").root().entries.empty());
}

TEST(DocumentTest, UnparsedDocumentIsEmptyAndCanComplain) {
  const Document document;
  EXPECT_TRUE(document.root().entries.empty());
  EXPECT_EQ(document.Diagnose({}, "no"), ": error: no");
}

TEST(DocumentTest, CopiesShareTheirText) {
  const Document document = MustParse("a = 1\n");
  const Document copy = document;
  EXPECT_EQ(&copy.text(), &document.text());
}

TEST(DocumentTest, TextOfOneMebibyteIsTheLargest) {
  std::string text(std::size_t{1} << 20, ' ');
  EXPECT_EQ(MessageFor(text), "it is valid");
  text += ' ';
  EXPECT_EQ(MessageFor(text), "t.toml: error: 1048577 bytes is too large, at most 1 MiB is read");
}

TEST(DocumentTest, Utf16IsNamed) {
  EXPECT_EQ(MessageFor(std::string("\xFF\xFE"
                                   "a\0=\0001\0",
                                   8)),
            "t.toml: error: the file is UTF-16; save it as UTF-8");
  EXPECT_EQ(MessageFor("\xFE\xFF"), "t.toml: error: the file is UTF-16; save it as UTF-8");
}

TEST(DocumentTest, EveryDateIsShownWithItsPlace) {
  EXPECT_EQ(MessageFor("a = 2024-01-05\nb = [12:30:00]\n"),
            "t.toml:1:5: error: a date or time is not a value here; text stands in double quotes\n"
            "   1 | a = 2024-01-05\n     |     ^\n"
            "t.toml:2:6: error: a date or time is not a value here; text stands in double quotes\n"
            "   2 | b = [12:30:00]\n     |      ^");
}

// Each of these once cost a parser its stack.
TEST(DocumentTest, DeepNestingIsRefusedInEveryNotation) {
  const std::size_t many = 100'000;
  std::string dotted = "a";
  for (std::size_t i = 0; i < many; ++i) dotted += ".a";
  for (const std::string& text :
       {std::string("a = ") + std::string(many, '['), dotted + " = 1\n", "[" + dotted + "]\n",
        std::string("x = {") + dotted + " = 1}\n"}) {
    EXPECT_NE(MessageFor(text).find("error: nested too deeply"), std::string::npos);
  }
}

TEST(DocumentTest, ManyValuesOnOneLineOfAnotherScriptAreReadOnce) {
  std::string text = "a = ['é'";
  while (text.size() < 200'000) text += ",1";
  EXPECT_EQ(MessageFor(text + "]\n"), "it is valid");
}

TEST(DiagnosticsTest, NothingNotedIsSuccess) {
  const Diagnostics diagnostics(MustParse("a = 1\n"));
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_TRUE(diagnostics.ToResult().has_value());
}

TEST(DiagnosticsTest, MistakesStandInOrderOfPosition) {
  Diagnostics diagnostics(MustParse("a = 1\nb = 2\n"));
  diagnostics.Add({2, 5}, "third");
  diagnostics.Add({1, 5}, "second");
  diagnostics.Add({1, 1}, "first");
  EXPECT_EQ(diagnostics.ToResult().error().message,
            "t.toml:1:1: error: first\n   1 | a = 1\n     | ^\n"
            "t.toml:1:5: error: second\n   1 | a = 1\n     |     ^\n"
            "t.toml:2:5: error: third\n   2 | b = 2\n     |     ^");
}

TEST(DiagnosticsTest, ReplacedMistakeIsGone) {
  Diagnostics diagnostics(MustParse("a = 1\n"));
  diagnostics.Add({1, 1}, "old");
  diagnostics.Replace(0, {1, 5}, "new");
  EXPECT_EQ(diagnostics.count(), 1U);
  EXPECT_EQ(diagnostics.ToResult().error().message,
            "t.toml:1:5: error: new\n   1 | a = 1\n     |     ^");
}

TEST(DiagnosticsTest, TwentyMistakesAreShownAndTheRestCounted) {
  Diagnostics diagnostics(MustParse("a = 1\n"));
  for (int i = 0; i < 20; ++i) diagnostics.Add({1, 1}, "bad");
  EXPECT_EQ(diagnostics.ToResult().error().message.find("more"), std::string::npos);
  for (int i = 0; i < 3; ++i) diagnostics.Add({1, 1}, "bad");
  const std::string message = diagnostics.ToResult().error().message;
  EXPECT_TRUE(message.ends_with("\nt.toml: error: and 3 more")) << message;
}

}  // namespace
}  // namespace lastgood::toml
