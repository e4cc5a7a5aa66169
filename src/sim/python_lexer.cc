// SPDX-License-Identifier: MIT
#include "sim/python_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace lastgood::sim {
namespace {

using Kind = PythonToken::Kind;

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsNameStart(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

// Longest first, so that "**" is not two "*".
constexpr std::array<std::string_view, 32> kOperators = {
    "**=", "//=", "<<=", ">>=", "**", "//", "<<", ">>", "==", "!=", "<=",
    ">=",  "+=",  "-=",  "*=",  "%=", "+",  "-",  "*",  "/",  "%",  "&",
    "|",   "^",   "~",   "<",   ">",  "=",  "(",  ")",  ",",  "."};
constexpr std::string_view kOtherOperators = "[];:";

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<PythonToken> Run() {
    while (!done_) Step();
    return std::move(tokens_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool AtEnd() const { return at_ >= source_.size(); }

  void Emit(Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), 0, line_});
    at_line_start_ = kind == Kind::kNewline;
    if (kind == Kind::kEnd) done_ = true;
  }

  void Fail(std::string_view type, std::string message) {
    tokens_.push_back({Kind::kError, std::move(message), 0, line_, type});
    done_ = true;
  }

  void Step() {
    const char c = Peek();
    if (AtEnd()) return End();
    if (c == '\r' || c == '\n') return LineEnd();
    if (c == ' ' || c == '\t') return Blanks();
    if (c == '#') return SkipTo(source_.find_first_of("\r\n", at_));
    if (IsDigit(c)) return Number();
    if (IsNameStart(c)) return Name();
    if (c == '\'' || c == '"') return String(c);
    Operator();
  }

  void End() {
    if (!at_line_start_) Emit(Kind::kNewline, {});
    Emit(Kind::kEnd, {});
  }

  void SkipTo(std::size_t position) { at_ = std::min(position, source_.size()); }

  void LineEnd() {
    at_ += Peek() == '\r' && Peek(1) == '\n' ? 2U : 1U;
    if (nesting_ == 0 && !at_line_start_) Emit(Kind::kNewline, {});
    ++line_;
  }

  void Blanks() {
    const std::size_t next = source_.find_first_not_of(" \t", at_);
    SkipTo(next);
    constexpr std::string_view kNoStatement = "\r\n#";
    const bool statement = !AtEnd() && kNoStatement.find(Peek()) == std::string_view::npos;
    if (at_line_start_ && nesting_ == 0 && statement) Fail("IndentationError", "unexpected indent");
  }

  void Name() {
    const std::size_t start = at_;
    while (IsNamePart(Peek())) ++at_;
    const std::string_view name = source_.substr(start, at_ - start);
    if (name.size() <= 2 && (Peek() == '\'' || Peek() == '"'))
      return Fail("NotImplementedError", "the simulated console knows no prefixed strings");
    Emit(Kind::kName, std::string(name));
  }

  int Base() {
    if (Peek() != '0') return 10;
    const char letter = static_cast<char>(Peek(1) | 0x20);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base != 10) at_ += 2;
    return base;
  }

  void Number() {
    const int base = Base();
    std::string digits;
    for (; IsNamePart(Peek()); ++at_)
      if (Peek() != '_') digits += Peek();
    if (Peek() == '.' || (base == 10 && digits.find_first_of("eE") != std::string::npos))
      return Fail("NotImplementedError", "the simulated console knows no float");
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, base);
    if (parsed.ec == std::errc::result_out_of_range)
      return Fail("OverflowError", "overflow converting long int to machine word");
    if (parsed.ec != std::errc() || parsed.ptr != end)
      return Fail("SyntaxError",
                  fmt::format("invalid syntax for integer with base {}: '{}'", base, digits));
    Emit(Kind::kInteger, std::move(digits));
    tokens_.back().integer = value;
  }

  void String(char quote) {
    ++at_;
    std::string content;
    while (!AtEnd() && Peek() != quote) {
      if (Peek() == '\r' || Peek() == '\n') return Fail("SyntaxError", "invalid syntax");
      if (Peek() != '\\')
        content += source_[at_++];
      else if (!Escape(content))
        return Fail("SyntaxError", "invalid syntax");
    }
    if (AtEnd()) return Fail("SyntaxError", "invalid syntax");
    ++at_;
    Emit(Kind::kString, std::move(content));
  }

  // Standing on a backslash. Unknown escapes stay as they are, as in Python.
  bool Escape(std::string& content) {
    constexpr std::string_view kLetters = "nrtabfv0\\'\"";
    constexpr std::string_view kMeanings{"\n\r\t\a\b\f\v\0\\'\"", 11};
    const char letter = Peek(1);
    at_ += 2;
    if (at_ > source_.size()) return false;
    if (letter == 'x') return HexEscape(content);
    const std::size_t index = kLetters.find(letter);
    if (index == std::string_view::npos)
      content += {'\\', letter};
    else
      content += kMeanings[index];
    return true;
  }

  bool HexEscape(std::string& content) {
    const std::string_view digits = source_.substr(std::min(at_, source_.size()), 2);
    unsigned value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) return false;
    at_ += 2;
    content += static_cast<char>(value);
    return true;
  }

  std::string_view MatchOperator() const {
    const std::string_view rest = source_.substr(at_);
    for (const std::string_view candidate : kOperators)
      if (rest.substr(0, candidate.size()) == candidate) return candidate;
    return kOtherOperators.find(rest[0]) == std::string_view::npos ? "" : rest.substr(0, 1);
  }

  void Operator() {
    const std::string_view matched = MatchOperator();
    if (matched.empty()) return Fail("SyntaxError", "invalid syntax");
    at_ += matched.size();
    if (matched == "(" || matched == "[") ++nesting_;
    if (matched == ")" || matched == "]") nesting_ = std::max(0, nesting_ - 1);
    Emit(Kind::kOperator, std::string(matched));
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  int nesting_ = 0;
  bool at_line_start_ = true;
  bool done_ = false;
  std::vector<PythonToken> tokens_;
};

}  // namespace

std::vector<PythonToken> LexPython(std::string_view source) { return Lexer(source).Run(); }

}  // namespace lastgood::sim
