// SPDX-License-Identifier: MIT
// lastgood check: manifests and recipes.
#include <fmt/format.h>

#include <utility>

#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "json/json_object.h"
#include "manifest/manifest.h"
#include "manifest/text_rules.h"
#include "recipe/recipe.h"
#include "report/print.h"
#include "setup/step.h"
#include "toml/document.h"
#include "trust/index.h"

namespace lastgood {
namespace {

Result<std::string> CheckManifest(const std::string& path, const CommandLine& line,
                                  Toolbox& tools) {
  CommandLine with_file = line;
  with_file.manifest = path;
  TRY(const LocatedPlan located, LocatePlan(with_file, tools));
  SetupHost host = SetupHostOf(line, tools);
  TRY(const auto steps, MakeSteps(SpecsOf(located.plan.steps), host));
  return fmt::format("manifest '{}': {}, {} fallbacks, recipe '{}', {} steps{}",
                     located.plan.manifest.name, located.plan.manifest.firmware.Title(),
                     located.plan.manifest.fallbacks.size(), located.plan.recipe.name, steps.size(),
                     located.source.trust ? "; " + located.source.trust->text : "");
}

Result<std::string> CheckFile(const std::string& file, const CommandLine& line, Toolbox& tools) {
  if (IsBundle(file) || IsUrl(file) || !line.index_url.empty())
    return CheckManifest(file, line, tools);
  TRY(std::string text, ReadDescription(file));
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), file));
  // Never a shipped one's name.
  const std::string path = IsPath(file) ? file : "./" + file;
  if (!IsRecipe(document)) return CheckManifest(path, line, tools);
  TRY(const LocatedRecipe located, LocateRecipe(path, tools));
  const Recipe& recipe = located.recipe;
  SetupHost host = SetupHostOf(line, tools);
  TRY(const auto steps, MakeSteps(recipe.steps, host));
  return fmt::format("recipe '{}': {}, {} steps{}", recipe.name, recipe.title, steps.size(),
                     located.trust.empty() ? "" : "; " + located.trust);
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
      Print(tools.out, "{}\n",
            JsonObject()
                .Set("v", 1)
                .Set("event", "checked")
                .Set("file", file)
                .Set("text", *checked)
                .Dump());
    } else if (!line.quiet) {
      Print(tools.out, "{}: ok, {}\n", file, *checked);
    }
  }
  return worst;
}

}  // namespace lastgood
