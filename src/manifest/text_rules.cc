// SPDX-License-Identifier: MIT
#include "manifest/text_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest_value.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kNameSizeMax = 64;
constexpr std::size_t kPackageSizeMax = 128;
constexpr std::size_t kUrlSizeMax = 2048;
constexpr std::size_t kMemberSizeMax = 512;
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool Contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }
bool IsLetter(char c) { return Contains(kLower, c) || Contains(kUpper, c); }
bool IsDigit(char c) { return Contains(kDigits, c); }
bool IsHexDigit(char c) { return IsDigit(c) || Contains("abcdefABCDEF", c); }
bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Refusal WhyTooLong(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return std::nullopt;
  return fmt::format("must have at most {} characters, not {}", size_max, text.size());
}

// The first character for which `is_fine` is false, as people should see it; empty when all are.
template <class Predicate>
std::string FirstBad(std::string_view text, Predicate is_fine) {
  const auto bad = std::find_if_not(text.begin(), text.end(), is_fine);
  if (bad == text.end()) return {};
  const auto at = static_cast<std::size_t>(bad - text.begin());
  const std::size_t length = toml::Utf8SequenceLength(text, at);
  return toml::Printable(text.substr(at, std::max<std::size_t>(length, 1)));
}

Refusal WhyNotAuthority(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (Contains(authority, '@')) return "must not contain a user name or password";
  if (authority.empty() || authority.front() == ':') return "names no server";
  return std::nullopt;
}

}  // namespace

Refusal WhyNotName(std::string_view text) {
  if (auto refusal = WhyTooLong(text, kNameSizeMax)) return refusal;
  const std::string bad =
      FirstBad(text, [](char c) { return IsLetter(c) || IsDigit(c) || Contains("._+-", c); });
  if (!bad.empty())
    return fmt::format("must be made of letters, digits and . _ + -, and '{}' is none", bad);
  if (text.empty() || !(IsLetter(text.front()) || IsDigit(text.front())))
    return "must start with a letter or a digit";
  return std::nullopt;
}

bool IsPath(std::string_view text) { return Contains(text, '/') || text.ends_with(".toml"); }

Refusal WhyNotSha256(std::string_view text) {
  if (ParseSha256(text)) return std::nullopt;
  const std::string bad = FirstBad(text, IsHexDigit);
  if (!bad.empty()) return fmt::format("must be 64 hex digits, and '{}' is none", bad);
  std::string reason = fmt::format("must be 64 hex digits, not {}", text.size());
  if (text.size() == 32) reason += " (this may be an MD5)";
  if (text.size() == 40) reason += " (this may be a SHA-1)";
  if (text.size() == 128) reason += " (this may be a SHA-512)";
  return reason;
}

Refusal WhyNotUrl(std::string_view text) {
  if (auto refusal = WhyTooLong(text, kUrlSizeMax)) return refusal;
  if (std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || IsControl(c); }))
    return "must not contain white space";
  const std::string bad =
      FirstBad(text, [](char c) { return c > 0x20 && c < 0x7F && !Contains("\"<>\\^`{|}", c); });
  if (!bad.empty()) return fmt::format("must have its '{}' percent-encoded", bad);
  if (text.starts_with("http://")) return WhyNotAuthority(text.substr(7));
  if (text.starts_with("https://")) return WhyNotAuthority(text.substr(8));
  if (text.starts_with("file:///")) return std::nullopt;
  if (text.starts_with("file:")) return "must be file:// followed by an absolute path";
  return "must start with http://, https:// or file://";
}

Refusal WhyNotMember(std::string_view text) {
  if (auto refusal = WhyNotLine(text, kMemberSizeMax)) return refusal;
  if (text.empty()) return "must name a file in the archive, or be '*' for the content of a .gz";
  if (text.front() == '/' || text.back() == '/' || Contains(text, '\\'))
    return "must be a file's path inside the archive, such as 'bin/boot.bin'";
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    if (text.substr(at, end - at) == "..") return "must not contain '..'";
    at = end + 1;
  }
  return std::nullopt;
}

// Quotes would end the literal that it is asked for by.
Refusal WhyNotBoardFile(std::string_view text) {
  constexpr std::size_t kBoardPathMax = 128;
  if (auto refusal = WhyNotLine(text, kBoardPathMax)) return refusal;
  if (text.find_first_of("'\"\\") != std::string_view::npos)
    return "must not contain quotes or backslashes";
  if (text.empty() || text.front() == '/' || text.back() == '/' ||
      text.find("//") != std::string_view::npos)
    return "must be a file's path on the board without a leading '/', such as 'lib/mqtt.py'";
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    const std::string_view name = text.substr(at, end - at);
    if (name == "." || name == "..") return "must not contain '.' or '..' as a directory";
    at = end + 1;
  }
  return std::nullopt;
}

Refusal WhyNotConsoleText(std::string_view text, std::size_t size_max) {
  if (auto refusal = WhyTooLong(text, size_max)) return refusal;
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return IsControl(c) && c != '\n' && c != '\t'; }))
    return "must not contain control characters";
  return std::nullopt;
}

Refusal WhyNotPackage(std::string_view text) {
  if (auto refusal = WhyTooLong(text, kPackageSizeMax)) return refusal;
  const std::string bad = FirstBad(
      text, [](char c) { return Contains(kLower, c) || IsDigit(c) || Contains("+-.", c); });
  if (!bad.empty())
    return fmt::format("must hold names of packages, and '{}' never stands in one", bad);
  if (text.size() < 2 || Contains("+-.", text.front()))
    return fmt::format("must hold names of packages, not '{}'", text);
  return std::nullopt;
}

Refusal WhyNotLine(std::string_view text, std::size_t size_max) {
  if (auto refusal = WhyTooLong(text, size_max)) return refusal;
  if (std::any_of(text.begin(), text.end(), IsControl))
    return "must not contain control characters";
  return std::nullopt;
}

bool Accept(toml::TableReader& reader, std::string_view key, const Refusal& refusal) {
  if (refusal) reader.Complain(key, fmt::format("'{}' {}", key, *refusal));
  return !refusal;
}

bool AcceptEach(toml::TableReader& reader, std::string_view key, toml::Diagnostics& diagnostics,
                const std::function<Refusal(std::string_view)>& rule) {
  const toml::Value* list = reader.Any(key);
  const auto* elements = list == nullptr ? nullptr : std::get_if<toml::Array>(&list->data);
  if (elements == nullptr) return true;
  bool is_fine = true;
  for (const toml::Value& element : *elements) {
    const auto* text = std::get_if<std::string>(&element.data);
    const Refusal refusal = text == nullptr ? std::nullopt : rule(*text);
    if (!refusal) continue;
    diagnostics.Add(element.position, fmt::format("'{}' {}", key, *refusal));
    is_fine = false;
  }
  return is_fine;
}

std::vector<const toml::Table*> AtMost(std::size_t count_max,
                                       std::vector<const toml::Table*> tables,
                                       toml::TableReader& reader, std::string_view key) {
  if (tables.size() <= count_max) return tables;
  reader.Complain(key, fmt::format("at most {} of '{}', not {}", count_max, key, tables.size()));
  tables.resize(count_max);
  return tables;
}

Refusal WhyNotList(const std::vector<std::string>& list, std::size_t count_max) {
  if (list.size() > count_max)
    return fmt::format("must hold at most {}, not {}", count_max, list.size());
  for (auto item = list.begin(); item != list.end(); ++item)
    if (std::find(list.begin(), item, *item) != item)
      return fmt::format("holds '{}' twice", toml::Printable(*item));
  return std::nullopt;
}

}  // namespace lastgood
