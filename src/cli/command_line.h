// SPDX-License-Identifier: MIT
// What a person typed, as a value. The only directory that knows CLI11.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "flash/esp_loader.h"
#include "sim/gpio_sim_pins.h"
#include "sim/image_factory.h"
#include "sim/modem_circuit.h"

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
  kUndo,
  kRemove,
  kBoard,
  kBackup,
  kRestore,
  kDoctor,
  kDoctorNetwork,
  kHealth,
  kFetch,
  kCacheList,
  kCacheVerify,
  kCachePrune,
  kImage,
  kImport,
  kBundle,
  kSign,
  kIndex,
  kKeys,
  kKeysNew,
  kKeysAdd,
  kKeysRevoke,
  kKeysUpdate,
  kKeysVerify,
  kSimulateBoard,
  kSimulateLines,
  kSimulateImage,
};

struct CommandLine {
  Command command = Command::kNone;
  std::string command_name;  // as it was typed
  std::string text;          // kNone: what to print

  // For every command.
  std::string state_directory;  // empty = the default
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool virtual_time = false;  // waits take no time; for sim: devices

  // provision, plan, rollback, resume
  std::string manifest;
  std::string recipe;                       // instead of the manifest's
  std::string serial_device;                // instead of the recipe's
  std::vector<std::string> serial_devices;  // provision: as many boards
  bool force = false;
  bool retry = false;  // provision, plan
  bool no_fallback = false;
  bool no_backup = false;
  LoaderChoice loader = LoaderChoice::kAuto;
  std::string record_file;  // what goes over the board's wires is written there; empty: nowhere
  std::string stubs;        // directory with stub loaders, searched first
  bool identify = false;    // plan: ask the board
  std::string board;        // rollback, restore: MAC address
  std::string to_version;   // rollback

  // provision, plan, resume, undo, remove
  std::string host_root;                 // absolute; empty: this host
  std::string user;                      // empty: who called sudo
  std::string model;                     // empty: as found
  bool host_only = false;                // doctor, provision: leave the board alone
  bool keep_going = false;               // provision
  bool reboot = false;                   // provision
  std::optional<std::int64_t> undo_run;  // undo
  bool leave_changed = false;            // undo, remove

  std::vector<std::string> files;               // check, image, import, restore, fetch
  std::vector<std::string> mirrors;             // provision, fetch: base URLs that are asked first
  std::optional<int> older_than_days;           // cache prune
  std::optional<std::uint64_t> size_max_bytes;  // cache prune
  bool all = false;                             // cache prune, health
  bool dry_run = false;                         // cache prune
  std::string chip;                             // import: which build
  std::string base_url;
  std::string import_name;
  std::string import_version;
  std::optional<std::int64_t> run;  // show; nullopt: the newest
  std::optional<std::string> html;  // show: file to write; empty: one that is named by the run
  int count = 20;                   // history

  // sign, index, keys
  std::string index_url;      // provision, plan, check: where names are looked up
  std::string secret_key;     // sign: file
  std::string comment;        // sign
  std::string password_file;  // sign, keys new; "-" = standard input
  bool no_password = false;   // keys new
  std::string key;            // keys new, add, revoke, update: name, file, id, file or URL
  std::string index_name;
  std::int64_t index_version = 0;

  std::string replay_file;  // health: a capture or a log, instead of a board

  std::string root;  // doctor: another host's files
  std::string url;   // doctor network

  // simulate
  std::string sim_board;  // what stands behind "sim:"
  std::string link;
  std::string rfc2217_address;  // "[HOST:]TCP_PORT"
  std::string tcp_address;
  std::string uart;
  std::string peer_uart;
  std::optional<sim::GpioSimPlace> gpio_sim;
  sim::ModemCircuit modem_circuit = sim::ModemCircuit::kTwoTransistor;
  std::string lines_socket;
  std::string lines_request;
  std::vector<std::string> console;  // argv of an external console
  sim::ImageRequest image;
  std::string output;  // import, bundle, backup, simulate image
};

// kUsage with the reason and "did you mean" for unknown words.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv, const std::string& version);

}  // namespace lastgood
