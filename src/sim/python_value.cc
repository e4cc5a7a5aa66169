// SPDX-License-Identifier: MIT
#include "sim/python_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lastgood::sim {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

void AppendQuoted(std::string& out, char c, char quote) {
  if (c == quote || c == '\\')
    out += {'\\', c};
  else if (c == '\n')
    out += "\\n";
  else if (c == '\r')
    out += "\\r";
  else if (c == '\t')
    out += "\\t";
  else if (c >= 0x20 && c < 0x7f)
    out += c;
  else
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

std::string Quote(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) AppendQuoted(out, c, quote);
  return out + quote;
}

std::string ReprTuple(const PythonTuple& tuple) {
  std::string out = tuple.is_list ? "[" : "(";
  for (std::size_t i = 0; i < tuple.items.size(); ++i) {
    if (i > 0) out += ", ";
    if (!tuple.names.empty()) out += tuple.names[i] + "=";
    out += Repr(tuple.items[i]);
  }
  if (tuple.is_list) return out + "]";
  if (tuple.items.size() == 1 && tuple.names.empty()) out += ",";
  return out + ")";
}

using TuplePointer = std::shared_ptr<const PythonTuple>;

std::size_t Weight(const PythonValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return text->size() + 1;
  if (const auto* const tuple = std::get_if<TuplePointer>(&value)) return (*tuple)->weight;
  return 1;
}

int Depth(const PythonValue& value) {
  const auto* const tuple = std::get_if<TuplePointer>(&value);
  return tuple != nullptr ? (*tuple)->depth : 0;
}

}  // namespace

std::string_view ModuleName(PythonModule module) {
  switch (module) {
    case PythonModule::kSys:
      return "sys";
    case PythonModule::kOs:
      return "os";
    case PythonModule::kEsp:
      return "esp";
    case PythonModule::kGc:
      return "gc";
    case PythonModule::kMachine:
      return "machine";
  }
  return "";
}

namespace {

PythonValue Make(PythonTuple tuple) {
  for (const PythonValue& item : tuple.items) {
    tuple.weight += Weight(item);
    tuple.depth = std::max(tuple.depth, Depth(item) + 1);
  }
  return std::make_shared<const PythonTuple>(std::move(tuple));
}

}  // namespace

PythonValue MakeTuple(std::vector<PythonValue> items, std::vector<std::string> names) {
  PythonTuple tuple;
  tuple.items = std::move(items);
  tuple.names = std::move(names);
  return Make(std::move(tuple));
}

PythonValue MakeList(std::vector<PythonValue> items) {
  PythonTuple list;
  list.items = std::move(items);
  list.is_list = true;
  return Make(std::move(list));
}

PythonResult Bounded(PythonValue value) {
  const std::size_t weight = Weight(value);
  if (weight <= kPythonWeightMax && Depth(value) <= kPythonDepthMax) return value;
  return Raise("MemoryError", fmt::format("memory allocation failed, allocating {} bytes", weight));
}

std::string_view TypeName(const PythonValue& value) {
  constexpr std::string_view kNames[] = {"NoneType", "bool",   "int",     "str",
                                         "tuple",    "module", "function"};
  const auto* const tuple = std::get_if<TuplePointer>(&value);
  if (tuple != nullptr && (*tuple)->is_list) return "list";
  return kNames[value.index()];
}

bool IsTrue(const PythonValue& value) {
  return std::visit(
      Overloaded{
          [](PythonNone) { return false; }, [](bool truth) { return truth; },
          [](std::int64_t number) { return number != 0; },
          [](const std::string& text) { return !text.empty(); },
          [](const std::shared_ptr<const PythonTuple>& tuple) { return !tuple->items.empty(); },
          [](PythonModule) { return true; }, [](PythonFunction) { return true; }},
      value);
}

std::string Repr(const PythonValue& value) {
  return std::visit(
      Overloaded{
          [](PythonNone) -> std::string { return "None"; },
          [](bool truth) -> std::string { return truth ? "True" : "False"; },
          [](std::int64_t number) { return std::to_string(number); },
          [](const std::string& text) { return Quote(text); },
          [](const std::shared_ptr<const PythonTuple>& tuple) { return ReprTuple(*tuple); },
          [](PythonModule module) { return fmt::format("<module '{}'>", ModuleName(module)); },
          [](PythonFunction) -> std::string { return "<function>"; }},
      value);
}

std::string Str(const PythonValue& value) {
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : Repr(value);
}

}  // namespace lastgood::sim
