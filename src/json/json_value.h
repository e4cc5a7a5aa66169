// SPDX-License-Identifier: MIT
// JSON that others wrote, as a value tree: stub loaders, other tools' manifests. Numbers keep
// whether they were written as integers. This directory is the only one that knows nlohmann/json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lastgood::json {

struct Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;  // in the order of the text

struct Value {
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;

  // Out of line: a pair of a key and a value needs them before it is complete itself (clang 14).
  Value() noexcept;
  Value(Data initial);
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  Data data;

  // The member `key` of an object; nullptr when there is none, or this is no object.
  const Value* Find(std::string_view key) const;
  std::optional<bool> AsBool() const;
  std::optional<std::int64_t> AsInteger() const;  // nullopt for 4096.0 and 1e3, too
  std::optional<double> AsNumber() const;         // integers as well
  std::optional<std::string_view> AsText() const;
  const Array* AsArray() const;
  const Object* AsObject() const;
  // "text", "an object", … for messages.
  std::string_view KindName() const;
};

// kNotTrusted with line and column: broken syntax, a key twice in an object, an integer beyond 64
// bits, nesting deeper than 64. `name` is what messages call the text.
Result<Value> Parse(std::string_view text, std::string_view name);

}  // namespace lastgood::json
