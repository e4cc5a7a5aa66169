// SPDX-License-Identifier: MIT
#include "http/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace lastgood {
namespace {

constexpr std::size_t kUrlShownMax = 200;
constexpr std::string_view kSchemeEnd = "://";

struct StatusName {
  int status;
  std::string_view name;
};

constexpr std::array kStatusNames = {
    StatusName{200, "OK"},
    StatusName{204, "No Content"},
    StatusName{206, "Partial Content"},
    StatusName{400, "Bad Request"},
    StatusName{401, "Unauthorized"},
    StatusName{403, "Forbidden"},
    StatusName{404, "Not Found"},
    StatusName{407, "Proxy Authentication Required"},
    StatusName{408, "Request Timeout"},
    StatusName{410, "Gone"},
    StatusName{416, "Range Not Satisfiable"},
    StatusName{429, "Too Many Requests"},
    StatusName{451, "Unavailable For Legal Reasons"},
    StatusName{500, "Internal Server Error"},
    StatusName{502, "Bad Gateway"},
    StatusName{503, "Service Unavailable"},
    StatusName{504, "Gateway Timeout"},
    StatusName{511, "Network Authentication Required"},
};

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool StartsWithNoCase(std::string_view text, std::string_view lower_case_prefix) {
  if (text.size() < lower_case_prefix.size()) return false;
  return std::equal(lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(),
                    [](char expected, char actual) { return expected == Lower(actual); });
}

// Where the authority ("user:secret@host:80") begins and ends.
struct Authority {
  std::size_t begin;
  std::size_t end;
};

Authority FindAuthority(std::string_view url) {
  const std::size_t scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return {0, 0};
  const std::size_t begin = scheme_end + kSchemeEnd.size();
  return {begin, std::min(url.find_first_of("/?#", begin), url.size())};
}

void AppendPrintable(std::string& text, std::uint8_t octet) {
  if (octet == '\r') {
    text += "\\r";
  } else if (octet == '\n') {
    text += "\\n";
  } else if (octet == '\\') {
    text += "\\\\";
  } else if (octet < 0x20 || octet > 0x7e) {
    text += fmt::format("\\x{:02x}", octet);
  } else {
    text += static_cast<char>(octet);
  }
}

}  // namespace

std::string UrlForPeople(std::string_view url) {
  Authority authority = FindAuthority(url);
  // A proxy may be named without its scheme.
  if (authority.end == 0) authority.end = std::min(url.find_first_of("/?#"), url.size());
  const std::string_view credentials = url.substr(authority.begin, authority.end - authority.begin);
  const std::size_t at = credentials.rfind('@');
  std::string shown(url);
  if (at != std::string_view::npos) shown.erase(authority.begin, at + 1);
  if (shown.size() > kUrlShownMax) shown = shown.substr(0, kUrlShownMax) + "…";
  return shown;
}

std::string UrlHost(std::string_view url) {
  const Authority authority = FindAuthority(url);
  std::string_view host = url.substr(authority.begin, authority.end - authority.begin);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  return std::string(host);
}

std::string UrlScheme(std::string_view url) {
  const std::size_t end = url.find(kSchemeEnd);
  if (end == std::string_view::npos) return {};
  std::string scheme(url.substr(0, end));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), Lower);
  return scheme;
}

std::string StatusForPeople(int status) {
  for (const StatusName& row : kStatusNames) {
    if (row.status == status) return fmt::format("{} {}", status, row.name);
  }
  return std::to_string(status);
}

bool LooksLikeHtml(ByteSpan start) {
  std::string_view text = AsText(start);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const std::string_view opening : {"<!doctype html", "<html", "<head", "<!--", "<meta"}) {
    if (StartsWithNoCase(text, opening)) return true;
  }
  return false;
}

std::string QuoteStart(ByteSpan start) {
  std::string text = "'";
  for (const std::uint8_t octet : start.first(std::min(start.size(), kAnswerStartBytes)))
    AppendPrintable(text, octet);
  return text + (start.size() >= kAnswerStartBytes ? "…'" : "'");
}

}  // namespace lastgood
