// SPDX-License-Identifier: MIT
#include "sim/python_arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <optional>

namespace lastgood::sim {
namespace {

using TuplePointer = std::shared_ptr<const PythonTuple>;

// A bool is an int in arithmetic.
std::optional<std::int64_t> AsInteger(const PythonValue& value) {
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return *number;
  return std::nullopt;
}

std::string_view MethodName(std::string_view operator_text) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"+", "__add__"},       {"-", "__sub__"}, {"*", "__mul__"},     {"/", "__truediv__"},
      {"//", "__floordiv__"}, {"%", "__mod__"}, {"**", "__pow__"},    {"&", "__and__"},
      {"|", "__or__"},        {"^", "__xor__"}, {"<<", "__lshift__"}, {">>", "__rshift__"},
      {"<", "__lt__"},        {"<=", "__le__"}, {">", "__gt__"},      {">=", "__ge__"}};
  for (const auto& [text, name] : kNames)
    if (text == operator_text) return name;
  return operator_text;
}

tl::unexpected<PythonError> Unsupported(std::string_view operator_text, const PythonValue& left,
                                        const PythonValue& right) {
  return Raise("TypeError",
               fmt::format("unsupported types for {}: '{}', '{}'", MethodName(operator_text),
                           TypeName(left), TypeName(right)));
}

tl::unexpected<PythonError> Overflow() {
  return Raise("OverflowError", "overflow converting long int to machine word");
}

PythonResult Power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) return Raise("NotImplementedError", "the simulated console knows no float");
  std::int64_t result = 1;
  while (exponent > 0) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) return Overflow();
    exponent /= 2;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) return Overflow();
  }
  return result;
}

// Python rounds towards minus infinity, and a remainder has the divisor's sign. `right` is not 0.
PythonResult Divide(std::string_view operator_text, std::int64_t left, std::int64_t right) {
  if (operator_text == "/")
    return Raise("NotImplementedError", "the simulated console knows no float");
  if (right == -1) {  // the one quotient that may not fit, and a trap in hardware
    std::int64_t negated = 0;
    if (operator_text == "%") return std::int64_t{0};
    if (__builtin_sub_overflow(std::int64_t{0}, left, &negated)) return Overflow();
    return negated;
  }
  const std::int64_t remainder = left % right;
  const bool adjust = remainder != 0 && (remainder < 0) != (right < 0);
  if (operator_text == "%") return adjust ? remainder + right : remainder;
  return left / right - (adjust ? 1 : 0);
}

PythonResult Shift(std::string_view operator_text, std::int64_t left, std::int64_t right) {
  if (right < 0) return Raise("ValueError", "negative shift count");
  if (operator_text == ">>") return left >> std::min<std::int64_t>(right, 63);
  if (left == 0) return std::int64_t{0};
  std::int64_t result = 0;
  if (right > 62 || __builtin_mul_overflow(left, std::int64_t{1} << right, &result))
    return Overflow();
  return result;
}

PythonResult IntegerOperation(std::string_view operator_text, std::int64_t left, std::int64_t right,
                              bool short_messages) {
  std::int64_t result = 0;
  if (operator_text == "+")
    return __builtin_add_overflow(left, right, &result) ? Overflow() : PythonResult(result);
  if (operator_text == "-")
    return __builtin_sub_overflow(left, right, &result) ? Overflow() : PythonResult(result);
  if (operator_text == "*")
    return __builtin_mul_overflow(left, right, &result) ? Overflow() : PythonResult(result);
  if (operator_text == "&") return left & right;
  if (operator_text == "|") return left | right;
  if (operator_text == "^") return left ^ right;
  if (operator_text == "**") return Power(left, right);
  if (operator_text == "<<" || operator_text == ">>") return Shift(operator_text, left, right);
  if (right == 0)
    return Raise("ZeroDivisionError", short_messages ? "divide by zero" : "division by zero");
  return Divide(operator_text, left, right);
}

PythonResult Repeat(const std::string& text, std::int64_t count) {
  if (count <= 0 || text.empty()) return std::string();
  const auto times = static_cast<std::uint64_t>(count);
  if (times > kPythonWeightMax || text.size() * times > kPythonWeightMax)
    return Raise("MemoryError", "memory allocation failed, the string is too long");
  std::string out;
  for (std::uint64_t i = 0; i < times; ++i) out += text;
  return out;
}

std::partial_ordering Order(const PythonValue& left, const PythonValue& right) {
  if (const auto a = AsInteger(left), b = AsInteger(right); a && b) return *a <=> *b;
  const auto* const a = std::get_if<std::string>(&left);
  const auto* const b = std::get_if<std::string>(&right);
  return a != nullptr && b != nullptr ? *a <=> *b : std::partial_ordering::unordered;
}

bool Equal(const PythonValue& left, const PythonValue& right) {
  const auto* const a = std::get_if<TuplePointer>(&left);
  const auto* const b = std::get_if<TuplePointer>(&right);
  if (a != nullptr && b != nullptr)
    return (*a)->is_list == (*b)->is_list &&
           std::equal((*a)->items.begin(), (*a)->items.end(), (*b)->items.begin(),
                      (*b)->items.end(), Equal);
  if (left.index() == right.index() && Order(left, right) == std::partial_ordering::unordered)
    return Repr(left) == Repr(right);  // None, modules and functions are what they are called
  return Order(left, right) == std::partial_ordering::equivalent;
}

}  // namespace

PythonResult BinaryOperation(std::string_view operator_text, const PythonValue& left,
                             const PythonValue& right, bool short_messages) {
  const auto a = AsInteger(left);
  const auto b = AsInteger(right);
  if (a && b) return IntegerOperation(operator_text, *a, *b, short_messages);
  const auto* const left_text = std::get_if<std::string>(&left);
  const auto* const right_text = std::get_if<std::string>(&right);
  if (operator_text == "+" && left_text != nullptr && right_text != nullptr)
    return Bounded(*left_text + *right_text);
  if (operator_text == "*" && left_text != nullptr && b) return Repeat(*left_text, *b);
  if (operator_text == "*" && right_text != nullptr && a) return Repeat(*right_text, *a);
  if (operator_text == "%" && left_text != nullptr)
    return Raise("NotImplementedError", "the simulated console formats no strings");
  return Unsupported(operator_text, left, right);
}

PythonResult UnaryOperation(std::string_view operator_text, const PythonValue& operand) {
  const auto number = AsInteger(operand);
  std::int64_t result = 0;
  if (!number)
    return Raise("TypeError", fmt::format("unsupported type for {}: '{}'",
                                          operator_text == "-"   ? "__neg__"
                                          : operator_text == "+" ? "__pos__"
                                                                 : "__invert__",
                                          TypeName(operand)));
  if (operator_text == "~") return ~*number;
  if (operator_text == "+") return *number;
  if (__builtin_sub_overflow(std::int64_t{0}, *number, &result)) return Overflow();
  return result;
}

PythonResult Contains(const PythonValue& item, const PythonValue& container) {
  if (const auto* const tuple = std::get_if<TuplePointer>(&container))
    return std::any_of((*tuple)->items.begin(), (*tuple)->items.end(),
                       [&](const PythonValue& other) { return Equal(item, other); });
  const auto* const text = std::get_if<std::string>(&container);
  if (text == nullptr && AsInteger(container) && AsInteger(item))
    return Unsupported("", container, item);
  if (text == nullptr)
    return Raise("TypeError", fmt::format("'{}' object isn't iterable", TypeName(container)));
  const auto* const part = std::get_if<std::string>(&item);
  if (part == nullptr)
    return Raise("TypeError",
                 fmt::format("can't convert '{}' object to str implicitly", TypeName(item)));
  return text->find(*part) != std::string::npos;
}

PythonResult Comparison(std::string_view operator_text, const PythonValue& left,
                        const PythonValue& right) {
  if (operator_text == "==") return Equal(left, right);
  if (operator_text == "!=") return !Equal(left, right);
  const std::partial_ordering order = Order(left, right);
  if (order == std::partial_ordering::unordered) return Unsupported(operator_text, left, right);
  if (operator_text == "<") return order < 0;
  if (operator_text == "<=") return order <= 0;
  if (operator_text == ">") return order > 0;
  return order >= 0;
}

PythonResult Subscript(const PythonValue& value, const PythonValue& index) {
  const auto* const text = std::get_if<std::string>(&value);
  const auto* const tuple = std::get_if<TuplePointer>(&value);
  if (text == nullptr && tuple == nullptr)
    return Raise("TypeError", fmt::format("'{}' object isn't subscriptable", TypeName(value)));
  const auto number = AsInteger(index);
  if (!number)
    return Raise("TypeError",
                 fmt::format("{} indices must be integers, not {}",
                             text != nullptr ? "string" : TypeName(value), TypeName(index)));
  const auto size =
      static_cast<std::int64_t>(text != nullptr ? text->size() : (*tuple)->items.size());
  const std::int64_t from_start = *number < 0 ? *number + size : *number;
  if (from_start < 0 || from_start >= size)
    return Raise("IndexError", fmt::format("{} index out of range",
                                           text != nullptr ? "string" : TypeName(value)));
  const auto position = static_cast<std::size_t>(from_start);
  if (text != nullptr) return std::string(1, (*text)[position]);
  return (*tuple)->items[position];
}

}  // namespace lastgood::sim
