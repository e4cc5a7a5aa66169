// SPDX-License-Identifier: MIT
#include "evidence/strike_secrets.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/hex_digit.h"

namespace lastgood {
namespace {

constexpr std::string_view kStruck = "***";
// Nothing of what is looked for is longer on one line; it bounds the work for noise.
constexpr std::size_t kValueMax = 1024;
constexpr std::size_t kUserInfoMax = 512;

bool IsBlankOrEnd(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }
bool IsQuote(char c) { return c == '"' || c == '\''; }
bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsOfName(char c) { return IsLetterOrDigit(c) || c == '_' || c == '-' || c == '.'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), &Lower);
  return lowered;
}

// In a query a short name is enough: nothing but a secret is called sig there.
bool IsSecretInQuery(std::string_view name) {
  constexpr std::array<std::string_view, 12> kParts = {"token",  "sig",     "secret", "passw",
                                                       "auth",   "cred",    "apikey", "session",
                                                       "x-amz-", "x-goog-", "jwt",    "passphrase"};
  constexpr std::array<std::string_view, 5> kWholes = {"key", "pw", "pwd", "pass", "sas"};
  if (std::any_of(kParts.begin(), kParts.end(),
                  [&](std::string_view part) { return name.find(part) != name.npos; }))
    return true;
  return std::any_of(kWholes.begin(), kWholes.end(), [&](std::string_view whole) {
    return name == whole ||
           (name.ends_with(whole) && !IsLetterOrDigit(name[name.size() - whole.size() - 1]));
  });
}

bool IsSecretName(std::string_view name) {
  constexpr std::array<std::string_view, 20> kEnds = {
      "password", "passwd",     "passwort",    "passphrase", "passcode",      "psk",     "secret",
      "token",    "apikey",     "api_key",     "api-key",    "api.key",       "wep_key", "wifi_key",
      "wlan_key", "access_key", "private_key", "secret_key", "authorization", "wifipass"};
  constexpr std::array<std::string_view, 3> kWords = {"pass", "pwd", "pw"};
  // wep_key0, PASSWORD_2.
  while (!name.empty() && (name.back() == '_' || (name.back() >= '0' && name.back() <= '9')))
    name.remove_suffix(1);
  if (std::any_of(kEnds.begin(), kEnds.end(),
                  [&](std::string_view end) { return name.ends_with(end); }))
    return true;
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return name == word ||
           (name.ends_with(word) && !IsLetterOrDigit(name[name.size() - word.size() - 1]));
  });
}

struct Quoted {
  SecretSpan content;
  std::size_t end = 0;  // behind the closing quote
};

// A quoted text that begins at `at`, its quote maybe escaped: "…", \"…\". Without an end it goes to
// the end of the line. Within three quotes it may have several lines.
std::optional<Quoted> QuotedAt(std::string_view text, std::size_t at) {
  std::size_t escapes = 0;
  while (at + escapes < text.size() && text[at + escapes] == '\\') ++escapes;
  const std::size_t quote = at + escapes;
  if (quote >= text.size() || !IsQuote(text[quote])) return std::nullopt;
  const std::size_t begin = quote + 1;
  const std::size_t limit = std::min(text.size(), begin + kValueMax);
  const std::string quotes(3, text[quote]);
  if (escapes == 0 && text.substr(quote, 3) == quotes) {
    const std::size_t close = text.substr(0, limit).find(quotes, quote + 3);
    if (close == text.npos) return Quoted{{quote + 3, limit}, limit};
    return Quoted{{quote + 3, close}, close + 3};
  }
  std::size_t before = 0;
  for (std::size_t i = begin; i < limit && text[i] != '\n' && text[i] != '\r'; ++i) {
    const bool closes = escapes == 0 ? before % 2 == 0 : before == escapes;
    if (text[i] == text[quote] && closes) return Quoted{{begin, i - escapes}, i + 1};
    before = text[i] == '\\' ? before + 1 : 0;
  }
  const std::size_t end = std::min(text.find_first_of("\r\n", begin), limit);
  return Quoted{{begin, end}, end};
}

// What a console is told: beyond the first `kept` arguments, a text is a secret. With its '(' a
// call may have several lines.
struct Call {
  std::string_view name;
  std::size_t kept;
};

constexpr std::array<Call, 10> kCalls = {{{"connect(", 1},
                                          {"wifi.begin(", 1},
                                          {"softap(", 1},
                                          {"addap(", 1},
                                          {".config(", 1},
                                          {"mqttclient(", 3},
                                          {"+cwjap", 1},
                                          {"+cwsap", 1},
                                          {"+mqttpassword", 1},
                                          {"+mqttusercfg", 3}}};

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text), lowered_(Lowered(text)) {}

  std::vector<SecretSpan> Find() {
    FindUserInfo();
    FindQueryValues();
    FindNamedValues();
    FindHeaders();
    FindSchemeWords();
    FindOptions();
    for (const Call& call : kCalls) FindArguments(call);
    FindPrivateKeys();
    return std::move(spans_);
  }

 private:
  void Add(std::size_t begin, std::size_t end) {
    if (begin < end && end <= text_.size()) spans_.push_back({begin, end});
  }

  std::size_t EndOf(std::size_t from, std::string_view stops) const {
    const std::size_t limit = std::min(text_.size(), from + kValueMax);
    while (from < limit && !IsBlankOrEnd(text_[from]) && stops.find(text_[from]) == stops.npos)
      ++from;
    return from;
  }

  // Everything before the last '@' of what may be a host.
  void FindUserInfo() {
    for (std::size_t at = text_.find('@'); at != text_.npos; at = text_.find('@', at + 1)) {
      std::size_t begin = at;
      constexpr std::string_view kStops = "/?#\"'<>(),=`|";
      while (begin > 0 && at - begin < kUserInfoMax && !IsBlankOrEnd(text_[begin - 1]) &&
             kStops.find(text_[begin - 1]) == kStops.npos)
        --begin;
      const bool of_url = begin >= 2 && text_.substr(begin - 2, 2) == "//";
      const std::string_view info = text_.substr(begin, at - begin);
      if (of_url || (info.find(':') != info.npos && !info.starts_with("mailto:"))) Add(begin, at);
    }
  }

  void FindQueryValues() {
    for (std::size_t i = text_.find_first_of("?&;"); i != text_.npos;
         i = text_.find_first_of("?&;", i + 1)) {
      std::size_t end = i + 1;
      while (end < text_.size() && end - i < 80 && (IsOfName(text_[end]) || text_[end] == '%'))
        ++end;
      if (end >= text_.size() || text_[end] != '=') continue;
      if (!IsSecretInQuery(std::string_view(lowered_).substr(i + 1, end - i - 1))) continue;
      Add(end + 1, EndOf(end + 1, "&;#\"'<>"));
    }
  }

  // name = value, name: value, "name": "value", name (a remark): value.
  void FindNamedValues() {
    for (std::size_t i = 0; i < text_.size();) {
      if (!IsOfName(text_[i])) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < text_.size() && IsOfName(text_[end])) ++end;
      const bool of_query = i > 0 && (text_[i - 1] == '?' || text_[i - 1] == '&');
      if (!of_query && IsSecretName(std::string_view(lowered_).substr(i, end - i)))
        FindValueBehind(end, i > 0 && text_[i - 1] == '<');
      i = end;
    }
  }

  std::size_t SkipBlanks(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    return at;
  }

  void FindValueBehind(std::size_t at, bool of_element) {
    if (of_element && at < text_.size() && text_[at] == '>') {
      Add(at + 1, std::min(text_.find_first_of("<\r\n", at + 1), text_.size()));
      return;
    }
    while (at < text_.size() && (text_[at] == '\\' || IsQuote(text_[at]))) ++at;
    at = SkipBlanks(at);
    if (at < text_.size() && text_[at] == '(') {
      const std::size_t close = text_.find_first_of(")\r\n", at);
      if (close == text_.npos || text_[close] != ')') return;
      at = SkipBlanks(close + 1);
    }
    if (at >= text_.size() || (text_[at] != '=' && text_[at] != ':')) return;
    const bool twice = at + 1 < text_.size() && text_[at + 1] == '=';
    if (twice && text_[at] == '=') return;  // a comparison
    at = SkipBlanks(at + (twice ? 2 : 1));
    // Python's prefixes: b"…", r'…'.
    if (at + 1 < text_.size() && IsLetterOrDigit(text_[at]) && IsQuote(text_[at + 1])) ++at;
    if (const auto quoted = QuotedAt(text_, at)) {
      Add(quoted->content.begin, quoted->content.end);
    } else {
      std::size_t end = EndOf(at, "\"'<>");
      while (end > at && std::string_view(",;)]}").find(text_[end - 1]) != std::string_view::npos)
        --end;
      Add(at, end);
    }
  }

  void FindHeaders() {
    for (const std::string_view header :
         {"authorization:", "cookie:", "x-auth-token:", "x-api-key:", "x-amz-security-token:"}) {
      for (std::size_t at = lowered_.find(header); at != lowered_.npos;
           at = lowered_.find(header, at + 1)) {
        const std::size_t begin = SkipBlanks(at + header.size());
        Add(begin, std::min(text_.find_first_of("\r\n", begin), text_.size()));
      }
    }
  }

  void FindSchemeWords() {
    constexpr std::size_t kCredentialMin = 8;
    for (const std::string_view scheme : {"bearer ", "basic "}) {
      for (std::size_t at = lowered_.find(scheme); at != lowered_.npos;
           at = lowered_.find(scheme, at + 1)) {
        if (at > 0 && IsOfName(text_[at - 1])) continue;
        const std::size_t begin = SkipBlanks(at + scheme.size());
        const std::size_t end = EndOf(begin, "\"'<>,;)");
        const std::string_view word = text_.substr(begin, end - begin);
        const bool plain =
            std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
        if (word.size() >= kCredentialMin && !plain) Add(begin, end);
      }
    }
  }

  // Options of a program, in a line or in a list of words: --password X, "--user", "name:X".
  void FindOptions() {
    for (std::size_t at = text_.find('-'); at != text_.npos; at = text_.find('-', at + 1)) {
      if (at > 0 && !IsBlankOrEnd(text_[at - 1]) && !IsQuote(text_[at - 1])) continue;
      const std::size_t end = EndOf(at, "\"'=,");
      const std::string_view name = std::string_view(lowered_).substr(at, end - at);
      const bool of_pair = name == "-u" || name == "--user" || name == "--proxy-user";
      if (!of_pair && !(name.starts_with("--") && IsSecretName(name))) continue;
      const std::size_t begin = std::min(text_.find_first_not_of(" \t\"',", end), text_.size());
      if (begin == end || begin == text_.size() || text_[begin] == '-') continue;
      const std::size_t value_end = EndOf(begin, "\"',");
      const bool has_pair = text_.substr(begin, value_end - begin).find(':') != text_.npos;
      if (!of_pair || has_pair) Add(begin, value_end);
    }
  }

  bool IsNamedKey(std::size_t at) const {
    std::string_view before = std::string_view(lowered_).substr(0, at);
    const auto trim = [&before] { before = before.substr(0, before.find_last_not_of(' ') + 1); };
    trim();
    if (!before.ends_with('=')) return false;
    before.remove_suffix(1);
    trim();
    return before.ends_with("key");
  }

  void FindArguments(const Call& call) {
    const std::string_view ends = call.name.ends_with('(') ? "" : "\r\n";
    for (std::size_t at = lowered_.find(call.name); at != lowered_.npos;
         at = lowered_.find(call.name, at + 1)) {
      std::size_t i = at + call.name.size();
      std::size_t argument = 0;
      std::size_t depth = 0;
      const std::size_t limit = std::min(text_.size(), i + kValueMax);
      while (i < limit && ends.find(text_[i]) == ends.npos) {
        const char c = text_[i];
        if (const auto quoted = QuotedAt(text_, i)) {
          if (argument >= call.kept || IsNamedKey(i))
            Add(quoted->content.begin, quoted->content.end);
          i = quoted->end;
          continue;
        }
        if (c == ',' && depth == 0) ++argument;
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' && depth == 0) break;
        if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
        ++i;
      }
    }
  }

  void FindPrivateKeys() {
    constexpr std::string_view kEnd = "-----END";
    for (std::size_t at = text_.find("PRIVATE KEY-----"); at != text_.npos;
         at = text_.find("PRIVATE KEY-----", at + 1)) {
      const std::size_t dashes = text_.rfind("-----", at);
      if (dashes == text_.npos || text_.substr(dashes, 10) != "-----BEGIN") continue;
      Add(at + 16, std::min(text_.find(kEnd, at), text_.size()));
    }
  }

  std::string_view text_;
  std::string lowered_;
  std::vector<SecretSpan> spans_;
};

// A URL may be a value in the query of another: https%3A%2F%2Fuser%3Apassword%40host.
struct Decoded {
  std::string text;
  std::vector<std::size_t> places;  // where each octet stood, and the end
};

Decoded PercentDecoded(std::string_view text) {
  Decoded decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    decoded.places.push_back(i);
    decoded.text += text[i];
    if (text[i] != '%' || text.size() - i < 3) continue;
    const auto high = HexDigit(text[i + 1]);
    const auto low = HexDigit(text[i + 2]);
    if (!high || !low) continue;
    decoded.text.back() = static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  decoded.places.push_back(text.size());
  return decoded;
}

// In order and apart from each other.
std::vector<SecretSpan> Merged(std::vector<SecretSpan> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const SecretSpan& a, const SecretSpan& b) { return a.begin < b.begin; });
  std::vector<SecretSpan> merged;
  for (const SecretSpan& span : spans) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

// Of the octets from `begin` to `end`, with the part of each span that lies there struck out.
std::string StruckPart(std::string_view text, const std::vector<SecretSpan>& spans,
                       std::size_t begin, std::size_t end) {
  std::string struck;
  std::size_t done = begin;
  for (const SecretSpan& span : spans) {
    const std::size_t from = std::max(span.begin, begin);
    const std::size_t to = std::min(span.end, end);
    if (from >= to) continue;
    struck += text.substr(done, from - done);
    struck += kStruck;
    done = to;
  }
  struck += text.substr(done, end - done);
  return struck;
}

}  // namespace

std::vector<SecretSpan> FindSecrets(std::string_view text) {
  std::vector<SecretSpan> spans = Finder(text).Find();
  const Decoded decoded = PercentDecoded(text);
  if (decoded.text.size() != text.size())
    for (const SecretSpan& span : Finder(decoded.text).Find())
      spans.push_back({decoded.places[span.begin], decoded.places[span.end]});
  return Merged(std::move(spans));
}

std::string StrikeSecrets(std::string_view text) {
  return StruckPart(text, FindSecrets(text), 0, text.size());
}

std::vector<std::string> StrikeSecrets(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  const std::vector<SecretSpan> spans = FindSecrets(text);
  std::vector<std::string> struck;
  std::size_t begin = 0;
  for (const std::string& line : lines) {
    struck.push_back(StruckPart(text, spans, begin, begin + line.size()));
    begin += line.size() + 1;
  }
  return struck;
}

void MaskSecrets(std::span<char> text) {
  for (const SecretSpan& span : FindSecrets({text.data(), text.size()}))
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(span.begin),
              text.begin() + static_cast<std::ptrdiff_t>(span.end), '*');
}

}  // namespace lastgood
