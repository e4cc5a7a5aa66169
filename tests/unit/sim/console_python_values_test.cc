// SPDX-License-Identifier: MIT
// Values and operators of the built-in console's interpreter.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sim/python_arithmetic.h"

namespace lastgood::sim {
namespace {

PythonValue Int(std::int64_t number) { return number; }
PythonValue Text(std::string text) { return text; }

// The result's repr, or "Type: message".
std::string Shown(const PythonResult& result) {
  return result ? Repr(*result) : result.error().type + ": " + result.error().message;
}

std::string Operate(const PythonValue& left, const char* op, const PythonValue& right,
                    bool short_messages = true) {
  return Shown(BinaryOperation(op, left, right, short_messages));
}

TEST(PythonValueTest, ReprQuotesAsMicropythonDoes) {
  const struct {
    std::string text;
    const char* repr;
  } rows[] = {
      {"abc", "'abc'"},
      {"it's", "\"it's\""},
      {"say \"x\"", "'say \"x\"'"},
      {"'\"", "'\\'\"'"},
      {"a\\b", "'a\\\\b'"},
      {"\n\r\t", "'\\n\\r\\t'"},
      {"\x01\x7f", "'\\x01\\x7f'"},
      {std::string(1, '\0'), "'\\x00'"},
      {"", "''"},
  };
  for (const auto& row : rows) EXPECT_EQ(Repr(row.text), row.repr);
}

TEST(PythonValueTest, ReprAndTruthOfEveryType) {
  const struct {
    PythonValue value;
    const char* type;
    const char* repr;
    bool truth;
  } rows[] = {
      {PythonNone(), "NoneType", "None", false},
      {true, "bool", "True", true},
      {false, "bool", "False", false},
      {Int(0), "int", "0", false},
      {Int(-5), "int", "-5", true},
      {Text(""), "str", "''", false},
      {Text("x"), "str", "'x'", true},
      {MakeTuple({}), "tuple", "()", false},
      {MakeTuple({Int(1)}), "tuple", "(1,)", true},
      {MakeTuple({Int(1), Text("a"), MakeTuple({PythonNone()})}), "tuple", "(1, 'a', (None,))",
       true},
      {MakeTuple({Int(1)}, {"a"}), "tuple", "(a=1)", true},
      {PythonModule::kSys, "module", "<module 'sys'>", true},
      {PythonFunction::kLen, "function", "<function>", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(TypeName(row.value), row.type);
    EXPECT_EQ(Repr(row.value), row.repr);
    EXPECT_EQ(IsTrue(row.value), row.truth) << row.repr;
  }
  EXPECT_EQ(Str(Text("it's")), "it's");
  EXPECT_EQ(Str(Int(3)), "3");
}

TEST(PythonValueTest, ValuesBeyondTheBoardsMemoryAreRefused) {
  EXPECT_TRUE(Bounded(Text(std::string(kPythonWeightMax - 1, 'x'))));
  EXPECT_EQ(Shown(Bounded(Text(std::string(kPythonWeightMax, 'x')))),
            "MemoryError: memory allocation failed, allocating 8193 bytes");
  PythonValue nested = Int(1);
  for (int depth = 0; depth < kPythonDepthMax; ++depth) nested = MakeTuple({nested});
  EXPECT_TRUE(Bounded(nested));
  EXPECT_FALSE(Bounded(MakeTuple({nested})));
}

TEST(PythonArithmeticTest, DivisionRoundsDownAndRemainderFollowsTheDivisor) {
  constexpr std::uint32_t kSeed = 4711;
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<std::int64_t> any(-1000, 1000);
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t a = any(random);
    const std::int64_t b = any(random);
    if (b == 0) continue;
    const auto quotient = std::get<std::int64_t>(*BinaryOperation("//", Int(a), Int(b), true));
    const auto remainder = std::get<std::int64_t>(*BinaryOperation("%", Int(a), Int(b), true));
    ASSERT_EQ(quotient * b + remainder, a) << a << " " << b << " seed " << kSeed;
    ASSERT_TRUE(b > 0 ? (remainder >= 0 && remainder < b) : (remainder <= 0 && remainder > b))
        << a << " " << b << " seed " << kSeed;
  }
}

TEST(PythonArithmeticTest, OperatorsOnIntegersBoolsAndStrings) {
  EXPECT_EQ(Operate(Int(2), "+", true), "3");
  EXPECT_EQ(Operate(true, "*", true), "1");
  EXPECT_EQ(Operate(Int(6), "&", Int(3)), "2");
  EXPECT_EQ(Operate(Int(6), "|", Int(3)), "7");
  EXPECT_EQ(Operate(Int(6), "^", Int(3)), "5");
  EXPECT_EQ(Operate(Int(-2), "**", Int(3)), "-8");
  EXPECT_EQ(Operate(Text("a"), "+", Text("b")), "'ab'");
  EXPECT_EQ(Operate(Text("ab"), "*", Int(2)), "'abab'");
  EXPECT_EQ(Operate(Int(2), "*", Text("ab")), "'abab'");
  EXPECT_EQ(Operate(Text("ab"), "*", Int(-1)), "''");
}

TEST(PythonArithmeticTest, ErrorsAreWordedAsMicropythonWordsThem) {
  EXPECT_EQ(Operate(Int(1), "//", Int(0)), "ZeroDivisionError: divide by zero");
  EXPECT_EQ(Operate(Int(1), "%", Int(0), false), "ZeroDivisionError: division by zero");
  EXPECT_EQ(Operate(Int(1), "<<", Int(-1)), "ValueError: negative shift count");
  EXPECT_EQ(Operate(Int(1), "-", Text("a")),
            "TypeError: unsupported types for __sub__: 'int', 'str'");
  EXPECT_EQ(Operate(PythonNone(), "+", PythonNone()),
            "TypeError: unsupported types for __add__: 'NoneType', 'NoneType'");
  EXPECT_EQ(Operate(MakeTuple({}), "**", PythonModule::kGc),
            "TypeError: unsupported types for __pow__: 'tuple', 'module'");
  EXPECT_EQ(Shown(UnaryOperation("-", Text("a"))),
            "TypeError: unsupported type for __neg__: 'str'");
  EXPECT_EQ(Shown(UnaryOperation("+", PythonNone())),
            "TypeError: unsupported type for __pos__: 'NoneType'");
  EXPECT_EQ(Shown(UnaryOperation("~", MakeTuple({}))),
            "TypeError: unsupported type for __invert__: 'tuple'");
}

TEST(PythonArithmeticTest, ComparisonsOrderWhatCanBeOrdered) {
  const struct {
    PythonValue left;
    const char* op;
    PythonValue right;
    const char* shown;
  } rows[] = {
      {Int(1), "<", Int(2), "True"},
      {Int(2), "<=", Int(2), "True"},
      {Int(2), ">", Int(2), "False"},
      {true, "==", Int(1), "True"},
      {Text("a"), "<", Text("b"), "True"},
      {Text("b"), ">=", Text("a"), "True"},
      {Text("1"), "==", Int(1), "False"},
      {Text("1"), "!=", Int(1), "True"},
      {PythonNone(), "==", PythonNone(), "True"},
      {PythonNone(), "==", Int(0), "False"},
      {PythonModule::kGc, "==", PythonModule::kGc, "True"},
      {PythonModule::kGc, "==", PythonModule::kSys, "False"},
      {MakeTuple({Int(1), Text("a")}), "==", MakeTuple({Int(1), Text("a")}), "True"},
      {MakeTuple({Int(1)}), "==", MakeTuple({Int(1), Int(2)}), "False"},
      {MakeTuple({}), "<", MakeTuple({}),
       "TypeError: unsupported types for __lt__: 'tuple', 'tuple'"},
      {Int(1), ">=", Text("a"), "TypeError: unsupported types for __ge__: 'int', 'str'"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(Shown(Comparison(row.op, row.left, row.right)), row.shown)
        << Repr(row.left) << row.op << Repr(row.right);
}

TEST(PythonArithmeticTest, SubscriptsCountFromBothEnds) {
  const PythonValue tuple = MakeTuple({Int(1), Int(2), Int(3)});
  EXPECT_EQ(Shown(Subscript(tuple, Int(0))), "1");
  EXPECT_EQ(Shown(Subscript(tuple, Int(-1))), "3");
  EXPECT_EQ(Shown(Subscript(tuple, true)), "2");
  EXPECT_EQ(Shown(Subscript(tuple, Int(3))), "IndexError: tuple index out of range");
  EXPECT_EQ(Shown(Subscript(tuple, Int(-4))), "IndexError: tuple index out of range");
  EXPECT_EQ(Shown(Subscript(Text("abc"), Int(1))), "'b'");
  EXPECT_EQ(Shown(Subscript(Text(""), Int(0))), "IndexError: string index out of range");
  EXPECT_EQ(Shown(Subscript(Text("a"), Text("b"))),
            "TypeError: string indices must be integers, not str");
  EXPECT_EQ(Shown(Subscript(Int(1), Int(0))), "TypeError: 'int' object isn't subscriptable");
}

}  // namespace
}  // namespace lastgood::sim
