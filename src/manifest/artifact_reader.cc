// SPDX-License-Identifier: MIT
#include "manifest/artifact_reader.h"

#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::size_t kUrlsMax = 16;

}  // namespace

std::vector<std::string> ReadUrls(toml::TableReader& reader, bool may_be_empty,
                                  toml::Diagnostics& diagnostics) {
  auto urls = may_be_empty ? reader.OptionalStrings("urls") : reader.RequiredStrings("urls");
  AcceptEach(reader, "urls", diagnostics, WhyNotUrl);
  Accept(reader, "urls", WhyNotList(urls, kUrlsMax));
  return urls;
}

Sha256Digest ReadSha256(toml::TableReader& reader) {
  const std::string text = reader.RequiredString("sha256");
  if (text.empty() || !Accept(reader, "sha256", WhyNotSha256(text))) return {};
  return *ParseSha256(text);
}

}  // namespace lastgood
