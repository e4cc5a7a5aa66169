// SPDX-License-Identifier: MIT
#include "cli/host_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "cli/trust_options.h"

namespace lastgood {

void AddHostOptions(CLI::App& app, CommandLine& line) {
  app.add_option_function<std::string>(
         "--root",
         [&line](const std::string& directory) {
           std::error_code error;
           line.host_root = std::filesystem::canonical(directory, error).string();
           if (error || !std::filesystem::is_directory(line.host_root, error))
             throw CLI::ValidationError(
                 fmt::format("--root: there is no directory '{}'", directory));
         },
         "set up the host whose files are below this directory, a mounted card for one; its record "
         "is kept there")
      ->type_name("DIR");
  app.add_option("--user", line.user,
                 "whom the host is set up for (@invoker in recipes); as a rule who called sudo")
      ->type_name("NAME");
  app.add_option("--model", line.model,
                 "with --root: the model that the card is for, as a device tree names it")
      ->type_name("MODEL");
}

void AddHostOnlyOption(CLI::App& app, CommandLine& line) {
  app.add_flag("--host-only", line.host_only,
               "fetch, set the host up, and leave the board alone; --root implies it");
}

void AddSetupOptions(CLI::App& app, CommandLine& line) {
  app.add_flag("--keep-going", line.keep_going,
               "a host step that fails stops only those that need it, and nothing is undone");
  app.add_flag("--reboot", line.reboot,
               "reboot when the host's set-up needs it, and go on by itself, at most twice");
}

void AddUndoCommands(CLI::App& app, CommandLine& line) {
  CLI::App* undo =
      AddCommand(app, line, Command::kUndo, "undo", "take back what a run changed on the host");
  undo->add_option("run", line.undo_run,
                   "number of the run, from history; without it the newest that changed something");
  CLI::App* remove = AddCommand(app, line, Command::kRemove, "remove",
                                "take back what all runs of a manifest changed on the host");
  remove->add_option("manifest", line.manifest, "the manifest's name, or its file")->required();
  for (CLI::App* command : {undo, remove}) {
    command->add_flag(
        "--leave-changed", line.leave_changed,
        "what can not be undone, since somebody else changed it or it has no undo, stays for good");
    AddHostOptions(*command, line);
  }
}

}  // namespace lastgood
