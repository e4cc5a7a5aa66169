// SPDX-License-Identifier: MIT
#include "evidence/strike_secrets.h"

#include <algorithm>
#include <array>
#include <optional>

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
  constexpr std::array<std::string_view, 12> kEnds = {
      "password", "passwd",  "passphrase", "psk",        "secret",      "token",
      "apikey",   "api_key", "api-key",    "access_key", "private_key", "secret_key"};
  constexpr std::array<std::string_view, 3> kWords = {"pass", "pwd", "pw"};
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
// the end of the line.
std::optional<Quoted> QuotedAt(std::string_view text, std::size_t at) {
  std::size_t escapes = 0;
  while (at + escapes < text.size() && text[at + escapes] == '\\') ++escapes;
  const std::size_t quote = at + escapes;
  if (quote >= text.size() || !IsQuote(text[quote])) return std::nullopt;
  const std::size_t begin = quote + 1;
  const std::size_t limit = std::min(text.size(), begin + kValueMax);
  std::size_t before = 0;
  for (std::size_t i = begin; i < limit && text[i] != '\n' && text[i] != '\r'; ++i) {
    const bool closes = escapes == 0 ? before % 2 == 0 : before == escapes;
    if (text[i] == text[quote] && closes) return Quoted{{begin, i - escapes}, i + 1};
    before = text[i] == '\\' ? before + 1 : 0;
  }
  const std::size_t end = std::min(text.find_first_of("\r\n", begin), limit);
  return Quoted{{begin, end}, end};
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text), lowered_(Lowered(text)) {}

  std::vector<SecretSpan> Find() {
    FindUserInfo();
    FindQueryValues();
    FindNamedValues();
    FindHeaders();
    FindSchemeWords();
    for (const std::string_view call : {"connect(", "wifi.begin(", "at+cwjap", "at+cwsap",
                                        "+cwjap:", "+cwsap:", "at+mqttusercfg"})
      FindArguments(call);
    FindPrivateKeys();
    return Merged();
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
        FindValueBehind(end);
      i = end;
    }
  }

  std::size_t SkipBlanks(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    return at;
  }

  void FindValueBehind(std::size_t at) {
    while (at < text_.size() && (text_[at] == '\\' || IsQuote(text_[at]))) ++at;
    at = SkipBlanks(at);
    if (at < text_.size() && text_[at] == '(') {
      const std::size_t close = text_.find_first_of(")\r\n", at);
      if (close == text_.npos || text_[close] != ')') return;
      at = SkipBlanks(close + 1);
    }
    if (at >= text_.size() || (text_[at] != '=' && text_[at] != ':')) return;
    if (at + 1 < text_.size() && text_[at + 1] == '=') return;  // a comparison
    at = SkipBlanks(at + 1);
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

  void FindArguments(std::string_view call) {
    for (std::size_t at = lowered_.find(call); at != lowered_.npos;
         at = lowered_.find(call, at + 1)) {
      std::size_t i = at + call.size();
      std::size_t texts = 0;
      const std::size_t limit = std::min(text_.size(), i + kValueMax);
      while (i < limit && text_[i] != '\n' && text_[i] != '\r' && text_[i] != ')') {
        const auto quoted = QuotedAt(text_, i);
        if (!quoted) {
          ++i;
          continue;
        }
        if (++texts > 1) Add(quoted->content.begin, quoted->content.end);
        i = quoted->end;
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

  std::vector<SecretSpan> Merged() {
    std::sort(spans_.begin(), spans_.end(),
              [](const SecretSpan& a, const SecretSpan& b) { return a.begin < b.begin; });
    std::vector<SecretSpan> merged;
    for (const SecretSpan& span : spans_) {
      if (!merged.empty() && span.begin <= merged.back().end) {
        merged.back().end = std::max(merged.back().end, span.end);
      } else {
        merged.push_back(span);
      }
    }
    return merged;
  }

  std::string_view text_;
  std::string lowered_;
  std::vector<SecretSpan> spans_;
};

}  // namespace

std::vector<SecretSpan> FindSecrets(std::string_view text) { return Finder(text).Find(); }

std::string StrikeSecrets(std::string_view text) {
  std::string struck;
  std::size_t done = 0;
  for (const SecretSpan& span : FindSecrets(text)) {
    struck += text.substr(done, span.begin - done);
    struck += kStruck;
    done = span.end;
  }
  struck += text.substr(done);
  return struck;
}

void MaskSecrets(std::span<char> text) {
  for (const SecretSpan& span : FindSecrets({text.data(), text.size()}))
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(span.begin),
              text.begin() + static_cast<std::ptrdiff_t>(span.end), '*');
}

}  // namespace lastgood
