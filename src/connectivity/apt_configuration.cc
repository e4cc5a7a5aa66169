// SPDX-License-Identifier: MIT
#include "connectivity/apt_configuration.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace lastgood {
namespace {

constexpr std::size_t kDepthMax = 32;

bool IsBlank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Words, quoted values and the signs { } ; one after the other.
class Tokens {
 public:
  struct Token {
    enum class Kind { kWord, kValue, kSign };
    Kind kind;
    std::string text;
  };

  explicit Tokens(std::string_view text) : text_(text) {}

  // nullopt at the end, and at a quotation or comment that never ends.
  std::optional<Token> Next() {
    if (!SkipBlanksAndComments()) return std::nullopt;
    const char first = text_.front();
    if (first == '{' || first == '}' || first == ';') {
      text_.remove_prefix(1);
      return Token{Token::Kind::kSign, std::string(1, first)};
    }
    if (first == '"') return Quoted();
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n{};\""), text_.size());
    Token word{Token::Kind::kWord, std::string(text_.substr(0, end))};
    text_.remove_prefix(end);
    return word;
  }

 private:
  bool SkipBlanksAndComments() {
    while (!text_.empty()) {
      if (IsBlank(text_.front())) {
        text_.remove_prefix(1);
      } else if (text_.starts_with("//") || text_.starts_with('#')) {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      } else if (text_.starts_with("/*")) {
        const std::size_t end = text_.find("*/", 2);
        if (end == std::string_view::npos) return false;
        text_.remove_prefix(end + 2);
      } else {
        return true;
      }
    }
    return false;
  }

  std::optional<Token> Quoted() {
    const std::size_t end = text_.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    Token value{Token::Kind::kValue, std::string(text_.substr(1, end - 1))};
    text_.remove_prefix(end + 1);
    return value;
  }

  std::string_view text_;
};

std::string Join(const std::vector<std::string>& scopes, const std::string& name) {
  std::string whole;
  for (const std::string& scope : scopes) whole += scope + "::";
  return Lower(whole + name);
}

}  // namespace

std::vector<AptSetting> ParseAptConfiguration(std::string_view text) {
  std::vector<AptSetting> settings;
  std::vector<std::string> scopes;
  std::string name;
  std::string value;
  Tokens tokens(text);
  while (const auto token = tokens.Next()) {
    using Kind = Tokens::Token::Kind;
    if (token->kind == Kind::kWord && name.empty()) {
      name = token->text;
    } else if (token->kind != Kind::kSign) {
      value = token->text;
    } else if (token->text == ";") {
      if (!name.empty()) settings.push_back({Join(scopes, name), value});
      name.clear();
      value.clear();
    } else if (token->text == "{") {
      if (name.empty() || scopes.size() == kDepthMax) return settings;
      scopes.push_back(std::exchange(name, {}));
      value.clear();
    } else {
      if (scopes.empty()) return settings;
      scopes.pop_back();
      name.clear();
      value.clear();
    }
  }
  return settings;
}

}  // namespace lastgood
