// SPDX-License-Identifier: MIT
// What must not leave a host in a report: who wants to know why a board failed needs nobody's
// password. Struck out by what stands around it:
// - user and password in URLs and proxies: scheme://user:password@host, user:password@host
// - values of a URL's query whose name says key, token, signature, credential, password, …
// - name = value and name: value, quoted or not, where the name ends in password, passphrase, psk,
//   secret, token, api_key, …; the same as an element, and as --name value
// - user and password behind -u, --user and --proxy-user
// - the rest of the line behind Authorization:, Cookie: and the like; the word behind Bearer, Basic
// - texts behind the first argument of connect("ssid", "password"), WiFi.begin(…), softAP(…),
//   addAP(…), config(…), AT+CWJAP=…, AT+CWSAP=… and its answers; behind the third of MQTTClient(…)
//   and AT+MQTTUSERCFG=…
// - private keys between their BEGIN and END lines
// - all of that also where the text is percent-encoded, as a URL is in another's query
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

struct SecretSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// In order, apart from each other, none of them empty.
std::vector<SecretSpan> FindSecrets(std::string_view text);

// `text` with *** in place of each secret. What is struck already stays as it is.
std::string StrikeSecrets(std::string_view text);
// The same for lines of one text: a secret may be spread over several.
std::vector<std::string> StrikeSecrets(const std::vector<std::string>& lines);

// The same for octets that keep their places: every octet of a secret becomes '*'.
void MaskSecrets(std::span<char> text);

}  // namespace lastgood
