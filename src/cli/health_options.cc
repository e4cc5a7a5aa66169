// SPDX-License-Identifier: MIT
#include "cli/health_options.h"

#include <CLI/CLI.hpp>

#include "cli/trust_options.h"

namespace lastgood {

void AddRecordOption(CLI::App& app, CommandLine& line) {
  app.add_option("--record", line.record_file,
                 "write what goes over the board's wires to this new file (docs/captures.md)")
      ->type_name("FILE");
}

void RefuseUnrecordable(const CommandLine& line) {
  if (line.record_file.empty()) return;
  if (line.record_file == "-")
    throw CLI::ValidationError("--record takes the name of a new file, and '-' is none");
  if (line.serial_devices.size() > 1)
    throw CLI::ValidationError("--record is for one board: give --serial once");
  if (line.command == Command::kPlan && !line.identify)
    throw CLI::ValidationError("--record needs --identify: otherwise no board is asked");
}

void AddHealthCommand(CLI::App& app, CommandLine& line) {
  CLI::App* health =
      AddCommand(app, line, Command::kHealth, "health",
                 "does the firmware on a board work: resets it, asks it, writes nothing; or what a "
                 "recording of a board says");
  CLI::Option* manifest =
      health->add_option("manifest", line.manifest,
                         "what the board has to prove: name of a shipped manifest, a file, a "
                         "bundle or a URL; without it any console will do");
  CLI::Option* recipe = health->add_option(
      "--recipe", line.recipe, "how the board is wired (name or file), instead of the manifest's");
  CLI::Option* serial =
      health
          ->add_option("--serial", line.serial_device,
                       "serial device to use instead of the recipe's, or sim:FILE")
          ->type_name("DEVICE");
  health->add_flag("--virtual-time", line.virtual_time, "with a sim: device: waits take no time");
  AddIndexOption(*health, line);
  AddRecordOption(*health, line);
  CLI::Option* replay =
      health
          ->add_option("--replay", line.replay_file,
                       "judge what this capture or saved log says: no board is asked")
          ->type_name("FILE")
          ->excludes(manifest)
          ->excludes(recipe)
          ->excludes(serial)
          ->excludes("--record");
  health
      ->add_flag("--all", line.all, "with --replay: every start in the capture, not only the last")
      ->needs(replay);
  health->footer("Exit status: 0 when the firmware is healthy, 7 when not.\n");
}

}  // namespace lastgood
