// SPDX-License-Identifier: MIT
#include "toml/syntax_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "toml/source_text.h"

namespace lastgood::toml {
namespace {

// "Error while parsing <scope>: <reason>", as toml++ words it.
struct Description {
  std::string_view scope;
  std::string_view reason;
};

Description Split(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (!description.starts_with(kPrefix)) return {{}, description};
  description.remove_prefix(kPrefix.size());
  const std::size_t colon = description.find(": ");
  if (colon == std::string_view::npos) return {{}, description};
  return {description.substr(0, colon), description.substr(colon + 2)};
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Wording {
  std::string_view scope;   // part of it; empty = any
  std::string_view reason;  // part of it
  std::string_view message;
};

constexpr std::array kWordings = {
    Wording{"", "expected value, saw", "the value is missing"},
    Wording{"inline table", "saw '\\n'", "an inline table must stand on one line"},
    Wording{"inline table", "saw '\\r'", "an inline table must stand on one line"},
    Wording{"inline table", "dangling comma", "an inline table must not end with a comma"},
    Wording{"inline table", "expected comma", "a ',' or the closing '}' is missing before this"},
    Wording{"array", "expected comma", "a ',' or the closing ']' is missing before this"},
    Wording{"table header", "expected ']'", "the closing ']' of the table's name is missing"},
    Wording{"", "end-of-file", "the file ends in the middle of this"},
    Wording{"", "control character", "a control character must not stand here"},
    Wording{"", "unknown escape", "unknown escape; write '\\\\' for a backslash"},
};

// The word that the library was reading when it gave up.
struct Word {
  std::size_t offset;
  std::string_view text;
};

Word WordAround(std::string_view text, std::size_t offset) {
  constexpr std::string_view kStops = " \t\r\n,[]{}#=";
  std::size_t begin = std::min(offset, text.size());
  while (begin > 0 && !Contains(kStops, text.substr(begin - 1, 1))) --begin;
  const std::size_t end = std::min(text.find_first_of(kStops, begin), text.size());
  return {begin, text.substr(begin, end - begin)};
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool StartsWithCurlyQuote(std::string_view text) {
  return text.starts_with("“") || text.starts_with("”") || text.starts_with("„") ||
         text.starts_with("‘") || text.starts_with("’");
}

std::string ExplainBadValue(std::string_view value, std::string_view reason) {
  const std::string lower = LowerCase(value);
  if (lower == "true" || lower == "false")
    return fmt::format("'{}' is not a value; write {} in lower case", value, lower);
  if (StartsWithCurlyQuote(value)) return "a curly quote does not quote; write \" instead";
  const bool is_number = Contains("0123456789+-", std::string_view(value).substr(0, 1));
  if (!is_number)
    return fmt::format("'{}' is not a value; text stands in double quotes", Printable(value));
  if (reason.starts_with("expected"))
    return fmt::format("'{}' is not a number; text stands in double quotes", Printable(value));
  if (Contains(reason, "not representable"))
    return fmt::format("'{}' is too large a number", Printable(value));
  return fmt::format("'{}' is not a number: {}", Printable(value), Printable(reason));
}

bool IsValueScope(std::string_view scope) {
  constexpr std::array kScopes = {"value", "boolean", "floating", "integer", "date", "time"};
  return std::any_of(kScopes.begin(), kScopes.end(),
                     [scope](std::string_view part) { return Contains(scope, part); }) &&
         !Contains(scope, "key-value");
}

// What stands between the first pair of apostrophes: the name in "cannot redefine existing …".
std::string_view QuotedName(std::string_view reason) {
  const std::size_t begin = reason.find('\'');
  if (begin == std::string_view::npos) return {};
  return reason.substr(begin + 1, reason.find('\'', begin + 1) - begin - 1);
}

SyntaxError ExplainRedefinition(std::string_view text, Description description,
                                std::size_t offset) {
  if (Contains(description.reason, "cannot insert"))
    return {offset, "a table between { and } cannot be added to later"};
  const std::string_view name = QuotedName(description.reason);
  const std::string shown = Printable(name);
  if (description.scope == "table header") {
    if (description.reason.ends_with("as table"))
      return {offset, fmt::format("'{0}' is a list of tables; write [[{0}]]", shown)};
    if (description.reason.ends_with("as array-of-tables"))
      return {offset,
              fmt::format("'{0}' stands above as a single table; write [[{0}]] each time", shown)};
    return {offset, fmt::format("duplicate table [{}]", shown)};
  }
  // The library points behind the key.
  const std::size_t begin = name.empty() ? std::string_view::npos : text.rfind(name, offset);
  return {begin == std::string_view::npos ? offset : begin,
          fmt::format("duplicate key '{}'", shown)};
}

// The character in "expected …, saw '…'".
std::string SeenIn(std::string_view reason) {
  constexpr std::string_view kSaw = "saw '";
  const std::size_t saw = reason.find(kSaw);
  if (saw == std::string_view::npos) return {};
  std::string_view seen = reason.substr(saw + kSaw.size());
  if (seen.ends_with('\'')) seen.remove_suffix(1);
  return Printable(seen);
}

std::string ExplainNoKey(std::string_view text, std::string_view reason) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '<')
    return "this looks like a web page, not like TOML";
  return fmt::format("expected a key or a [table], not '{}'", SeenIn(reason));
}

}  // namespace

SyntaxError ExplainSyntaxError(std::string_view text, std::string_view library_description,
                               std::size_t offset, std::optional<std::size_t> open_string) {
  const Description description = Split(library_description);
  const std::string_view reason = description.reason;
  if (open_string && *open_string <= offset)
    return {*open_string, "this string has no closing quote"};
  if (Contains(reason, "cannot redefine") || Contains(reason, "cannot insert"))
    return ExplainRedefinition(text, description, offset);
  for (const Wording& wording : kWordings)
    if (Contains(description.scope, wording.scope) && Contains(reason, wording.reason))
      return {offset, std::string(wording.message)};
  if (IsValueScope(description.scope)) {
    const Word word = WordAround(text, offset);
    return {word.offset, ExplainBadValue(word.text, reason)};
  }
  if (Contains(reason, "comment or whitespace"))
    return {offset, fmt::format("unexpected '{}' after the value", SeenIn(reason))};
  if (Contains(reason, "expected keys, tables")) return {offset, ExplainNoKey(text, reason)};
  std::string message = Printable(reason, 120);
  if (!message.empty())
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  return {offset, message};
}

}  // namespace lastgood::toml
