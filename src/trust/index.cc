// SPDX-License-Identifier: MIT
#include "trust/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "toml/document.h"

namespace lastgood {
namespace {

constexpr std::size_t kEntriesMax = 4096;

// A path below the index's own directory, in the characters that a URL may have.
Refusal WhyNotRelative(std::string_view text) {
  if (text.empty() || text.front() == '/') return "must be a URL or a relative path";
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
    if (segment == "..") return "must not lead out of its directory";
  }
  if (text.find_first_of(":?#\\") != std::string_view::npos)
    return "must be a URL or a relative path";
  return WhyNotUrl(fmt::format("http://host/{}", text));
}

Refusal WhyNotReference(std::string_view text) {
  return text.find("://") != std::string_view::npos ? WhyNotUrl(text) : WhyNotRelative(text);
}

IndexEntry ReadEntry(const toml::Table& table, const std::string& where,
                     toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, where, diagnostics);
  IndexEntry entry;
  entry.name = reader.RequiredString("name");
  if (!entry.name.empty()) Accept(reader, "name", WhyNotName(entry.name));
  entry.url = reader.RequiredString("url");
  if (!entry.url.empty()) Accept(reader, "url", WhyNotReference(entry.url));
  entry.size_bytes = static_cast<std::uint64_t>(
      reader.RequiredInteger("size", 1, static_cast<std::int64_t>(kDescriptionBytesMax)));
  const std::string sha256 = reader.RequiredString("sha256");
  if (!sha256.empty() && Accept(reader, "sha256", WhyNotSha256(sha256)))
    entry.sha256 = ParseSha256(sha256).value_or(Sha256Digest{});
  reader.Finish();
  return entry;
}

std::vector<IndexEntry> ReadEntries(toml::TableReader& root, const std::string& key,
                                    toml::Diagnostics& diagnostics) {
  std::vector<IndexEntry> entries;
  std::set<std::string> names;
  for (const toml::Table* table : AtMost(kEntriesMax, root.OptionalTables(key), root, key)) {
    IndexEntry entry = ReadEntry(*table, fmt::format("[[{}]]", key), diagnostics);
    if (!entry.name.empty() && !names.insert(entry.name).second)
      diagnostics.Add(table->position,
                      fmt::format("there are two {}s named '{}'", key, entry.name));
    entries.push_back(std::move(entry));
  }
  return entries;
}

void ReadIndex(toml::TableReader& root, Index& index, toml::Diagnostics& diagnostics) {
  index.name = root.RequiredString("name");
  if (!index.name.empty()) Accept(root, "name", WhyNotName(index.name));
  index.version = root.RequiredInteger("version", 1, std::numeric_limits<std::int64_t>::max());
  index.manifests = ReadEntries(root, "manifest", diagnostics);
  index.recipes = ReadEntries(root, "recipe", diagnostics);
  root.Finish();
}

std::string FormatEntries(const std::vector<IndexEntry>& entries, std::string_view key) {
  std::string text;
  for (const IndexEntry& entry : entries) {
    text += fmt::format("\n[[{}]]\nname = {}\nurl = {}\nsize = {}\nsha256 = \"{}\"\n", key,
                        toml::Quote(entry.name), toml::Quote(entry.url), entry.size_bytes,
                        entry.sha256.ToHex());
  }
  return text;
}

}  // namespace

Result<Index> ParseIndex(std::string text, std::string name) {
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the index", diagnostics);
  Index index;
  if (ReadSchema(root, diagnostics)) ReadIndex(root, index, diagnostics);
  TRY_DO(diagnostics.ToResult());
  return index;
}

std::string FormatIndex(const Index& index) {
  return fmt::format("schema = 1\nname = {}\nversion = {}\n", toml::Quote(index.name),
                     index.version) +
         FormatEntries(index.manifests, "manifest") + FormatEntries(index.recipes, "recipe");
}

const IndexEntry* FindEntry(const std::vector<IndexEntry>& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const IndexEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

Result<std::string> ResolveUrl(const std::string& base, const std::string& reference,
                               std::string_view what) {
  if (const Refusal refusal = WhyNotReference(reference))
    return Fail(ExitCode::kInvalidManifest,
                fmt::format("{} '{}' in '{}' {}", what, reference, base, *refusal));
  if (reference.find("://") != std::string::npos) return reference;
  const std::string path = base.substr(0, base.find_first_of("?#"));
  return path.substr(0, path.rfind('/') + 1) +
         (reference.starts_with("./") ? reference.substr(2) : reference);
}

bool IsUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("file://");
}

}  // namespace lastgood
