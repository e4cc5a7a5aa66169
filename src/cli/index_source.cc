// SPDX-License-Identifier: MIT
#include "cli/index_source.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/nearest_word.h"
#include "cli/session.h"
#include "cli/signed_download.h"
#include "digest/digest.h"
#include "http/file_url.h"
#include "trust/seen_versions.h"

namespace lastgood {
namespace {

bool ChangesNothing(Command command) {
  return command == Command::kPlan || command == Command::kCheck;
}

// The index's signature covers size and digest, so the file needs none of its own.
Result<Description> Fetch(const OpenedIndex& index, const IndexEntry& entry, Toolbox& tools) {
  TRY(const std::string url, ResolveUrl(index.url, entry.url, "the url"));
  TRY(std::string text, DownloadText(url, entry.size_bytes, tools));
  if (text.size() != entry.size_bytes || Sha256(AsBytes(text)) != entry.sha256) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' is not what index '{}' version {} lists", url, index.index.name,
                            index.index.version),
                "its server has another version than the index, or somebody changed it");
  }
  Trust trust = index.trust;
  trust.text = fmt::format("index '{}' version {}, {}", index.index.name, index.index.version,
                           index.trust.text);
  return Description{url, std::move(text), Origin::kRemote, std::move(trust)};
}

}  // namespace

Result<OpenedIndex> OpenIndex(const CommandLine& line, Toolbox& tools, const TrustBasis& basis) {
  OpenedIndex opened;
  opened.url = IsUrl(line.index_url) ? line.index_url : FileUrlOf(line.index_url);
  TRY(SignedText text, DownloadSigned(opened.url, tools));
  TRY(opened.trust, JudgeDescription(text, Origin::kRemote, basis.policy, basis.keyring));
  const Sha256Digest digest = Sha256(AsBytes(text.text));
  TRY(opened.index, ParseIndex(std::move(text.text), opened.url));
  const SeenVersion seen{opened.url, opened.index.version, digest};
  const std::filesystem::path state = StateDirectoryOf(line, tools.surroundings);
  TRY_DO(ChangesNothing(line.command) ? CheckSeen(state, seen)
                                      : NoteSeen(state, seen, tools.clock));
  return opened;
}

Result<Description> ManifestOfIndex(const OpenedIndex& index, const std::string& name,
                                    Toolbox& tools) {
  if (const IndexEntry* entry = FindEntry(index.index.manifests, name))
    return Fetch(index, *entry, tools);
  std::vector<std::string> names;
  for (const IndexEntry& entry : index.index.manifests) names.push_back(entry.name);
  const auto nearest = NearestWord(name, names);
  return Fail(ExitCode::kUsage,
              fmt::format("index '{}' has no manifest named '{}'", index.index.name, name),
              nearest ? fmt::format("did you mean '{}'?", *nearest)
                      : fmt::format("it has: {}", fmt::join(names, ", ")));
}

Result<std::optional<Description>> RecipeOfIndex(const OpenedIndex& index, const std::string& name,
                                                 Toolbox& tools) {
  const IndexEntry* entry = FindEntry(index.index.recipes, name);
  if (entry == nullptr) return std::optional<Description>();
  TRY(Description description, Fetch(index, *entry, tools));
  return std::optional(std::move(description));
}

}  // namespace lastgood
