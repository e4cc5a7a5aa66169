// SPDX-License-Identifier: MIT
#include "cli/locate.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/nearest_word.h"
#include "cli/bundle_source.h"
#include "host/files.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kDescriptionBytesMax = 1U << 20;

bool IsPath(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".toml");
}

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

Result<LocatedPlan> LocatePlan(const CommandLine& line, const Surroundings& surroundings) {
  if (IsBundle(line.manifest)) return LocateBundle(line, surroundings);
  TRY(const fs::path manifest_path, Locate(line.manifest, "manifests", {}, surroundings));
  TRY(std::string manifest_text, ReadDescription(manifest_path));
  TRY(Manifest manifest, ParseManifest(std::move(manifest_text), manifest_path.string()));
  // A recipe named on the command line is found from here, one named in the manifest from there.
  const bool given = !line.recipe.empty();
  const fs::path beside = given ? fs::path() : fs::absolute(manifest_path).parent_path();
  TRY(const fs::path recipe_path,
      Locate(given ? line.recipe : manifest.recipe, "recipes", beside, surroundings));
  TRY(std::string recipe_text, ReadDescription(recipe_path));
  TRY(Recipe recipe, ParseRecipe(std::move(recipe_text), recipe_path.string()));
  TRY(Plan plan, MakePlan(std::move(manifest), std::move(recipe)));
  return LocatedPlan{std::move(plan), {"provision", manifest_path.string(), recipe_path.string()}};
}

Result<LocatedRecipe> LocateRecipe(const std::string& name, const Surroundings& surroundings) {
  TRY(const std::filesystem::path path, Locate(name, "recipes", {}, surroundings));
  TRY(std::string text, ReadDescription(path));
  TRY(Recipe recipe, ParseRecipe(text, path.string()));
  return LocatedRecipe{std::move(recipe), std::move(text), path.string()};
}

}  // namespace lastgood
