// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest_word.h"
#include "toml/document.h"
#include "toml/source_text.h"

namespace lastgood::toml {
namespace {

constexpr std::string_view kString = "a string";
constexpr std::string_view kInteger = "an integer";
constexpr std::string_view kBool = "true or false";
constexpr std::string_view kTable = "a table";
constexpr std::string_view kTables = "an array of tables";
constexpr std::string_view kStrings = "an array of strings";
constexpr std::string_view kIntegers = "an array of integers";

std::string_view TypeOf(const Value& value) {
  constexpr std::string_view kNames[] = {kString,     kInteger,   "a float",
                                         "a boolean", "an array", kTable};
  return kNames[value.data.index()];
}

bool IsNumber(const Value& value) {
  const auto* text = std::get_if<std::string>(&value.data);
  return text != nullptr && !text->empty() && text->size() < 20 &&
         text->find_first_not_of("0123456789") == std::string::npos;
}

// What to write instead, for the slips that people make.
std::string Remedy(const Value& value, std::string_view expected, std::string_view path) {
  if (expected == kInteger && IsNumber(value))
    return fmt::format("; write {} without quotes", std::get<std::string>(value.data));
  if (expected == kString && value.data.index() < 4) return "; put it in double quotes";
  if (expected == kTables && std::holds_alternative<Table>(value.data))
    return fmt::format("; write [[{}]]", Printable(path));
  if (expected == kTable && std::holds_alternative<Array>(value.data))
    return fmt::format("; write [{}], once", Printable(path));
  const bool is_list = expected == kStrings || expected == kIntegers;
  if (is_list && value.data.index() < 2) return "; put it between [ and ]";
  return {};
}

// nullopt when `number` is in bounds.
std::optional<std::string> WhyOutOfBounds(std::string_view key, std::int64_t number,
                                          std::int64_t min, std::int64_t max) {
  if (number >= min && number <= max) return std::nullopt;
  return fmt::format("'{}' must be between {} and {}, not {}", key, min, max, number);
}

std::string ListOf(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

template <class T>
std::vector<T> AllOf(const std::vector<const Value*>& values) {
  std::vector<T> all;
  for (const Value* value : values) all.push_back(std::get<T>(value->data));
  return all;
}

template <class T>
std::vector<const T*> PointersTo(const std::vector<const Value*>& values) {
  std::vector<const T*> pointers;
  for (const Value* value : values) pointers.push_back(&std::get<T>(value->data));
  return pointers;
}

}  // namespace

TableReader::TableReader(const Table& table, std::string where, Diagnostics& diagnostics)
    : table_(table), where_(std::move(where)), diagnostics_(diagnostics) {}

std::string TableReader::RequiredString(std::string_view key) {
  const auto* text = FindAs<std::string>(key, true, kString);
  if (text == nullptr) return {};
  if (text->empty()) Complain(key, fmt::format("'{}' must not be empty", key));
  return *text;
}

std::optional<std::string> TableReader::OptionalString(std::string_view key) {
  const auto* text = FindAs<std::string>(key, false, kString);
  if (text == nullptr) return std::nullopt;
  return *text;
}

std::int64_t TableReader::RequiredInteger(std::string_view key, std::int64_t min,
                                          std::int64_t max) {
  if (Find(key, true, kInteger) == nullptr) return min;
  return OptionalInteger(key, min, max).value_or(min);
}

std::optional<std::int64_t> TableReader::OptionalInteger(std::string_view key, std::int64_t min,
                                                         std::int64_t max) {
  const auto* number = FindAs<std::int64_t>(key, false, kInteger);
  if (number == nullptr) return std::nullopt;
  if (const auto reason = WhyOutOfBounds(key, *number, min, max)) {
    Complain(key, *reason);
    return std::nullopt;
  }
  return *number;
}

std::optional<bool> TableReader::OptionalBool(std::string_view key) {
  const auto* boolean = FindAs<bool>(key, false, kBool);
  if (boolean == nullptr) return std::nullopt;
  return *boolean;
}

std::vector<std::string> TableReader::OptionalStrings(std::string_view key) {
  return AllOf<std::string>(FindAll<std::string>(key, false, kStrings));
}

std::vector<std::string> TableReader::RequiredStrings(std::string_view key) {
  return AllOf<std::string>(FindAll<std::string>(key, true, kStrings));
}

std::vector<std::int64_t> TableReader::OptionalIntegers(std::string_view key, std::int64_t min,
                                                        std::int64_t max) {
  std::vector<std::int64_t> numbers;
  for (const Value* element : FindAll<std::int64_t>(key, false, kIntegers)) {
    const auto number = std::get<std::int64_t>(element->data);
    if (const auto reason = WhyOutOfBounds(key, number, min, max))
      diagnostics_.Add(element->position, *reason);
    else
      numbers.push_back(number);
  }
  return numbers;
}

std::optional<std::size_t> TableReader::OptionalChoice(
    std::string_view key, const std::vector<std::string_view>& allowed) {
  const auto* text = FindAs<std::string>(key, false, kString);
  if (text == nullptr) return std::nullopt;
  const auto found = std::find(allowed.begin(), allowed.end(), *text);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());

  const std::vector<std::string> words(allowed.begin(), allowed.end());
  std::string message = fmt::format("'{}' is not a value of '{}'", Printable(*text), key);
  if (const auto nearest = NearestWord(*text, words))
    message += fmt::format("; did you mean '{}'?", *nearest);
  else
    message += fmt::format("; known: {}", ListOf(words));
  Complain(key, message);
  return std::nullopt;
}

std::optional<std::size_t> TableReader::RequiredChoice(
    std::string_view key, const std::vector<std::string_view>& allowed) {
  if (Find(key, true, kString) == nullptr) return std::nullopt;
  return OptionalChoice(key, allowed);
}

const Table* TableReader::RequiredTable(std::string_view key) {
  return FindAs<Table>(key, true, kTable);
}

const Table* TableReader::OptionalTable(std::string_view key) {
  return FindAs<Table>(key, false, kTable);
}

std::vector<const Table*> TableReader::OptionalTables(std::string_view key) {
  return PointersTo<Table>(FindAll<Table>(key, false, kTables));
}

std::vector<const Table*> TableReader::RequiredTables(std::string_view key) {
  return PointersTo<Table>(FindAll<Table>(key, true, kTables));
}

bool TableReader::Has(std::string_view key) const {
  return table_.entries.find(key) != table_.entries.end();
}

const Value* TableReader::Any(std::string_view key) { return Find(key, false, {}); }

Position TableReader::PositionOf(std::string_view key) const {
  const auto entry = table_.entries.find(key);
  return entry == table_.entries.end() ? table_.position : entry->second.position;
}

void TableReader::Complain(std::string_view key, std::string_view message) {
  diagnostics_.Add(PositionOf(key), message);
}

void TableReader::Finish() {
  for (const std::string& key : table_.order)
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) ComplainOfUnknown(key);
}

// A misspelt required key is one slip: "missing 'sha256'" gives way to "did you mean 'sha256'?".
void TableReader::ComplainOfUnknown(const std::string& key) {
  const Position position = table_.key_positions.at(key);
  std::string message = fmt::format("unknown key '{}' in {}", Printable(key), where_);
  std::vector<std::string> absent;
  for (const std::string& known : known_)
    if (!Has(known)) absent.push_back(known);
  auto nearest = NearestWord(key, absent);
  if (!nearest) nearest = NearestWord(key, known_);
  message += nearest ? fmt::format("; did you mean '{}'?", *nearest)
                     : fmt::format("; known: {}", ListOf(known_));
  const auto missing = std::find_if(missing_.begin(), missing_.end(), [&](const MissingKey& entry) {
    return nearest && entry.key == *nearest;
  });
  if (missing == missing_.end()) {
    diagnostics_.Add(position, message);
  } else {
    diagnostics_.Replace(missing->mistake, position, message);
    missing_.erase(missing);
  }
}

const Value* TableReader::Find(std::string_view key, bool required, std::string_view expected) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto entry = table_.entries.find(key);
  if (entry != table_.entries.end()) return &entry->second;
  if (!required) return nullptr;
  const std::string what = expected == kTables  ? fmt::format("[[{}]]", PathOf(key))
                           : expected == kTable ? fmt::format("[{}]", PathOf(key))
                                                : fmt::format("'{}'", key);
  missing_.push_back({std::string(key), diagnostics_.count()});
  diagnostics_.Add(table_.position, fmt::format("missing {} in {}", what, where_));
  return nullptr;
}

template <class T>
const T* TableReader::FindAs(std::string_view key, bool required, std::string_view expected) {
  const Value* value = Find(key, required, expected);
  if (value == nullptr) return nullptr;
  const T* typed = std::get_if<T>(&value->data);
  if (typed == nullptr) ComplainOfType(key, *value, expected);
  return typed;
}

template <class T>
std::vector<const Value*> TableReader::FindAll(std::string_view key, bool required,
                                               std::string_view expected) {
  const auto* array = FindAs<Array>(key, required, expected);
  if (array == nullptr) return {};
  if (required && array->empty()) Complain(key, fmt::format("'{}' must not be empty", key));
  std::vector<const Value*> all;
  for (const Value& element : *array) {
    if (std::holds_alternative<T>(element.data))
      all.push_back(&element);
    else
      diagnostics_.Add(element.position, fmt::format("'{}' must be {}, but this is {}", key,
                                                     expected, TypeOf(element)));
  }
  return all;
}

void TableReader::ComplainOfType(std::string_view key, const Value& value,
                                 std::string_view expected) {
  diagnostics_.Add(value.position,
                   fmt::format("'{}' must be {}, not {}{}", key, expected, TypeOf(value),
                               Remedy(value, expected, PathOf(key))));
}

std::string TableReader::PathOf(std::string_view key) const {
  std::string path;
  for (const char c : where_)
    if (c != '[' && c != ']') path += c;
  return where_.starts_with('[') ? path + '.' + std::string(key) : std::string(key);
}

}  // namespace lastgood::toml
