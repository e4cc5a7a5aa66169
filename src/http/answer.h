// SPDX-License-Identifier: MIT
// URLs and answers in words: what messages, reports and verdicts say about them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace lastgood {

// How many first octets of an answer are worth keeping as evidence.
inline constexpr std::size_t kAnswerStartBytes = 64;

// Without user name and password, and cut to a length that fits a message: reports are passed on.
std::string UrlForPeople(std::string_view url);

// "micropython.org", "127.0.0.1:8080"; empty when there is none, as in file:///…
std::string UrlHost(std::string_view url);

// Lower case: "https"; empty when the URL has none.
std::string UrlScheme(std::string_view url);

// "404 Not Found"; the bare number when it has no common name.
std::string StatusForPeople(int status);

// Begins like a web page, whatever its declared type: what portals and error pages send.
bool LooksLikeHtml(ByteSpan start);

// "'<!DOCTYPE html>\r\n…'": at most kAnswerStartBytes octets, those that do not print escaped.
std::string QuoteStart(ByteSpan start);

}  // namespace lastgood
