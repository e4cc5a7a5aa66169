// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "sim/micropython_interpreter.h"
#include "unit/sim/console_driver.h"

namespace lastgood::sim {
namespace {

class InterpreterTest : public testing::Test {
 protected:
  // What is printed and echoed; after an error its last line instead.
  std::string Run(std::string_view source) {
    const auto outcome = interpreter_.Execute(source, true);
    if (outcome.traceback.empty()) return outcome.output;
    const std::string lines = outcome.traceback.substr(0, outcome.traceback.size() - 1);
    return lines.substr(lines.rfind('\n') + 1);
  }
  MicropythonInterpreter interpreter_{Micropython()};
};

TEST_F(InterpreterTest, PrecedenceIsPythons) {
  const struct {
    const char* source;
    const char* echo;
  } rows[] = {
      {"1 + 2 * 3 ** 2 // 4 - -5 % 3", "4\n"},
      {"-2 ** 2, (-2) ** 2, 2 ** -0", "(-4, 4, 1)\n"},
      {"- - +3, ~~7, -~0", "(3, 7, 1)\n"},
      {"1 | 2 ^ 3 & 4 << 1", "3\n"},
      {"1 + 1 << 2", "8\n"},
      {"not 1 == 2", "True\n"},
      {"not not 5, not not not 0", "(True, True)\n"},
      {"1 < 3 > 2 != 5", "True\n"},
      {"3 > 2 > 2", "False\n"},
      {"1 or 0 and 0", "1\n"},
      {"'' or 0 or 'x'", "'x'\n"},
      {"1 and 'a' and ()", "()\n"},
      {"'a' 'b' * 2", "'abab'\n"},
      {"(1), (1,), ()", "(1, (1,), ())\n"},
      {"1,", "(1,)\n"},
      {"len('abc') + len((1, 2))", "5\n"},
  };
  for (const auto& row : rows) EXPECT_EQ(Run(row.source), row.echo) << row.source;
}

TEST_F(InterpreterTest, WhatIsNotReachedIsNotEvaluated) {
  EXPECT_EQ(Run("0 and foo"), "0\n");
  EXPECT_EQ(Run("1 or foo.bar(1 // 0)"), "1\n");
  EXPECT_EQ(Run("1 and foo"), "NameError: name 'foo' isn't defined");
  EXPECT_EQ(Run("0 and )"), "SyntaxError: invalid syntax");
}

TEST_F(InterpreterTest, AssignmentsKeepTheirNames) {
  EXPECT_EQ(Run("x = 3"), "");
  EXPECT_EQ(Run("x += 4; x -= 1; x *= 10; x //= 7; x **= 2; x %= 50; x"), "14\n");
  EXPECT_EQ(Run("a = b = c = 'z'; a + b + c"), "'zzz'\n");
  EXPECT_EQ(Run("print = 5; print"), "SyntaxError: can't assign to expression");
  EXPECT_EQ(Run("True = 5"), "SyntaxError: can't assign to expression");
  EXPECT_EQ(Run("(x) = 5"), "SyntaxError: can't assign to expression");
  EXPECT_EQ(Run("x + 1 = 5"), "SyntaxError: can't assign to expression");
  EXPECT_EQ(Run("x += 1 += 2"), "SyntaxError: invalid syntax");
  EXPECT_EQ(Run("nope += 1"), "NameError: name 'nope' isn't defined");
  EXPECT_EQ(Run("x"), "14\n");
}

TEST_F(InterpreterTest, StatementsBeforeAnErrorHaveHappened) {
  const auto outcome = interpreter_.Execute("print(1)\nx = 2\nfoo\nx = 3\n", false);
  EXPECT_EQ(outcome.output, "1\n");
  EXPECT_EQ(outcome.traceback,
            "Traceback (most recent call last):\n  File \"<stdin>\", line 3, in <module>\n"
            "NameError: name 'foo' isn't defined\n");
  EXPECT_EQ(Run("x"), "2\n");
}

TEST_F(InterpreterTest, PrintTakesSeparatorAndEnd) {
  EXPECT_EQ(Run("print()"), "\n");
  EXPECT_EQ(Run("print('a', 1, None, (1,), 'it\\'s')"), "a 1 None (1,) it's\n");
  EXPECT_EQ(Run("print(1, 2, sep='', end='')"), "12");
  EXPECT_EQ(Run("print(1, 2, sep=', ')"), "1, 2\n");
  EXPECT_EQ(Run("print(1,)"), "1\n");
  EXPECT_EQ(Run("print(print(1))"), "1\nNone\n");
  EXPECT_EQ(Run("print(1, flush=True)"), "TypeError: extra keyword arguments given");
  EXPECT_EQ(Run("len('a', end='')"), "TypeError: function doesn't take keyword arguments");
}

TEST_F(InterpreterTest, EchoIsForExpressionsThatAreNotNone) {
  EXPECT_EQ(Run("1; 'a'; None; x = 5; x; print()"), "1\n'a'\n5\n\n");
  EXPECT_EQ(interpreter_.Execute("1; 'a'", false).output, "");
}

TEST_F(InterpreterTest, ImportsBindNames) {
  EXPECT_EQ(Run("sys"), "NameError: name 'sys' isn't defined");
  EXPECT_EQ(Run("import sys, uos as o; sys, o"), "(<module 'sys'>, <module 'os'>)\n");
  EXPECT_EQ(Run("import nope"), "ImportError: no module named 'nope'");
  EXPECT_EQ(Run("import network"), "NotImplementedError: the simulated board has no 'network'");
  EXPECT_EQ(Run("import"), "SyntaxError: invalid syntax");
  EXPECT_EQ(Run("import 5"), "SyntaxError: invalid syntax");
  EXPECT_EQ(Run("import sys sys"), "SyntaxError: invalid syntax");
}

TEST_F(InterpreterTest, CallsAndAttributesFailAsMicropythonsDo) {
  const struct {
    const char* source;
    const char* error;
  } rows[] = {
      {"3()", "TypeError: 'int' object isn't callable"},
      {"'a'.upper()", "AttributeError: 'str' object has no attribute 'upper'"},
      {"(1).real", "AttributeError: 'int' object has no attribute 'real'"},
      {"import gc; gc.nope", "AttributeError: module 'gc' has no attribute 'nope'"},
      {"import sys; sys.implementation.nope",
       "AttributeError: 'tuple' object has no attribute 'nope'"},
      {"len()", "TypeError: function takes 1 positional arguments but 0 were given"},
      {"import gc; gc.mem_free(1)",
       "TypeError: function takes 0 positional arguments but 1 were given"},
      {"len(5)", "TypeError: object of type 'int' has no len()"},
      {"hex('a')", "TypeError: can't convert str to int"},
      {"print(1", "SyntaxError: invalid syntax"},
      {"print(1 2)", "SyntaxError: invalid syntax"},
      {"print(,)", "SyntaxError: invalid syntax"},
      {"x.", "SyntaxError: invalid syntax"},
      {"x.5", "SyntaxError: invalid syntax"},
      {"()[", "SyntaxError: invalid syntax"},
      {"*", "SyntaxError: invalid syntax"},
      {"[1]", "NotImplementedError: the simulated console knows no '[' here"},
      {"x = yield", "NotImplementedError: the simulated console knows no 'yield' here"},
      {"if 1: pass", "NotImplementedError: the simulated console knows no 'if' here"},
  };
  for (const auto& row : rows) EXPECT_EQ(Run(row.source), row.error) << row.source;
}

TEST_F(InterpreterTest, MembershipIsOfTuplesListsAndStrings) {
  EXPECT_EQ(Run("'a' in ('a', 'b'), 'c' in ('a', 'b'), 'c' not in ('a',)"),
            "(True, False, True)\n");
  EXPECT_EQ(Run("'bc' in 'abcd', '' in '', 'x' not in 'abc'"), "(True, True, True)\n");
  EXPECT_EQ(Run("not 1 in (1,)"), "False\n");
  EXPECT_EQ(Run("'a' in 2"), "TypeError: 'int' object isn't iterable");
  EXPECT_EQ(Run("1 in 2"), "TypeError: unsupported types for : 'int', 'int'");
  EXPECT_EQ(Run("1 in 'abc'"), "TypeError: can't convert 'int' object to str implicitly");
  EXPECT_EQ(Run("1 in"), "SyntaxError: invalid syntax");
  EXPECT_EQ(Run("1 not 2"), "SyntaxError: invalid syntax");
}

TEST_F(InterpreterTest, FilesAreThoseOfAFirstStart) {
  EXPECT_EQ(Run("import os; os.listdir()"), "['boot.py']\n");
  EXPECT_EQ(Run("os.listdir('/'), len(os.listdir()), os.listdir()[0]"),
            "(['boot.py'], 1, 'boot.py')\n");
  EXPECT_EQ(Run("'boot.py' in os.listdir(), 'main.py' in os.listdir()"), "(True, False)\n");
  EXPECT_EQ(Run("'lib' in os.listdir() and 'x.py' in os.listdir('lib')"), "False\n");
  EXPECT_EQ(Run("os.listdir('lib')"), "OSError: [Errno 2] ENOENT");
  EXPECT_EQ(Run("os.listdir(1)"), "TypeError: can't convert 'int' object to str implicitly");
  EXPECT_EQ(Run("os.listdir() == ('boot.py',)"), "False\n");
}

TEST_F(InterpreterTest, HelpSaysWhatTheConsoleIs) {
  EXPECT_NE(Run("help()").find("This console is simulated."), std::string::npos);
}

TEST_F(InterpreterTest, EndlessLoopIsEndlessOnlyWhenItsConditionHolds) {
  EXPECT_TRUE(interpreter_.Execute("while True: pass", false).runs_for_ever);
  EXPECT_FALSE(interpreter_.Execute("while 0: pass", false).runs_for_ever);
  EXPECT_FALSE(interpreter_.Execute("while foo: pass", false).runs_for_ever);
  const auto outcome = interpreter_.Execute("print(1)\nwhile 1: pass\nprint(2)", false);
  EXPECT_EQ(outcome.output, "1\n");
  EXPECT_TRUE(outcome.runs_for_ever);
}

}  // namespace
}  // namespace lastgood::sim
