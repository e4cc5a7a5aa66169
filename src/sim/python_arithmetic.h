// SPDX-License-Identifier: MIT
// What operators do. Integers have 64 bits here and any number of them on a real board: a result
// that does not fit is an OverflowError instead of a longer number. There are no floats.
#pragma once

#include <string_view>

#include "sim/python_value.h"

namespace lastgood::sim {

// `short_messages`: the wording of release 1.13 and later.
PythonResult BinaryOperation(std::string_view operator_text, const PythonValue& left,
                             const PythonValue& right, bool short_messages);
PythonResult UnaryOperation(std::string_view operator_text, const PythonValue& operand);

// "==", "!=", "<", "<=", ">", ">=".
PythonResult Comparison(std::string_view operator_text, const PythonValue& left,
                        const PythonValue& right);

// `item in container`: of tuples, lists and strings.
PythonResult Contains(const PythonValue& item, const PythonValue& container);

// value[index], of tuples, lists and strings.
PythonResult Subscript(const PythonValue& value, const PythonValue& index);

}  // namespace lastgood::sim
