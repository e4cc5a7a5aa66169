// SPDX-License-Identifier: MIT
#include "json/json_object.h"

#include <nlohmann/json.hpp>

namespace lastgood {

struct JsonObject::Node {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
};

JsonObject::JsonObject() : node_(std::make_unique<Node>()) {}
JsonObject::~JsonObject() = default;
JsonObject::JsonObject(const JsonObject& other) : node_(std::make_unique<Node>(*other.node_)) {}
JsonObject& JsonObject::operator=(const JsonObject& other) {
  *node_ = *other.node_;
  return *this;
}

JsonObject& JsonObject::Set(std::string_view key, std::string_view value) {
  node_->json[std::string(key)] = std::string(value);
  return *this;
}
JsonObject& JsonObject::Set(std::string_view key, std::int64_t value) {
  node_->json[std::string(key)] = value;
  return *this;
}
JsonObject& JsonObject::SetBool(std::string_view key, bool value) {
  node_->json[std::string(key)] = value;
  return *this;
}
JsonObject& JsonObject::SetNull(std::string_view key) {
  node_->json[std::string(key)] = nullptr;
  return *this;
}
JsonObject& JsonObject::Set(std::string_view key, const std::vector<std::string>& values) {
  node_->json[std::string(key)] = values;
  return *this;
}
JsonObject& JsonObject::Set(std::string_view key, const std::vector<JsonObject>& values) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const JsonObject& value : values) array.push_back(value.node_->json);
  node_->json[std::string(key)] = std::move(array);
  return *this;
}
JsonObject& JsonObject::Set(std::string_view key, const JsonObject& value) {
  node_->json[std::string(key)] = value.node_->json;
  return *this;
}

std::string JsonObject::Dump() const {
  return node_->json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lastgood
