// SPDX-License-Identifier: MIT
// One question asked of the network, and what became of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

enum class ProbeSubject {
  kTarget,        // the artifact, as the download will ask for it
  kMirror,        // another of its URLs
  kIpv4,          // the target over IPv4 alone
  kIpv6,          // the target over IPv6 alone
  kPastProxy,     // the target past the environment's proxy
  kThroughProxy,  // the target through a proxy that was found
  kKnownAnswer,   // what a known URL says
  kNoSuchName,    // a name that does not exist
  kNameServer,    // whether the name server's computer is there, whatever it says
};

struct Question {
  ProbeSubject subject = ProbeSubject::kTarget;
  std::string url;
  AddressFamily family = AddressFamily::kAny;
  std::optional<std::string> proxy{};   // as HttpRequest's
  std::string proxy_origin{};           // where that was found
  std::optional<std::string> expect{};  // kKnownAnswer; unset: any answer will do
};

enum class ProbeOutcome {
  kAnswers,  // what was asked for, as far as its first octets tell
  kPage,     // something else: a web page, a redirect, another text
  kStatus,   // an HTTP status that is no success
  kTrouble,  // no answer
};

struct Probe {
  Question question;
  ProbeOutcome outcome = ProbeOutcome::kTrouble;
  HttpTrouble trouble = HttpTrouble::kNone;
  int status = 0;
  std::string page_url;  // kPage: where it is
  std::string text;      // one line: what, on which object, why
  std::string hint;      // what the client would do about it; often empty
  std::optional<std::chrono::seconds> clock_behind;  // this computer's, by the answer's Date
};

// Asks, and takes no longer than `limit`. `wall_clock` is compared with the answer's Date. Fails
// only with kInterrupted.
Result<Probe> Ask(HttpClient& http, const Clock& wall_clock, const Question& question,
                  std::chrono::milliseconds limit, const Interrupt& interrupt);

// "micropython.org", or the URL when it has none.
std::string NameOf(const std::string& url);

// Its host is an address, so that no name has to be resolved.
bool HasAddress(const std::string& url);

}  // namespace lastgood
