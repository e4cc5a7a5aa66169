// SPDX-License-Identifier: MIT
#include "connectivity/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "http/answer.h"

namespace lastgood {
namespace {

constexpr std::size_t kMirrorsMax = 8;  // each is a thread

// "example" is reserved (RFC 2606) and, other than "invalid", not answered by local resolvers on
// their own: who answers for it answers for everything.
constexpr std::string_view kNoSuchName = "http://lastgood-asks-for-what-does-not-exist.example/";

bool IsWeb(const std::string& url) {
  const std::string scheme = UrlScheme(url);
  return scheme == "http" || scheme == "https";
}

void AddTarget(std::vector<Question>& questions, const std::string& url,
               const DiagnosisSettings& settings) {
  questions.push_back({ProbeSubject::kTarget, url});
  const bool proxied = !ProxyFor(url, settings.environment).empty();
  if (proxied) questions.push_back({ProbeSubject::kPastProxy, url, AddressFamily::kAny, ""});
  // An address has one family; through a proxy, it would be that of the way to the proxy.
  if (!proxied && !HasAddress(url)) {
    questions.push_back({ProbeSubject::kIpv4, url, AddressFamily::kIpv4});
    questions.push_back({ProbeSubject::kIpv6, url, AddressFamily::kIpv6});
  }
  for (const FoundProxy& proxy : settings.proxies) {
    questions.push_back(
        {ProbeSubject::kThroughProxy, url, AddressFamily::kAny, proxy.url, proxy.origin});
  }
}

}  // namespace

std::vector<Question> QuestionsFor(const std::vector<std::string>& urls,
                                   const DiagnosisSettings& settings) {
  std::vector<Question> questions;
  const auto target = std::find_if(urls.begin(), urls.end(), IsWeb);
  if (target != urls.end()) AddTarget(questions, *target, settings);
  std::size_t mirrors = 0;
  for (auto url = urls.begin(); url != urls.end(); ++url) {
    if (url != target && mirrors++ < kMirrorsMax)
      questions.push_back({ProbeSubject::kMirror, *url});
  }
  for (const KnownAnswer& known : settings.known_answers)
    questions.push_back(
        {ProbeSubject::kKnownAnswer, known.url, AddressFamily::kAny, {}, {}, known.expect});
  questions.push_back(
      {ProbeSubject::kNoSuchName, std::string(kNoSuchName), AddressFamily::kAny, ""});
  for (const std::string& address : settings.name_servers) {
    const bool ipv6 = address.find(':') != std::string::npos;
    questions.push_back(
        {ProbeSubject::kNameServer,
         fmt::format(fmt::runtime(ipv6 ? "http://[{}]:53/" : "http://{}:53/"), address),
         AddressFamily::kAny, ""});
  }
  return questions;
}

Result<std::vector<Probe>> AskAll(const HttpClient& http, const Clock& wall_clock,
                                  const std::vector<Question>& questions,
                                  std::chrono::milliseconds limit, const Interrupt& interrupt) {
  struct Asked {
    std::unique_ptr<HttpClient> client;
    std::optional<Result<Probe>> answer;
    std::thread thread;
  };
  std::vector<Asked> all(questions.size());
  for (Asked& asked : all) asked.client = http.Another();
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].thread =
        std::thread([&asked = all[i], &question = questions[i], &wall_clock, limit, &interrupt] {
          asked.answer = Ask(*asked.client, wall_clock, question, limit, interrupt);
        });
  }
  for (Asked& asked : all) asked.thread.join();
  std::vector<Probe> probes;
  for (Asked& asked : all) {
    TRY(Probe probe, *std::move(asked.answer));
    probes.push_back(std::move(probe));
  }
  return probes;
}

}  // namespace lastgood
