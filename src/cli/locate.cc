// SPDX-License-Identifier: MIT
#include "cli/locate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/nearest_word.h"
#include "cli/bundle_source.h"
#include "cli/index_source.h"
#include "cli/signed_download.h"
#include "cli/trust_basis.h"
#include "host/files.h"
#include "manifest/text_rules.h"
#include "trust/index.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> NamesIn(const Surroundings& surroundings, const std::string& kind) {
  std::vector<std::string> names;
  for (const fs::path& directory : surroundings.data_directories) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory / kind, error)) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<fs::path> NotFound(const std::string& name, const std::string& kind,
                          const Surroundings& surroundings) {
  const std::string what = kind.substr(0, kind.size() - 1);
  const std::vector<std::string> names = NamesIn(surroundings, kind);
  if (const auto nearest = NearestWord(name, names)) {
    return Fail(ExitCode::kUsage, fmt::format("no {} is named '{}'", what, name),
                fmt::format("did you mean '{}'?", *nearest));
  }
  return Fail(ExitCode::kUsage, fmt::format("no {} is named '{}'", what, name),
              names.empty() ? fmt::format("give the path of a {} file", what)
                            : fmt::format("there are: {}; or give the path of a file",
                                          fmt::join(names, ", ")));
}

Result<Description> FindLocal(const std::string& name, const std::string& kind,
                              const fs::path& beside, const Surroundings& surroundings,
                              const TrustBasis& basis) {
  TRY(const fs::path path, Locate(name, kind, beside, surroundings));
  TRY(SignedText file, ReadSignedFile(path));
  return Judged(std::move(file), OriginOf(path, surroundings), basis);
}

Result<Description> FindRemote(const std::string& url, Toolbox& tools, const TrustBasis& basis) {
  TRY(SignedText file, DownloadSigned(url, tools));
  return Judged(std::move(file), Origin::kRemote, basis);
}

Result<Description> FindManifest(const CommandLine& line, const std::optional<OpenedIndex>& index,
                                 Toolbox& tools, const TrustBasis& basis) {
  if (index) return ManifestOfIndex(*index, line.manifest, tools);
  if (IsUrl(line.manifest)) return FindRemote(line.manifest, tools, basis);
  return FindLocal(line.manifest, "manifests", {}, tools.surroundings, basis);
}

// A recipe named on the command line is found from here, one named in the manifest from there.
Result<Description> FindRecipe(const CommandLine& line, const std::string& wanted,
                               const Description& manifest, const std::optional<OpenedIndex>& index,
                               Toolbox& tools, const TrustBasis& basis) {
  if (IsUrl(line.recipe)) return FindRemote(line.recipe, tools, basis);
  if (!line.recipe.empty()) return FindLocal(line.recipe, "recipes", {}, tools.surroundings, basis);
  if (IsUrl(wanted)) return FindRemote(wanted, tools, basis);
  if (manifest.origin != Origin::kRemote) {
    return FindLocal(wanted, "recipes", fs::absolute(manifest.name).parent_path(),
                     tools.surroundings, basis);
  }
  if (IsPath(wanted)) {
    TRY(const std::string url, ResolveUrl(manifest.name, wanted, "the recipe"));
    return FindRemote(url, tools, basis);
  }
  if (index) {
    TRY(std::optional<Description> listed, RecipeOfIndex(*index, wanted, tools));
    if (listed) return *std::move(listed);
  }
  return FindLocal(wanted, "recipes", {}, tools.surroundings, basis);
}

// The recipe is the bundle's own, unless one is given on the command line.
Result<LocatedPlan> PlanOfBundle(const CommandLine& line, const Surroundings& surroundings,
                                 const TrustBasis& basis) {
  TRY(OpenedBundle bundle, OpenBundle(line.manifest, basis));
  if (!line.recipe.empty()) {
    TRY(bundle.recipe_file, FindLocal(line.recipe, "recipes", {}, surroundings, basis));
  }
  TRY(LocatedPlan located, PlanOf(std::move(bundle.manifest_file), std::move(bundle.manifest),
                                  std::move(bundle.recipe_file)));
  located.bundle = line.manifest;
  return located;
}

// Nothing to say about what is installed.
std::optional<StageEvent> TrustStage(const Description& manifest, const Description& recipe) {
  std::vector<std::string> texts;
  bool is_signed = true;
  for (const Description* description : {&manifest, &recipe}) {
    if (description->origin == Origin::kInstalled) continue;
    is_signed = is_signed && description->trust.key;
    texts.push_back(FileNameOf(description->name));
  }
  if (texts.empty()) return std::nullopt;
  if (texts.size() == 2 && manifest.trust.text == recipe.trust.text) {
    texts = {fmt::format("{} and {}: {}", texts[0], texts[1], manifest.trust.text)};
  } else {
    std::size_t at = 0;
    for (const Description* description : {&manifest, &recipe})
      if (description->origin != Origin::kInstalled) texts[at++] += ": " + description->trust.text;
  }
  return StageEvent{"trust",
                    is_signed ? StageOutcome::kOk : StageOutcome::kNote,
                    fmt::format("{}", fmt::join(texts, "; ")),
                    {},
                    {}};
}

SignedText SignedTextOf(Description description) {
  return {std::move(description.name), std::move(description.text),
          std::move(description.signature)};
}

}  // namespace

Result<fs::path> Locate(const std::string& name, const std::string& kind, const fs::path& beside,
                        const Surroundings& surroundings) {
  std::error_code error;
  if (IsPath(name)) {
    const fs::path path = fs::path(name).is_absolute() ? fs::path(name) : beside / name;
    if (fs::is_regular_file(path, error)) return path;
    return Fail(ExitCode::kUsage, fmt::format("there is no file '{}'", path.string()));
  }
  std::vector<fs::path> candidates;
  if (!beside.empty()) {
    candidates.push_back(beside / (name + ".toml"));
    candidates.push_back(beside / ".." / kind / (name + ".toml"));
  }
  for (const fs::path& directory : surroundings.data_directories)
    candidates.push_back(directory / kind / (name + ".toml"));
  for (const fs::path& candidate : candidates) {
    if (fs::is_regular_file(candidate, error)) return candidate.lexically_normal();
  }
  return NotFound(name, kind, surroundings);
}

Result<std::string> ReadDescription(const fs::path& path) {
  const Result<Bytes> bytes = ReadFile(path, kDescriptionBytesMax);
  if (!bytes) return Fail(ExitCode::kUsage, bytes.error().message, bytes.error().hint);
  return std::string(AsText(*bytes));
}

Result<SignedText> ReadSignedFile(const fs::path& path) {
  SignedText description;
  description.name = path.string();
  TRY(description.text, ReadDescription(path));
  const fs::path signature = path.string() + ".minisig";
  std::error_code error;
  if (fs::symlink_status(signature, error).type() == fs::file_type::not_found) return description;
  TRY(description.signature, ReadDescription(signature));
  return description;
}

// By its place, whatever a file there links to: who may write there may change the link as well.
Origin OriginOf(const fs::path& path, const Surroundings& surroundings) {
  std::error_code error;
  const fs::path place = fs::canonical(fs::absolute(path, error).parent_path(), error);
  for (const fs::path& directory : surroundings.data_directories)
    for (const char* kind : {"manifests", "recipes"})
      if (!error && place == fs::weakly_canonical(directory / kind, error))
        return Origin::kInstalled;
  return Origin::kLocal;
}

Result<Description> Judged(SignedText file, Origin origin, const TrustBasis& basis) {
  TRY(Trust trust, JudgeDescription(file, origin, basis.policy, basis.keyring));
  return Description{std::move(file.name), std::move(file.text), origin, std::move(trust),
                     std::move(file.signature)};
}

Result<LocatedPlan> PlanOf(Description manifest_file, Manifest manifest, Description recipe_file) {
  TRY(Recipe recipe, ParseRecipe(recipe_file.text, recipe_file.name));
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe)));
  PlanSource source{"provision", manifest_file.name, recipe_file.name};
  source.trust = TrustStage(manifest_file, recipe_file);
  return LocatedPlan{std::move(plan), std::move(source), SignedTextOf(std::move(manifest_file)),
                     SignedTextOf(std::move(recipe_file))};
}

Result<LocatedPlan> LocatePlan(const CommandLine& line, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  if (IsBundle(line.manifest)) return PlanOfBundle(line, tools.surroundings, basis);
  std::optional<OpenedIndex> index;
  if (!line.index_url.empty()) {
    TRY(index, OpenIndex(line, tools, basis));
  }
  TRY(Description manifest_file, FindManifest(line, index, tools, basis));
  // Where its recipe is comes out of it; a manifest with mistakes needs none.
  TRY(Manifest manifest, ParseManifest(manifest_file.text, manifest_file.name));
  TRY(Description recipe_file,
      FindRecipe(line, manifest.recipe, manifest_file, index, tools, basis));
  return PlanOf(std::move(manifest_file), std::move(manifest), std::move(recipe_file));
}

Result<LocatedRecipe> LocateRecipe(const std::string& name, const Surroundings& surroundings) {
  TRY(const TrustBasis basis, LoadTrustBasis(surroundings));
  TRY(Description found, FindLocal(name, "recipes", {}, surroundings, basis));
  TRY(Recipe recipe, ParseRecipe(found.text, found.name));
  const bool is_installed = found.origin == Origin::kInstalled;
  return LocatedRecipe{std::move(recipe), std::move(found.text), found.name,
                       is_installed ? "" : found.trust.text};
}

}  // namespace lastgood
