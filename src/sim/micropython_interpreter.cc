// SPDX-License-Identifier: MIT
// Parsing and evaluation are one recursive descent that runs twice: first dead, for the syntax
// alone, then live. The first error sticks: every later step sees it and does nothing.
#include "sim/micropython_interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/python_arithmetic.h"
#include "sim/python_lexer.h"

namespace lastgood::sim {
namespace {

using Kind = PythonToken::Kind;
using Names = std::map<std::string, PythonValue, std::less<>>;

constexpr int kNestingMax = 32;
constexpr std::size_t kNamesMax = 128;
constexpr std::size_t kOutputMax = 32768;

constexpr std::array<std::string_view, 28> kUnknownKeywords = {
    "def",    "class", "for",   "if",  "elif",   "else",   "try",      "except",  "finally", "with",
    "lambda", "yield", "raise", "del", "return", "assert", "global",   "async",   "await",   "is",
    "in",     "from",  "break", "as",  "while",  "import", "continue", "nonlocal"};

// From loosest to tightest; comparisons, `not`, `and` and `or` are looser still.
constexpr std::array<std::array<std::string_view, 4>, 6> kBinaryOperators = {{
    {"|"},
    {"^"},
    {"&"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "//", "%"},
}};
constexpr std::array<std::string_view, 6> kComparisons = {"<", "<=", ">", ">=", "==", "!="};
constexpr std::array<std::string_view, 6> kAugmented = {"+=", "-=", "*=", "%=", "//=", "**="};

class Run {
 public:
  Run(const std::vector<PythonToken>& tokens, const MicropythonModules& modules, Names& names,
      bool live, bool echo)
      : tokens_(tokens), modules_(modules), names_(names), live_(live), echo_(echo) {}

  MicropythonInterpreter::Outcome Execute() {
    while (!error_ && !endless_ && Token().kind != Kind::kEnd) Line();
    return {std::move(output_), Traceback(), endless_ && !error_};
  }

 private:
  const PythonToken& Token() const { return tokens_[at_]; }
  void Advance() {
    if (Token().kind != Kind::kEnd && Token().kind != Kind::kError) ++at_;
  }
  bool Accept(std::string_view operator_text) {
    const bool here = Token().Is(operator_text);
    if (here) Advance();
    return here;
  }
  bool AcceptName(std::string_view name) {
    const bool here = Token().IsName(name);
    if (here) Advance();
    return here;
  }
  void Expect(std::string_view operator_text) {
    if (!Accept(operator_text)) SyntaxFail();
  }

  void Fail(PythonError error) {
    if (error_) return;
    error_ = std::move(error);
    error_line_ = Token().line;
  }
  // At the token that does not fit: an error of the lexer, something that only a real board
  // understands, or nonsense.
  void SyntaxFail() {
    if (error_) return;
    unreadable_ = true;
    const PythonToken& token = Token();
    if (token.kind == Kind::kError) return Fail({std::string(token.error_type), token.text});
    const bool known_to_python =
        token.Is("[") ||
        (token.kind == Kind::kName && std::find(kUnknownKeywords.begin(), kUnknownKeywords.end(),
                                                token.text) != kUnknownKeywords.end());
    if (known_to_python)
      return Fail({"NotImplementedError",
                   fmt::format("the simulated console knows no '{}' here", token.text)});
    Fail({"SyntaxError", "invalid syntax"});
  }
  PythonValue Take(PythonResult result) {
    if (result) return *std::move(result);
    Fail(std::move(result).error());
    return PythonNone();
  }
  bool Acting() const { return live_ && !error_; }

  std::string Traceback() const {
    if (!error_ && !endless_) return {};
    const PythonError interrupted{"KeyboardInterrupt", ""};
    const PythonError& error = error_ ? *error_ : interrupted;
    return fmt::format(
        "Traceback (most recent call last):\n  File \"<stdin>\", line {}{}\n{}: {}\n", error_line_,
        unreadable_ ? "" : ", in <module>", error.type, error.message);
  }

  void Line() {
    do {
      if (Token().kind == Kind::kNewline) break;
      Statement();
    } while (!error_ && !endless_ && Accept(";"));
    if (error_ || endless_) return;
    if (Token().kind != Kind::kNewline) return SyntaxFail();
    Advance();
  }

  void Statement() {
    if (AcceptName("pass")) return;
    if (AcceptName("import")) return Import();
    if (Token().IsName("while")) return Loop();
    ExpressionStatement();
  }

  void Import() {
    do {
      const std::string module = Name();
      const std::string name = AcceptName("as") ? Name() : module;
      if (Acting()) Assign(name, Take(modules_.Import(module)));
    } while (!error_ && Accept(","));
  }

  std::string Name() {
    if (Token().kind != Kind::kName) SyntaxFail();
    std::string name = Token().text;
    Advance();
    return name;
  }

  // `while True: pass`, and nothing else.
  void Loop() {
    const std::size_t start = at_;
    Advance();
    const PythonValue condition = Expression();
    Expect(":");
    if (!AcceptName("pass") || Token().kind != Kind::kNewline) {
      at_ = start;
      return SyntaxFail();
    }
    error_line_ = Token().line;
    endless_ = Acting() && IsTrue(condition);
  }

  void ExpressionStatement() {
    const std::size_t start = at_;
    PythonValue value = Expressions();
    if (Token().Is("=") || IsAugmented()) return Assignment(start);
    if (!Acting() || !echo_ || std::holds_alternative<PythonNone>(value)) return;
    Print(Repr(value) + "\n");
  }

  bool IsAugmented() const {
    return Token().kind == Kind::kOperator &&
           std::find(kAugmented.begin(), kAugmented.end(), Token().text) != kAugmented.end();
  }

  bool IsTarget(std::size_t start) const {
    const PythonToken& token = tokens_[start];
    return token.kind == Kind::kName && at_ == start + 1 &&
           (!modules_.Builtin(token.text) || names_.find(token.text) != names_.end());
  }

  // `name += value`, or `name = name = value`.
  void Assignment(std::size_t target) {
    std::vector<std::string> targets;
    PythonValue value;
    std::string operator_text;
    while (!error_ && operator_text.empty() && (Token().Is("=") || IsAugmented())) {
      if (!IsTarget(target)) return Fail({"SyntaxError", "can't assign to expression"});
      targets.push_back(tokens_[target].text);
      operator_text = Token().text.substr(0, Token().text.size() - 1);
      Advance();
      target = at_;
      value = Expressions();
    }
    if (Acting() && !operator_text.empty())
      value = Operate(operator_text, Lookup(targets.back()), value);
    for (const std::string& name : targets) Assign(name, value);
  }

  void Assign(const std::string& name, PythonValue value) {
    if (!Acting()) return;
    if (names_.size() >= kNamesMax && names_.find(name) == names_.end())
      return Fail({"MemoryError", "memory allocation failed, too many names"});
    names_[name] = std::move(value);
  }

  void Print(std::string_view text) {
    if (output_.size() + text.size() > kOutputMax)
      return Fail({"MemoryError", "memory allocation failed, too much output"});
    output_ += text;
  }

  // One expression, or several with commas between them: a tuple.
  PythonValue Expressions() {
    PythonValue first = Expression();
    if (!Token().Is(",")) return first;
    std::vector<PythonValue> items = {std::move(first)};
    while (!error_ && Accept(",")) {
      if (Token().kind == Kind::kNewline || Token().Is(")") || Token().Is("=")) break;
      items.push_back(Expression());
    }
    return Take(Bounded(MakeTuple(std::move(items))));
  }

  PythonValue Expression() {
    if (++nesting_ > kNestingMax) Fail({"RuntimeError", "maximum recursion depth exceeded"});
    PythonValue value = error_ ? PythonNone() : Or();
    --nesting_;
    return value;
  }

  PythonValue Or() {
    PythonValue value = And();
    while (!error_ && AcceptName("or")) value = Choose(IsTrue(value), value, &Run::And);
    return value;
  }

  PythonValue And() {
    PythonValue value = Not();
    while (!error_ && AcceptName("and")) value = Choose(!IsTrue(value), value, &Run::Not);
    return value;
  }

  // The right side is always parsed, and evaluated unless the left one has decided.
  PythonValue Choose(bool decided, const PythonValue& left, PythonValue (Run::*parse_right)()) {
    const bool was_live = std::exchange(live_, live_ && !decided);
    PythonValue right = (this->*parse_right)();
    live_ = was_live;
    return decided ? left : right;
  }

  PythonValue Not() {
    bool negate = false;
    bool any = false;
    for (; AcceptName("not"); negate = !negate) any = true;
    PythonValue value = Chain();
    if (!any) return value;
    return negate ? !IsTrue(value) : IsTrue(value);
  }

  // a < b < c means a < b and b < c.
  PythonValue Chain() {
    PythonValue left = Binary(0);
    PythonValue verdict = left;
    for (bool first = true; !error_ && (IsComparison() || IsMembership()); first = false) {
      const std::string operator_text = Token().text;
      Advance();
      const bool negate = operator_text == "not";
      if (negate) Advance();
      PythonValue right = Binary(0);
      if (!Acting()) continue;
      const bool membership = negate || operator_text == "in";
      PythonValue step =
          Take(membership ? Contains(left, right) : Comparison(operator_text, left, right));
      if (negate && !error_) step = !IsTrue(step);
      if (first || IsTrue(verdict)) verdict = std::move(step);
      left = std::move(right);
    }
    return verdict;
  }

  bool IsComparison() const {
    return Token().kind == Kind::kOperator &&
           std::find(kComparisons.begin(), kComparisons.end(), Token().text) != kComparisons.end();
  }

  // "in", or "not in".
  bool IsMembership() const {
    if (Token().IsName("not")) return tokens_[at_ + 1].IsName("in");
    return Token().IsName("in");
  }

  PythonValue Binary(std::size_t level) {
    if (level == kBinaryOperators.size()) return Unary();
    PythonValue left = Binary(level + 1);
    while (!error_ && IsOperatorOf(level)) {
      const std::string operator_text = Token().text;
      Advance();
      const PythonValue right = Binary(level + 1);
      left = Operate(operator_text, left, right);
    }
    return left;
  }

  bool IsOperatorOf(std::size_t level) const {
    const auto& row = kBinaryOperators[level];
    return Token().kind == Kind::kOperator &&
           std::find(row.begin(), row.end(), Token().text) != row.end();
  }

  PythonValue Operate(std::string_view operator_text, const PythonValue& left,
                      const PythonValue& right) {
    if (!Acting()) return PythonNone();
    return Take(BinaryOperation(operator_text, left, right, modules_.release().HasShortMessages()));
  }

  // "**" binds tighter than a sign on its left and looser than one on its right.
  PythonValue Unary() {
    std::string signs;
    for (; Token().Is("-") || Token().Is("+") || Token().Is("~"); Advance()) signs += Token().text;
    PythonValue value = Trailers(Atom());
    if (!error_ && Accept("**")) {
      if (++nesting_ > kNestingMax) Fail({"RuntimeError", "maximum recursion depth exceeded"});
      const PythonValue exponent = error_ ? PythonNone() : Unary();
      --nesting_;
      value = Operate("**", value, exponent);
    }
    for (auto sign = signs.rbegin(); sign != signs.rend() && Acting(); ++sign)
      value = Take(UnaryOperation(std::string_view(&*sign, 1), value));
    return value;
  }

  PythonValue Atom() {
    const PythonToken& token = Token();
    if (token.kind == Kind::kInteger) {
      Advance();
      return token.integer;
    }
    if (token.kind == Kind::kString) return Strings();
    if (token.Is("(")) return Parenthesis();
    const bool keyword = std::find(kUnknownKeywords.begin(), kUnknownKeywords.end(), token.text) !=
                         kUnknownKeywords.end();
    if (token.kind != Kind::kName || keyword) {
      SyntaxFail();
      return PythonNone();
    }
    Advance();
    // A name that is being assigned for the first time has no value yet, and needs none.
    return Acting() && !Token().Is("=") ? Lookup(token.text) : PythonNone();
  }

  PythonValue Strings() {
    std::string text;
    for (; Token().kind == Kind::kString; Advance()) text += Token().text;
    return Take(Bounded(std::move(text)));
  }

  PythonValue Parenthesis() {
    Advance();
    if (Accept(")")) return MakeTuple({});
    PythonValue value = Expressions();
    Expect(")");
    return value;
  }

  PythonValue Lookup(const std::string& name) {
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (auto builtin = modules_.Builtin(name)) return *std::move(builtin);
    Fail({"NameError", fmt::format("name '{}' {} defined", name,
                                   modules_.release().HasShortMessages() ? "isn't" : "is not")});
    return PythonNone();
  }

  PythonValue Trailers(PythonValue value) {
    for (;;) {
      if (error_) return PythonNone();
      if (Accept(".")) {
        const std::string name = Name();
        if (Acting()) value = Take(modules_.Attribute(value, name));
      } else if (Accept("(")) {
        value = Call(value);
      } else if (Accept("[")) {
        const PythonValue index = Expression();
        Expect("]");
        if (Acting()) value = Take(Subscript(value, index));
      } else {
        return value;
      }
    }
  }

  PythonValue Call(const PythonValue& callee) {
    PythonArguments arguments;
    while (!error_ && !Accept(")")) {
      Argument(arguments);
      if (!error_ && !Accept(",") && !Token().Is(")")) SyntaxFail();
    }
    if (Acting()) Take(Bounded(MakeTuple(arguments.values)));  // all of them must fit into memory
    if (!Acting()) return PythonNone();
    std::string printed;
    PythonValue value = Take(modules_.Call(callee, arguments, printed));
    Print(printed);
    return value;
  }

  void Argument(PythonArguments& arguments) {
    const bool keyword = Token().kind == Kind::kName && tokens_[at_ + 1].Is("=");
    if (!keyword) {
      arguments.values.push_back(Expression());
      return;
    }
    const std::string name = Name();
    Advance();
    const PythonValue value = Expression();
    if (!Acting()) return;
    if (name == "sep")
      arguments.separator = Str(value);
    else if (name == "end")
      arguments.end = Str(value);
    else
      Fail({"TypeError", "extra keyword arguments given"});
  }

  const std::vector<PythonToken>& tokens_;
  const MicropythonModules& modules_;
  Names& names_;
  bool live_;
  bool echo_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::string output_;
  std::optional<PythonError> error_;
  int error_line_ = 1;
  bool unreadable_ = false;  // the parser gave up: the traceback names no place but the line
  bool endless_ = false;
};

}  // namespace

MicropythonInterpreter::Outcome MicropythonInterpreter::Execute(std::string_view source,
                                                                bool echo) {
  const std::vector<PythonToken> tokens = LexPython(source);
  Outcome checked = Run(tokens, modules_, names_, false, echo).Execute();
  if (!checked.traceback.empty()) return checked;
  return Run(tokens, modules_, names_, true, echo).Execute();
}

}  // namespace lastgood::sim
