// SPDX-License-Identifier: MIT
// lastgood check: manifests and recipes.
#include <fmt/format.h>

#include <utility>

#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "recipe/recipe.h"
#include "setup/step.h"
#include "toml/document.h"

namespace lastgood {
namespace {

Result<std::string> CheckManifest(const std::string& path, const CommandLine& line,
                                  Toolbox& tools) {
  CommandLine with_file = line;
  with_file.manifest = path;
  TRY(const LocatedPlan located, LocatePlan(with_file, tools.surroundings));
  TRY(const auto steps, MakeSteps(located.plan.steps, tools.process_runner));
  return fmt::format("manifest '{}': {}, {} fallbacks, recipe '{}', {} steps",
                     located.plan.manifest.name, located.plan.manifest.firmware.Title(),
                     located.plan.manifest.fallbacks.size(), located.plan.recipe.name,
                     steps.size());
}

// A recipe has a [board], a manifest has a [firmware].
Result<std::string> CheckFile(const std::string& file, const CommandLine& line, Toolbox& tools) {
  if (IsBundle(file)) return CheckManifest(file, line, tools);
  TRY(std::string text, ReadDescription(file));
  TRY(const toml::Document document, toml::Document::Parse(text, file));
  if (!document.root().entries.contains("board")) {
    const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
    return CheckManifest(path, line, tools);
  }
  TRY(const Recipe recipe, ParseRecipe(std::move(text), file));
  TRY(const auto steps, MakeSteps(recipe.steps, tools.process_runner));
  return fmt::format("recipe '{}': {}, {} steps", recipe.name, recipe.title, steps.size());
}

}  // namespace

Result<ExitCode> RunCheck(const CommandLine& line, Toolbox& tools) {
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : line.files) {
    const Result<std::string> checked = CheckFile(file, line, tools);
    if (!checked) {
      PrintError(checked.error(), line.json, tools.out, tools.err);
      worst = checked.error().code;
    } else if (line.json) {
      fmt::print(tools.out, "{}\n",
                 JsonObject()
                     .Set("v", 1)
                     .Set("event", "checked")
                     .Set("file", file)
                     .Set("text", *checked)
                     .Dump());
    } else if (!line.quiet) {
      fmt::print(tools.out, "{}: ok, {}\n", file, *checked);
    }
  }
  return worst;
}

}  // namespace lastgood
