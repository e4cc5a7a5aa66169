// SPDX-License-Identifier: MIT
#include "trust/policy.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "host/files.h"
#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "toml/document.h"
#include "trust/key_reader.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPolicyBytesMax = 1U << 20;
constexpr std::size_t kSourcesMax = 64;
constexpr std::size_t kPrefixSizeMax = 2048;

SourceRule ReadSource(const toml::Table& table, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "[[source]]", diagnostics);
  SourceRule rule;
  rule.prefix = reader.RequiredString("prefix");
  Accept(reader, "prefix", WhyNotLine(rule.prefix, kPrefixSizeMax));
  const std::size_t mistakes = diagnostics.count();
  rule.keys = ReadKeyIds(reader, "keys", diagnostics);
  // A rule without a key would forbid the source for ever.
  if (rule.keys.empty() && diagnostics.count() == mistakes)
    Accept(reader, "keys", "must name at least one key");
  reader.Finish();
  return rule;
}

void ReadPolicy(toml::TableReader& root, Policy& policy, toml::Diagnostics& diagnostics) {
  if (const auto choice = root.OptionalChoice("require_signature", {"remote", "bundles", "always"}))
    policy.require_signature = static_cast<SignatureRequirement>(*choice);
  for (const toml::Table* table :
       AtMost(kSourcesMax, root.OptionalTables("source"), root, "source"))
    policy.sources.push_back(ReadSource(*table, diagnostics));
  root.Finish();
}

}  // namespace

Result<Policy> ParsePolicy(std::string text, std::string name) {
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the policy", diagnostics);
  Policy policy;
  if (ReadSchema(root, diagnostics)) ReadPolicy(root, policy, diagnostics);
  TRY_DO(diagnostics.ToResult());
  return policy;
}

Result<Policy> LoadPolicy(const fs::path& path) {
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) return Policy{};
  const Result<Bytes> content = ReadFile(path, kPolicyBytesMax);
  if (!content) {
    return Fail(ExitCode::kInvalidManifest, content.error().message,
                "it says what has to be signed, so nothing goes on without it");
  }
  return ParsePolicy(std::string(AsText(*content)), path.string());
}

}  // namespace lastgood
