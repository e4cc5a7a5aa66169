// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "base/board_identity.h"
#include "base/nearest_word.h"
#include "cli/health_options.h"
#include "cli/host_options.h"
#include "cli/store_options.h"
#include "cli/trust_options.h"
#include "sim/simulated_board.h"

namespace lastgood {
namespace {

constexpr std::string_view kAbout =
    "Provisions a microcontroller board: verified firmware, proven on the board, rolled back by "
    "itself when it fails.";

constexpr const char* kManifestHelp = "name of a shipped manifest, a file, a bundle or a URL";
constexpr const char* kRecipeHelp = "recipe to use instead of the manifest's (name or file)";

std::string ExitCodeTable() {
  std::string table = "Exit codes:\n";
  for (const ExitCodeRow& row : kExitCodes)
    table += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  return table;
}

void AddLoaderOptions(CLI::App& app, CommandLine& line) {
  app.add_flag("--virtual-time", line.virtual_time, "with a sim: device: waits take no time");
  app.add_option_function<std::string>(
         "--loader",
         [&line](const std::string& name) {
           if (name == "auto") {
             line.loader = LoaderChoice::kAuto;
           } else if (name == "stub") {
             line.loader = LoaderChoice::kStub;
           } else if (name == "rom") {
             line.loader = LoaderChoice::kRom;
           } else {
             throw CLI::ValidationError(
                 fmt::format("--loader is auto, stub or rom, not '{}'", name));
           }
         },
         "what the chip is spoken to with: auto (a stub loader where there is one), stub or rom")
      ->type_name("KIND");
  app.add_option("--stubs", line.stubs, "directory with stub loaders, searched first")
      ->type_name("DIR");
  AddRecordOption(app, line);
}

void AddConnectionOptions(CLI::App& app, CommandLine& line) {
  app.add_option("--serial", line.serial_device,
                 "serial device to use instead of the recipe's, or sim:FILE")
      ->type_name("DEVICE");
  AddLoaderOptions(app, line);
}

void AddBoardOptions(CLI::App& app, CommandLine& line) {
  app.add_option("--recipe", line.recipe, kRecipeHelp);
  AddConnectionOptions(app, line);
}

void AddBoardChoice(CLI::App& app, CommandLine& line, const std::string& about) {
  app.add_option_function<std::string>(
         "--board",
         [&line](const std::string& text) {
           const auto mac = ParseMacAddress(text);
           if (!mac)
             throw CLI::ValidationError(fmt::format("--board: '{}' is no MAC address", text));
           line.board = mac->ToString();
         },
         about)
      ->type_name("MAC");
}

void AddRiskOptions(CLI::App& app, CommandLine& line) {
  app.add_flag("--force", line.force, "accept flash settings that are refused");
  app.add_flag("--retry", line.retry, "try firmware again that failed before and is quarantined");
  app.add_flag("--no-fallback", line.no_fallback,
               "flash even when nothing is at hand to roll back to");
  app.add_flag("--no-backup", line.no_backup,
               "do not read an unknown board's flash before its first write");
}

CLI::App* Add(CLI::App& app, CommandLine& line, Command command, const std::string& name,
              const std::string& about) {
  return AddCommand(app, line, command, name, about);
}

void AddProvisioning(CLI::App& app, CommandLine& line) {
  CLI::App* provision = Add(app, line, Command::kProvision, "provision",
                            "bring a board to what a manifest asks for, or back");
  provision->add_option("manifest", line.manifest, kManifestHelp)->required();
  provision->add_flag_callback(
      "--dry-run", [&line] { line.command = Command::kPlan; }, "the same as plan");
  provision->add_flag("--identify", line.identify, "with --dry-run: ask the board (resets it)");
  provision->add_option("--recipe", line.recipe, kRecipeHelp);
  provision
      ->add_option(
          "--serial", line.serial_devices,
          "serial device to use instead of the recipe's, or sim:FILE; given several times, "
          "that many boards are provisioned at once")
      ->type_name("DEVICE")
      ->expected(1)
      ->take_all();
  AddLoaderOptions(*provision, line);
  AddRiskOptions(*provision, line);
  AddHostOnlyOption(*provision, line);
  AddSetupOptions(*provision, line);
  AddHostOptions(*provision, line);
  AddIndexOption(*provision, line);
  AddMirrorOption(*provision, line);

  CLI::App* plan =
      Add(app, line, Command::kPlan, "plan", "show what provision would do; changes nothing");
  plan->add_option("manifest", line.manifest, kManifestHelp)->required();
  plan->add_flag("--identify", line.identify,
                 "ask the board for chip and flash (resets it, writes nothing)");
  AddHostOnlyOption(*plan, line);
  AddHostOptions(*plan, line);
  AddBoardOptions(*plan, line);
  AddRiskOptions(*plan, line);
  AddIndexOption(*plan, line);

  CLI::App* rollback =
      Add(app, line, Command::kRollback, "rollback", "put an earlier known-good firmware back");
  AddBoardChoice(*rollback, line, "which board, when several are known");
  rollback->add_option("--to", line.to_version, "version to go back to")->type_name("VERSION");
  AddBoardOptions(*rollback, line);

  CLI::App* resume =
      Add(app, line, Command::kResume, "resume", "finish or roll back a run that was cut");
  resume->add_flag("--virtual-time", line.virtual_time, "with a sim: device: waits take no time");
  AddRecordOption(*resume, line);
  AddHostOptions(*resume, line);
}

constexpr const char* kWiringHelp = "how the board is wired: name of a recipe, or a file";

void AddBoard(CLI::App& app, CommandLine& line) {
  CLI::App* board = Add(app, line, Command::kBoard, "board",
                        "what a board is and runs: resets it, writes nothing");
  board->add_option("recipe", line.recipe, kWiringHelp)->required();
  AddConnectionOptions(*board, line);
}

void AddBackups(CLI::App& app, CommandLine& line) {
  CLI::App* backup =
      Add(app, line, Command::kBackup, "backup", "keep the whole flash of a board as it is");
  backup->add_option("recipe", line.recipe, kWiringHelp)->required();
  backup
      ->add_option("-o,--output", line.output,
                   "write it to this new file as well; packed when it ends in .gz")
      ->type_name("FILE");
  CLI::App* restore =
      Add(app, line, Command::kRestore, "restore", "write the whole flash of a board again");
  restore->add_option("recipe", line.recipe, kWiringHelp)->required();
  restore
      ->add_option("file", line.files,
                   "copy of a whole flash, packed or not; without it the board's newest backup")
      ->expected(0, 1);
  AddBoardChoice(*restore, line, "whose backup, when several boards have one");
  for (CLI::App* sub : {backup, restore}) AddConnectionOptions(*sub, line);
}

void AddDoctor(CLI::App& app, CommandLine& line) {
  CLI::App* doctor =
      Add(app, line, Command::kDoctor, "doctor",
          "what of this host, and of the board's wires, keeps it from being reached, "
          "and what to do about it; changes nothing");
  CLI::Option* board =
      doctor->add_option("board", line.recipe,
                         "how the board is wired: name of a recipe, or a file; without it the "
                         "host in general");
  doctor
      ->add_option("--serial", line.serial_device,
                   "serial device to use instead of the recipe's, or sim:FILE")
      ->type_name("DEVICE")
      ->needs(board);
  doctor->add_flag("--host-only", line.host_only, "do not reset the board to ask it as well");
  AddLoaderOptions(*doctor, line);
  doctor
      ->add_option("--root", line.root,
                   "look at a host's files under this directory instead of the running host")
      ->type_name("DIR");
  doctor->footer(
      "Exit status: 0 when nothing keeps the board from being reached, 7 when something does, 11 "
      "when it is only in use by somebody else.\n");
  CLI::App* network = Add(*doctor, line, Command::kDoctorNetwork, "network",
                          "what keeps downloads from succeeding, and what to do about it");
  network
      ->add_option("url", line.url,
                   "what is to be downloaded; without it, from where installed manifests do")
      ->type_name("URL");
  network->footer("Exit status: 0 when it can be downloaded, 4 when not.\n");
}

void AddLooking(CLI::App& app, CommandLine& line) {
  CLI::App* check =
      Add(app, line, Command::kCheck, "check", "check manifests, recipes and bundles");
  check->add_option("file", line.files, "manifests, recipes or bundles, or URLs of manifests")
      ->required();
  AddIndexOption(*check, line);

  Add(app, line, Command::kStatus, "status", "boards, what runs on them, what is known good");

  CLI::App* history = Add(app, line, Command::kHistory, "history", "past runs, newest first");
  history->add_option("-n,--count", line.count, "how many")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();

  CLI::App* show = Add(app, line, Command::kShow, "show",
                       "the report of a run: stages, states, what the board said");
  show->add_option("run", line.run, "number of the run, from history; without it the newest");
  show->add_option_function<std::vector<std::string>>(
          "--html",
          [&line](const std::vector<std::string>& given) {
            line.html = given.empty() ? "" : given.front();
          },
          "write the report as one HTML file, for its owner alone, that can be attached to a bug "
          "report; without FILE lastgood-run-N.html, with - standard output")
      ->type_name("[FILE]")
      ->expected(0, 1);
  show->add_flag("--force", line.force, "overwrite the file");

  CLI::App* image = Add(app, line, Command::kImage, "image",
                        "what a firmware file is, with the lines for a manifest");
  image->add_option("file", line.files, "firmware files")->required();
}

void AddImport(CLI::App& app, CommandLine& line) {
  CLI::App* import = Add(app, line, Command::kImport, "import",
                         "a manifest out of another tool's file: ESP Web Tools' manifest.json, "
                         "ESP-IDF's flasher_args.json, Espressif's download.config");
  import->add_option("file", line.files, "the file; its parts lie beside it")
      ->required()
      ->expected(1);
  import->add_option("--recipe", line.recipe, "recipe of the board (name or file)")->required();
  import->add_option("--chip", line.chip, "which chip, when the file has several or says none");
  import->add_option("--base-url", line.base_url, "where the parts can be had, instead of file://")
      ->type_name("URL");
  import->add_option("--name", line.import_name, "what the firmware is called");
  import->add_option("--firmware-version", line.import_version, "its version, when nothing says it")
      ->type_name("VERSION");
  import->add_option("-o,--output", line.output, "file to write, instead of standard output")
      ->type_name("FILE");
  import->add_flag("--force", line.force, "overwrite the output file");
}

void AddBundle(CLI::App& app, CommandLine& line) {
  CLI::App* bundle = Add(app, line, Command::kBundle, "bundle",
                         "one file with manifest, recipe and all artifacts, for a host without "
                         "network");
  bundle->add_option("manifest", line.manifest, "name of a shipped manifest, a file or a URL")
      ->required();
  AddIndexOption(*bundle, line);
  bundle->add_option("--recipe", line.recipe, kRecipeHelp);
  bundle
      ->add_option("-o,--output", line.output,
                   "file to write, instead of NAME-VERSION.lastgood.tar.zst")
      ->type_name("FILE");
  bundle->add_flag("--force", line.force, "overwrite the output file");
}

void AddCrossedUart(CLI::App& board, CLI::Option_group& wire, CommandLine& line) {
  CLI::Option* peer =
      board.add_option("--peer-uart", line.peer_uart, "where the rate of the other end is read")
          ->type_name("DEVICE");
  CLI::Option* uart =
      wire.add_option("--uart", line.uart, "serial device that is crossed with the one to be used");
  uart->type_name("DEVICE")->needs(peer);
  peer->needs(uart);
  board
      .add_option_function<std::string>(
          "--gpio-sim",
          [&line](const std::string& place) {
            const auto parsed = sim::ParseGpioSimPlace(place);
            if (!parsed) throw CLI::ValidationError(parsed.error().message);
            line.gpio_sim = *parsed;
          },
          "chip of the kernel's GPIO simulator whose lines are the board's pins")
      ->type_name("DIR[,reset=17,boot=27]")
      ->needs(uart);
}

void AddSimulatedBoard(CLI::App& simulate, CommandLine& line) {
  CLI::App* board = Add(simulate, line, Command::kSimulateBoard, "board",
                        "a board behind a pseudo terminal, a TCP port or a UART");
  board
      ->add_option("board", line.sim_board,
                   "FLASHFILE[?chip=…&flash=4MB&mac=…&security=…&seed=…&fault=…]")
      ->required();
  CLI::Option_group* wire = board->add_option_group("Serial device", "one of these is needed");
  wire->add_option("--link", line.link, "symbolic link to the pseudo terminal that is made")
      ->type_name("PATH");
  wire->add_option("--rfc2217", line.rfc2217_address,
                   "TCP port for serial clients that set the rate, DTR (boot) and RTS (reset); 0 "
                   "chooses one")
      ->type_name("[HOST:]TCP_PORT");
  wire->add_option("--tcp", line.tcp_address, "TCP port for plain octets, at 115200 baud")
      ->type_name("[HOST:]TCP_PORT");
  AddCrossedUart(*board, *wire, line);
  wire->require_option(1);
  board
      ->add_option_function<std::string>(
          "--modem-circuit",
          [&line](const std::string& name) {
            const auto circuit = sim::ParseModemCircuit(name);
            if (!circuit) throw CLI::ValidationError(circuit.error().message);
            line.modem_circuit = *circuit;
          },
          "between DTR, RTS and the pins: two-transistor (a line works only alone; the default) or "
          "none")
      ->type_name("CIRCUIT");
  board
      ->add_option("--lines", line.lines_socket,
                   "socket through which the reset and boot lines are driven")
      ->type_name("PATH");
  board
      ->add_option("--console", line.console,
                   "program that is MicroPython's console on the board (until --)")
      ->type_name("ARGV");
  std::string faults = "Faults (fault=NAME:VALUE in BOARD):\n";
  for (const auto& [name, meaning] : sim::FaultNames())
    faults += fmt::format("  {:<18} {}\n", name, meaning);
  board->footer(faults);
}

void AddSimulation(CLI::App& app, CommandLine& line) {
  CLI::App* simulate =
      app.add_subcommand("simulate", "a board in software: for trying, testing and teaching");
  simulate->require_subcommand(1);
  AddSimulatedBoard(*simulate, line);

  CLI::App* lines = Add(*simulate, line, Command::kSimulateLines, "lines",
                        "drive the lines of a simulated board");
  lines->add_option("socket", line.lines_socket, "the board's --lines socket")->required();
  lines->add_option("request", line.lines_request, "download, run, hold or release")->required();

  CLI::App* image = Add(*simulate, line, Command::kSimulateImage, "image",
                        "make a firmware image for simulated boards");
  image
      ->add_option_function<std::string>(
          "kind",
          [&line](const std::string& name) {
            const auto kind = sim::ParseImageKind(name);
            if (!kind) throw CLI::ValidationError(kind.error().message);
            line.image.kind = *kind;
          },
          "micropython, micropython-sdk1, circuitpython, at, crashing, crashing-late or silent")
      ->required();
  image->add_option("output", line.output, "file to write")->required();
  image->add_option("--image-version", line.image.version, "version that it reports")
      ->capture_default_str();
  image->add_option("--size", line.image.size_bytes, "size in bytes")->capture_default_str();
  image->add_option("--seed", line.image.seed, "seed of the filler")->capture_default_str();
}

// The nearest subcommand to a word that is none.
std::string SuggestionFor(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("-")) continue;
    const auto nearest = NearestWord(word, names);
    return nearest && *nearest != word ? fmt::format("did you mean 'lastgood {}'?", *nearest)
                                       : "lastgood --help lists the commands";
  }
  return "lastgood --help lists the commands";
}

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

}  // namespace

CLI::App* AddCommand(CLI::App& app, CommandLine& line, Command command, const std::string& name,
                     const std::string& about) {
  CLI::App* sub = app.add_subcommand(name, about);
  sub->callback([&line, command, name] {
    if (line.command != Command::kNone) return;
    line.command = command;
    line.command_name = name;
  });
  return sub;
}

Result<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                     const std::string& version) {
  CommandLine line;
  CLI::App app{std::string(kAbout), "lastgood"};
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(ExitCodeTable());
  app.set_version_flag("--version", "lastgood " + version);
  app.add_option("--state", line.state_directory, "where images and the record are kept")
      ->type_name("DIR");
  app.add_flag("--json", line.json, "JSON lines instead of text");
  app.add_flag("-q,--quiet", line.quiet, "only errors");
  app.add_flag("-v,--verbose", line.verbose, "also the states that a run goes through");
  AddProvisioning(app, line);
  AddUndoCommands(app, line);
  AddBoard(app, line);
  AddHealthCommand(app, line);
  AddBackups(app, line);
  AddStoreCommands(app, line);
  AddDoctor(app, line);
  AddLooking(app, line);
  AddImport(app, line);
  AddBundle(app, line);
  AddTrust(app, line);
  AddSimulation(app, line);
  try {
    app.parse(argc, argv);
    if (line.serial_devices.size() == 1) line.serial_device = line.serial_devices.front();
    RefuseUnrecordable(line);
    if (!line.host_root.empty() && !line.state_directory.empty())
      throw CLI::ValidationError(
          "--root and --state exclude each other: the record of another "
          "host is kept on it");
  } catch (const CLI::CallForHelp&) {
    line.command = Command::kNone;
    line.text = app.help();
  } catch (const CLI::CallForAllHelp&) {
    line.command = Command::kNone;
    line.text = app.help("", CLI::AppFormatMode::All);
  } catch (const CLI::CallForVersion&) {
    line.command = Command::kNone;
    line.text = app.version() + "\n";
  } catch (const CLI::ParseError& error) {
    return Fail(ExitCode::kUsage, OneLine(error.what()), SuggestionFor(app, argc, argv));
  }
  return line;
}

}  // namespace lastgood
