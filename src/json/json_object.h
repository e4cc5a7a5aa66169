// SPDX-License-Identifier: MIT
// One JSON object, key by key, for what commands print with --json. Keys keep their order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

class JsonObject {
 public:
  JsonObject();
  ~JsonObject();
  JsonObject(const JsonObject& other);
  JsonObject& operator=(const JsonObject& other);

  JsonObject& Set(std::string_view key, std::string_view value);
  JsonObject& Set(std::string_view key, const char* value) {
    return Set(key, std::string_view(value));
  }
  JsonObject& Set(std::string_view key, std::int64_t value);
  JsonObject& SetBool(std::string_view key, bool value);
  JsonObject& SetNull(std::string_view key);
  JsonObject& Set(std::string_view key, const std::vector<std::string>& values);
  JsonObject& Set(std::string_view key, const std::vector<JsonObject>& values);
  JsonObject& Set(std::string_view key, const JsonObject& value);

  // One line without a newline; octets that are not UTF-8 become U+FFFD.
  std::string Dump() const;

 private:
  struct Node;
  std::unique_ptr<Node> node_;
};

}  // namespace lastgood
