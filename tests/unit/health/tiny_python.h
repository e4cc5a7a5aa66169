// SPDX-License-Identifier: MIT
// As much Python as a health check speaks: integer arithmetic, names, print, exec, del, import.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood::test {

class TinyPython {
 public:
  // What print(…) of these expressions prints, such as "esp.check_fw()".
  std::map<std::string, std::string> values;

  struct Outcome {
    std::string output;
    std::string error;
  };
  Outcome Run(std::string_view code) {
    Outcome outcome;
    try {
      for (const std::string& statement : Statements(code)) Execute(statement, outcome);
    } catch (const std::runtime_error& error) {
      outcome.error =
          "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\n" +
          std::string(error.what()) + "\r\n";
    }
    return outcome;
  }
  void Forget() { names_.clear(); }
  bool Knows(const std::string& name) const { return names_.count(name) != 0; }

 private:
  static std::vector<std::string> Statements(std::string_view code) {
    std::vector<std::string> statements(1);
    bool quoted = false;
    for (std::size_t i = 0; i < code.size(); ++i) {
      if (code[i] == '\\' && i + 1 < code.size()) {
        statements.back() += code[i++];
      } else if (code[i] == '\'') {
        quoted = !quoted;
      } else if (!quoted && (code[i] == ';' || code[i] == '\n' || code[i] == '\r')) {
        statements.emplace_back();
        continue;
      }
      statements.back() += code[i];
    }
    return statements;
  }

  static std::string Unquoted(std::string_view literal) {
    std::string text;
    for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
      if (literal[i] != '\\') {
        text += literal[i];
      } else if (literal[++i] == 'x') {
        text += static_cast<char>(std::stoi(std::string(literal.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        text += literal[i];
      }
    }
    return text;
  }

  void Execute(std::string statement, Outcome& outcome) {
    statement.erase(0, statement.find_first_not_of(' '));
    if (statement.empty() || statement.starts_with("import ") || statement == "gc.collect()")
      return;
    const std::size_t open = statement.find('(');
    const std::string inside =
        open == std::string::npos ? "" : statement.substr(open + 1, statement.size() - open - 2);
    if (statement.starts_with("print(")) {
      const auto value = values.find(inside);
      outcome.output += (value != values.end() ? value->second : Evaluate(inside)) + "\r\n";
    } else if (statement.starts_with("exec(")) {
      for (const std::string& inner : Statements(Unquoted(inside))) Execute(inner, outcome);
    } else if (statement.starts_with("del ")) {
      names_.erase(statement.substr(4));
    } else if (const std::size_t equals = statement.find('='); equals != std::string::npos) {
      names_[statement.substr(0, equals)] = std::stoll(Evaluate(statement.substr(equals + 1)));
    } else {
      throw std::runtime_error("NameError: name '" + statement + "' isn't defined");
    }
  }

  std::string Evaluate(const std::string& expression) {
    rest_ = expression;
    const std::int64_t value = Sum();
    if (!rest_.empty()) throw std::runtime_error("SyntaxError: invalid syntax");
    return std::to_string(value);
  }
  bool Accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.erase(0, 1);
    return true;
  }
  std::int64_t Sum() {
    std::int64_t value = Product();
    while (Accept('+')) value += Product();
    return value;
  }
  std::int64_t Product() {
    std::int64_t value = Atom();
    while (true) {
      if (Accept('*')) {
        value *= Atom();
      } else if (Accept('%')) {
        value %= Atom();
      } else {
        return value;
      }
    }
  }
  std::int64_t Atom() {
    if (Accept('(')) {
      const std::int64_t value = Sum();
      if (!Accept(')')) throw std::runtime_error("SyntaxError: invalid syntax");
      return value;
    }
    const std::size_t end = std::min(rest_.find_first_of("+*%()"), rest_.size());
    const std::string atom = rest_.substr(0, end);
    rest_.erase(0, end);
    if (!atom.empty() && atom.find_first_not_of("0123456789") == std::string::npos)
      return std::stoll(atom);
    const auto name = names_.find(atom);
    if (name == names_.end())
      throw std::runtime_error("NameError: name '" + atom + "' isn't defined");
    return name->second;
  }

  std::map<std::string, std::int64_t> names_;
  std::string rest_;
};

}  // namespace lastgood::test
