// SPDX-License-Identifier: MIT
// What a person typed, as a value. The only directory that knows CLI11.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/image_factory.h"

namespace lastgood {

enum class Command {
  kNone,  // --help or --version: the text is in CommandLine::text
  kProvision,
  kPlan,
  kCheck,
  kStatus,
  kHistory,
  kShow,
  kRollback,
  kResume,
  kImage,
  kImport,
  kSimulateBoard,
  kSimulateLines,
  kSimulateImage,
};

struct CommandLine {
  Command command = Command::kNone;
  std::string text;  // kNone: what to print

  // For every command.
  std::string state_directory;  // empty = the default
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool virtual_time = false;  // waits take no time; for sim: devices

  // provision, plan, rollback, resume
  std::string manifest;
  std::string recipe;         // instead of the manifest's
  std::string serial_device;  // instead of the recipe's
  bool force = false;
  bool no_fallback = false;
  bool identify = false;   // plan: ask the board
  std::string board;       // rollback: MAC address
  std::string to_version;  // rollback

  std::vector<std::string> files;  // check, image, import
  std::string chip;                // import: which build
  std::string base_url;
  std::string import_name;
  std::string import_version;
  std::int64_t run = 0;  // show
  int count = 20;        // history

  // simulate
  std::string sim_board;  // what stands behind "sim:"
  std::string link;
  std::string lines_socket;
  std::string lines_request;
  std::vector<std::string> console;  // argv of an external console
  sim::ImageRequest image;
  std::string output;  // also import
};

// kUsage with the reason and "did you mean" for unknown words.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv, const std::string& version);

}  // namespace lastgood
