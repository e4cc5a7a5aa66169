// SPDX-License-Identifier: MIT
#include "cli/store_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/trust_options.h"
#include "http/answer.h"

namespace lastgood {
namespace {

void Choose(CLI::App& app, CommandLine& line, Command command) {
  app.callback([&line, command] {
    if (line.command == Command::kNone) line.command = command;
  });
}

void AddPrune(CLI::App& cache, CommandLine& line) {
  CLI::App* prune = cache.add_subcommand(
      "prune", "remove images that no board, no unfinished run and no manifest's newest run needs");
  Choose(*prune, line, Command::kCachePrune);
  CLI::Option* older =
      prune
          ->add_option("--older-than", line.older_than_days,
                       "those that were stored more than so many days ago; 30 unless said")
          ->type_name("DAYS")
          ->check(CLI::Range(0, 36500));
  prune->add_flag("--all", line.all, "however young they are")->excludes(older);
  prune
      ->add_option("--max-size", line.size_max_bytes,
                   "and the oldest others, until what is left is no more than this, such as 500MB")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/true));
  prune->add_flag("-n,--dry-run", line.dry_run, "only say what would go");
}

}  // namespace

void AddMirrorOption(CLI::App& app, CommandLine& line) {
  app.add_option("--mirror", line.mirrors,
                 "address of a served images directory, asked before the manifest's own; may be "
                 "given several times")
      ->type_name("URL")
      ->expected(1)
      ->take_all()
      ->check([](const std::string& url) {
        const std::string scheme = UrlScheme(url);
        if (scheme == "http" || scheme == "https" || scheme == "file") return std::string();
        return fmt::format("'{}' is no http, https or file URL", url);
      });
}

void AddStoreCommands(CLI::App& app, CommandLine& line) {
  CLI::App* fetch = app.add_subcommand(
      "fetch", "download firmware and fallbacks ahead of time; needs no board and no root");
  Choose(*fetch, line, Command::kFetch);
  fetch->add_option("manifest", line.files, "names of shipped manifests, or files")->required();
  AddMirrorOption(*fetch, line);
  AddIndexOption(*fetch, line);

  CLI::App* cache = app.add_subcommand("cache", "the downloaded images: what each is needed for");
  Choose(*cache, line, Command::kCacheList);
  Choose(*cache->add_subcommand("list", "the same"), line, Command::kCacheList);
  Choose(*cache->add_subcommand("verify", "hash every image anew; damaged ones are set aside"),
         line, Command::kCacheVerify);
  AddPrune(*cache, line);
}

}  // namespace lastgood
