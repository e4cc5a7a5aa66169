// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "sim/python_lexer.h"

namespace lastgood::sim {
namespace {

using Kind = PythonToken::Kind;

// One token a word: n:name i:integer s:string o:operator, "$" line end, "." end, "!" error.
std::string Describe(std::string_view source) {
  std::string out;
  for (const PythonToken& token : LexPython(source)) {
    if (!out.empty()) out += ' ';
    switch (token.kind) {
      case Kind::kName:
        out += "n:" + token.text;
        break;
      case Kind::kInteger:
        out += "i:" + std::to_string(token.integer);
        break;
      case Kind::kString:
        out += "s:" + token.text;
        break;
      case Kind::kOperator:
        out += "o:" + token.text;
        break;
      case Kind::kNewline:
        out += "$";
        break;
      case Kind::kEnd:
        out += ".";
        break;
      case Kind::kError:
        out += "!" + std::string(token.error_type) + ": " + token.text;
        break;
    }
  }
  return out;
}

TEST(PythonLexerTest, TellsTokensApart) {
  const struct {
    const char* source;
    const char* tokens;
  } rows[] = {
      {"", "."},
      {"x", "n:x $ ."},
      {"x1 _y", "n:x1 n:_y $ ."},
      {"a**b*c", "n:a o:** n:b o:* n:c $ ."},
      {"a//=b", "n:a o://= n:b $ ."},
      {"a<<b<=c<d", "n:a o:<< n:b o:<= n:c o:< n:d $ ."},
      {"f(1,x=2).y[0];", "n:f o:( i:1 o:, n:x o:= i:2 o:) o:. n:y o:[ i:0 o:] o:; $ ."},
      {"0 10 1_000 0x1F 0b101 0o17 00", "i:0 i:10 i:1000 i:31 i:5 i:15 i:0 $ ."},
      {"9223372036854775807", "i:9223372036854775807 $ ."},
      {"'a' \"b\" '' 'it\"s'", "s:a s:b s: s:it\"s $ ."},
      {"'\\'\\\\\\x41\\q'", "s:'\\A\\q $ ."},
      {"# nothing", "."},
      {"x # y", "n:x $ ."},
      {"'#'", "s:# $ ."},
  };
  for (const auto& row : rows) EXPECT_EQ(Describe(row.source), row.tokens) << row.source;
}

TEST(PythonLexerTest, EndsLinesOutsideOfBrackets) {
  EXPECT_EQ(Describe("a\nb\rc\r\nd"), "n:a $ n:b $ n:c $ n:d $ .");
  EXPECT_EQ(Describe("\n\n  \n# x\n\na\n\n"), "n:a $ .");
  EXPECT_EQ(Describe("(a,\n  b)\nc"), "o:( n:a o:, n:b o:) $ n:c $ .");
  EXPECT_EQ(Describe("x[\n0]"), "n:x o:[ i:0 o:] $ .");
  EXPECT_EQ(Describe(")\n)"), "o:) $ o:) $ .");
}

TEST(PythonLexerTest, CountsLinesAsTracebacksDo) {
  EXPECT_EQ(LexPython("\n\nx")[0].line, 3);
  EXPECT_EQ(LexPython("\r\n\r\nx")[0].line, 3);
  EXPECT_EQ(LexPython("\r\rx")[0].line, 3);
  EXPECT_EQ(LexPython("(\n\nx")[1].line, 3);
}

TEST(PythonLexerTest, StopsAtTheFirstError) {
  const struct {
    const char* source;
    const char* error;
  } rows[] = {
      {"'abc", "!SyntaxError: invalid syntax"},
      {"'abc\n'", "!SyntaxError: invalid syntax"},
      {"'abc\\", "!SyntaxError: invalid syntax"},
      {"'\\x4", "!SyntaxError: invalid syntax"},
      {"'\\xg1'", "!SyntaxError: invalid syntax"},
      {"$ x", "!SyntaxError: invalid syntax"},
      {"? x", "!SyntaxError: invalid syntax"},
      {"\xff", "!SyntaxError: invalid syntax"},
      {" x", "!IndentationError: unexpected indent"},
      {"12ab", "!SyntaxError: invalid syntax for integer with base 10: '12ab'"},
      {"0x", "!SyntaxError: invalid syntax for integer with base 16: ''"},
      {"0b12", "!SyntaxError: invalid syntax for integer with base 2: '12'"},
      {"9223372036854775808", "!OverflowError: overflow converting long int to machine word"},
      {"1.5", "!NotImplementedError: the simulated console knows no float"},
      {"1.", "!NotImplementedError: the simulated console knows no float"},
      {"1e5", "!NotImplementedError: the simulated console knows no float"},
      {"f'{x}'", "!NotImplementedError: the simulated console knows no prefixed strings"},
      {"rb\"x\"", "!NotImplementedError: the simulated console knows no prefixed strings"},
  };
  for (const auto& row : rows) EXPECT_EQ(Describe(row.source), row.error) << row.source;
}

}  // namespace
}  // namespace lastgood::sim
