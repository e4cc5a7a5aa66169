// SPDX-License-Identifier: MIT
#include "json/json_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace lastgood::json {
namespace {

constexpr std::size_t kDepthMax = 64;

struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};

// `position` counts octets from 1, as the parser reports it.
Place PlaceOf(std::string_view text, std::size_t position) {
  Place place;
  const std::string_view before =
      text.substr(0, std::min(text.size(), position == 0 ? 0 : position - 1));
  place.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n');
  place.column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return place;
}

// Builds the tree while the parser reads: duplicate keys and depth are seen here, which its own
// tree would hide.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Put({std::monostate()}); }
  bool boolean(bool value) override { return Put({value}); }
  bool number_integer(number_integer_t value) override { return Put({value}); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return Refuse("the number does not fit into 64 bits");
    return Put({static_cast<std::int64_t>(value)});
  }
  bool number_float(number_float_t value, const string_t&) override { return Put({value}); }
  bool string(string_t& value) override { return Put({std::move(value)}); }
  bool binary(binary_t&) override { return Refuse("binary data"); }
  bool start_object(std::size_t) override { return Open({Object()}); }
  bool start_array(std::size_t) override { return Open({Array()}); }
  bool key(string_t& name) override {
    Frame& frame = open_.back();
    if (frame.value.Find(name) != nullptr) return Refuse(fmt::format("key '{}' twice", name));
    frame.key = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    position_ = position;
    const std::string_view what = error.what();
    const std::size_t detail = what.find("syntax error");
    return Refuse(std::string(detail == std::string_view::npos ? what : what.substr(detail)));
  }

  const std::string& refusal() const { return refusal_; }
  std::size_t position() const { return position_; }
  Value Take() { return std::move(root_); }

 private:
  struct Frame {
    Value value;
    std::string key;
  };

  bool Refuse(std::string why) {
    refusal_ = std::move(why);
    return false;
  }
  bool Open(Value value) {
    if (open_.size() == kDepthMax) return Refuse("nested too deeply");
    open_.push_back({std::move(value), {}});
    return true;
  }
  bool Close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    return Put(std::move(value));
  }
  bool Put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Frame& frame = open_.back();
    if (auto* object = std::get_if<Object>(&frame.value.data)) {
      object->emplace_back(std::move(frame.key), std::move(value));
    } else {
      std::get<Array>(frame.value.data).push_back(std::move(value));
    }
    return true;
  }

  std::vector<Frame> open_;
  Value root_;
  std::string refusal_;
  std::size_t position_ = 0;
};

template <class T>
const T* Get(const Value& value) {
  return std::get_if<T>(&value.data);
}

template <class T>
std::optional<T> Copy(const Value& value) {
  const T* found = Get<T>(value);
  return found == nullptr ? std::nullopt : std::optional<T>(*found);
}

}  // namespace

Value::Value() noexcept = default;
Value::Value(Data initial) : data(std::move(initial)) {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

const Value* Value::Find(std::string_view key) const {
  const auto* object = Get<Object>(*this);
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object)
    if (name == key) return &value;
  return nullptr;
}

std::optional<bool> Value::AsBool() const { return Copy<bool>(*this); }
std::optional<std::int64_t> Value::AsInteger() const { return Copy<std::int64_t>(*this); }

std::optional<double> Value::AsNumber() const {
  if (const auto integer = AsInteger()) return static_cast<double>(*integer);
  return Copy<double>(*this);
}

std::optional<std::string_view> Value::AsText() const {
  const auto* text = Get<std::string>(*this);
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

const Array* Value::AsArray() const { return Get<Array>(*this); }
const Object* Value::AsObject() const { return Get<Object>(*this); }

std::string_view Value::KindName() const {
  constexpr std::array<std::string_view, 7> kNames = {"null", "a boolean", "an integer", "a number",
                                                      "text", "a list",    "an object"};
  return kNames[data.index()];
}

Result<Value> Parse(std::string_view text, std::string_view name) {
  Builder builder;
  bool read = false;
  try {
    read = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  } catch (const nlohmann::json::exception& error) {
    return Fail(ExitCode::kNotTrusted, fmt::format("{}: {}", name, error.what()));
  }
  if (read) return builder.Take();
  if (builder.position() == 0)
    return Fail(ExitCode::kNotTrusted, fmt::format("{}: {}", name, builder.refusal()));
  const Place place = PlaceOf(text, builder.position());
  return Fail(ExitCode::kNotTrusted,
              fmt::format("{}:{}:{}: {}", name, place.line, place.column, builder.refusal()));
}

}  // namespace lastgood::json
