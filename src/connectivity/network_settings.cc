// SPDX-License-Identifier: MIT
#include "connectivity/network_settings.h"

#include <algorithm>
#include <utility>

#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "toml/document.h"

namespace lastgood {
namespace {

constexpr std::size_t kKnownAnswersMax = 16;  // all are asked at once
constexpr std::size_t kExpectSizeMax = 1024;

Refusal WhyNotWebUrl(std::string_view text) {
  if (auto refusal = WhyNotUrl(text)) return refusal;
  if (text.starts_with("file:")) return "must start with http:// or https://";
  return std::nullopt;
}

KnownAnswer ReadKnownAnswer(const toml::Table& table, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "[[known_answer]]", diagnostics);
  KnownAnswer known;
  known.url = reader.RequiredString("url");
  if (!known.url.empty()) Accept(reader, "url", WhyNotWebUrl(known.url));
  known.expect = reader.OptionalString("expect");
  if (known.expect) Accept(reader, "expect", WhyNotConsoleText(*known.expect, kExpectSizeMax));
  reader.Finish();
  return known;
}

void ReadSettings(toml::TableReader& root, NetworkSettings& settings,
                  toml::Diagnostics& diagnostics) {
  if (!root.OptionalBool("use_defaults").value_or(true)) settings.known_answers.clear();
  const auto tables =
      AtMost(kKnownAnswersMax, root.OptionalTables("known_answer"), root, "known_answer");
  std::vector<KnownAnswer> own;
  for (const toml::Table* table : tables) own.push_back(ReadKnownAnswer(*table, diagnostics));
  settings.known_answers.insert(settings.known_answers.begin(), own.begin(), own.end());
  root.Finish();
}

}  // namespace

std::vector<KnownAnswer> DefaultKnownAnswers() {
  return {
      {"http://network-test.debian.org/nm", "NetworkManager is online"},
      {"http://detectportal.firefox.com/success.txt", "success"},
      {"https://nmcheck.gnome.org/check_network_status.txt", "NetworkManager is online"},
      {"https://detectportal.firefox.com/success.txt", "success"},
      {"http://1.1.1.1/", std::nullopt},
      {"https://8.8.8.8/", std::nullopt},
      {"http://[2606:4700:4700::1111]/", std::nullopt},
  };
}

Result<NetworkSettings> ParseNetworkSettings(std::string text, std::string name) {
  TRY(toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the network settings", diagnostics);
  NetworkSettings settings;
  if (ReadSchema(root, diagnostics)) ReadSettings(root, settings, diagnostics);
  TRY_DO(diagnostics.ToResult());
  return settings;
}

}  // namespace lastgood
