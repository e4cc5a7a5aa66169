// SPDX-License-Identifier: MIT
#include "cli/locate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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
#include "plan/step_order.h"
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

// What `from` names is found from there.
Result<Description> FindBeside(const Description& from, const std::string& wanted,
                               const std::optional<OpenedIndex>& index, Toolbox& tools,
                               const TrustBasis& basis) {
  if (IsUrl(wanted)) return FindRemote(wanted, tools, basis);
  if (from.origin != Origin::kRemote) {
    return FindLocal(wanted, "recipes", fs::absolute(from.name).parent_path(), tools.surroundings,
                     basis);
  }
  if (IsPath(wanted)) {
    TRY(const std::string url, ResolveUrl(from.name, wanted, "the recipe"));
    return FindRemote(url, tools, basis);
  }
  if (index) {
    TRY(std::optional<Description> listed, RecipeOfIndex(*index, wanted, tools));
    if (listed) return *std::move(listed);
  }
  return FindLocal(wanted, "recipes", {}, tools.surroundings, basis);
}

// `recipe`, the one that it extends, and so on.
Result<std::vector<Description>> WithBases(Description recipe,
                                           const std::optional<OpenedIndex>& index, Toolbox& tools,
                                           const TrustBasis& basis) {
  std::vector<Description> found{std::move(recipe)};
  std::vector<RecipeFile> files;
  for (;;) {
    TRY(RecipeFile file, ParseRecipeFile(found.back().text, found.back().name));
    files.push_back(std::move(file));
    TRY_DO(CheckChain(files));
    const std::string& extends = files.back().extends;
    if (extends.empty()) return found;
    Result<Description> base = FindBeside(found.back(), extends, index, tools, basis);
    if (!base) {
      base.error().message += fmt::format("; '{}' extends it", found.back().name);
      return Fail(std::move(base).error());
    }
    found.push_back(*std::move(base));
  }
}

// One that is named on the command line is found from here.
Result<std::vector<Description>> FindGivenRecipe(const std::string& name, Toolbox& tools,
                                                 const TrustBasis& basis) {
  Result<Description> found = IsUrl(name)
                                  ? FindRemote(name, tools, basis)
                                  : FindLocal(name, "recipes", {}, tools.surroundings, basis);
  if (!found) return Fail(std::move(found).error());
  return WithBases(*std::move(found), {}, tools, basis);
}

Result<std::vector<Description>> FindRecipe(const CommandLine& line, const std::string& wanted,
                                            const Description& manifest,
                                            const std::optional<OpenedIndex>& index, Toolbox& tools,
                                            const TrustBasis& basis) {
  if (!line.recipe.empty()) return FindGivenRecipe(line.recipe, tools, basis);
  TRY(Description found, FindBeside(manifest, wanted, index, tools, basis));
  return WithBases(std::move(found), index, tools, basis);
}

Result<Recipe> JoinedRecipe(const std::vector<Description>& found) {
  std::vector<RecipeFile> files;
  for (const Description& description : found) {
    TRY(RecipeFile file, ParseRecipeFile(description.text, description.name));
    files.push_back(std::move(file));
  }
  return JoinRecipe(std::move(files));
}

// The recipe is the bundle's own, unless one is given on the command line.
Result<LocatedPlan> PlanOfBundle(const CommandLine& line, Toolbox& tools, const TrustBasis& basis) {
  TRY(OpenedBundle opened, OpenBundle(line.manifest, basis));
  if (line.recipe.empty()) return std::move(opened.own);
  TRY(std::vector<Description> recipe_files, FindGivenRecipe(line.recipe, tools, basis));
  TRY(LocatedPlan located, PlanOf(std::move(opened.manifest_file),
                                  std::move(opened.own.plan.manifest), std::move(recipe_files)));
  located.bundle = std::move(opened.own.bundle);
  located.bundle_artifacts = std::move(opened.own.bundle_artifacts);
  return located;
}

// "a.toml and b.toml: not signed; c.toml: signed by …". Nothing is said about what is installed.
std::string DescribeTrust(const std::vector<Description>& descriptions) {
  std::vector<std::string> verdicts;  // in the order in which they come
  std::map<std::string, std::vector<std::string>> files;
  for (const Description& description : descriptions) {
    if (description.origin == Origin::kInstalled) continue;
    std::vector<std::string>& names = files[description.trust.text];
    if (names.empty()) verdicts.push_back(description.trust.text);
    names.push_back(FileNameOf(description.name));
  }
  std::vector<std::string> texts;
  for (const std::string& verdict : verdicts)
    texts.push_back(fmt::format("{}: {}", fmt::join(files[verdict], " and "), verdict));
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::optional<StageEvent> TrustStage(const std::vector<Description>& descriptions) {
  std::string text = DescribeTrust(descriptions);
  if (text.empty()) return std::nullopt;
  const bool is_signed =
      std::all_of(descriptions.begin(), descriptions.end(), [](const Description& description) {
        return description.origin == Origin::kInstalled || description.trust.key;
      });
  return StageEvent{
      "trust", is_signed ? StageOutcome::kOk : StageOutcome::kNote, std::move(text), {}, {}};
}

SignedText SignedTextOf(const Description& description) {
  return {description.name, description.text, description.signature};
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

Result<LocatedPlan> PlanOf(Description manifest_file, Manifest manifest,
                           std::vector<Description> recipe_files) {
  TRY(Recipe recipe, JoinedRecipe(recipe_files));
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe)));
  LocatedPlan located{std::move(plan),
                      {"provision", manifest_file.name, recipe_files.front().name},
                      SignedTextOf(manifest_file),
                      {}};
  for (const Description& file : recipe_files) located.recipe_files.push_back(SignedTextOf(file));
  recipe_files.insert(recipe_files.begin(), std::move(manifest_file));
  located.source.trust = TrustStage(recipe_files);
  return located;
}

Result<LocatedPlan> LocatePlan(const CommandLine& line, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  if (IsBundle(line.manifest)) return PlanOfBundle(line, tools, basis);
  std::optional<OpenedIndex> index;
  if (!line.index_url.empty()) {
    TRY(index, OpenIndex(line, tools, basis));
  }
  TRY(Description manifest_file, FindManifest(line, index, tools, basis));
  // Where its recipe is comes out of it; a manifest with mistakes needs none.
  TRY(Manifest manifest, ParseManifest(manifest_file.text, manifest_file.name));
  TRY(std::vector<Description> recipe_files,
      FindRecipe(line, manifest.recipe, manifest_file, index, tools, basis));
  return PlanOf(std::move(manifest_file), std::move(manifest), std::move(recipe_files));
}

Result<LocatedRecipe> LocateRecipe(const std::string& name, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  TRY(const std::vector<Description> found, FindGivenRecipe(name, tools, basis));
  TRY(Recipe recipe, JoinedRecipe(found));
  TRY([[maybe_unused]] const auto steps, OrderSteps(recipe.steps));
  // Of one file alone it is clear which is meant.
  const bool is_one = found.size() == 1 && found[0].origin != Origin::kInstalled;
  return LocatedRecipe{std::move(recipe), is_one ? found[0].trust.text : DescribeTrust(found)};
}

}  // namespace lastgood
