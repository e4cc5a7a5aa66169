// SPDX-License-Identifier: MIT
// Builds the real objects and hands them to the command line. The only file that names every
// implementation.
#include <fcntl.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/execute.h"
#include "cli/terminal_attendant.h"
#include "cli/toolbox.h"
#include "device/open_lines.h"
#include "device/open_serial_device.h"
#include "device/open_serial_port.h"
#include "device/serial_devices.h"
#include "host/clock_synchronisation.h"
#include "http/curl_http_client.h"
#include "sim/simulated_board.h"

namespace lastgood {
namespace {

constexpr std::string_view kSimulated = "sim:";
// Where Debian's package esptool (13 and later) keeps its stub loaders.
constexpr std::string_view kDebianStubs =
    "/usr/lib/python3/dist-packages/esptool/targets/stub_flasher";

class RealBoardConnector final : public BoardConnector {
 public:
  // `attendant`: nullptr when nobody can be asked to press a board's buttons.
  RealBoardConnector(Clock& clock, ProcessRunner& runner, Attendant* attendant)
      : clock_(clock), runner_(runner), attendant_(attendant) {}

  Result<BoardConnection> Connect(const BoardSpec& board,
                                  const std::string& serial_device) override {
    const std::string device = serial_device.empty() ? ChosenOf(board.serial) : serial_device;
    if (device.starts_with(kSimulated)) return ConnectSimulated(device.substr(kSimulated.size()));
    BoardConnection connection;
    TRY(connection.serial_port, OpenSerialPort(device, clock_));
    TRY(connection.lines,
        OpenBoardLines(board.lines, *connection.serial_port, runner_, clock_, attendant_));
    return connection;
  }

 private:
  // When none exists, opening the first says what is missing.
  static std::string ChosenOf(const std::vector<std::string>& devices) {
    std::vector<SerialCandidate> candidates;
    for (const std::string& device : devices)
      candidates.push_back({device, ResolveLinks(device).string(),
                            device.starts_with(kSimulated) || SerialDeviceExists(device)});
    return devices[ChooseSerialDevice(candidates)];
  }

  Result<BoardConnection> ConnectSimulated(const std::string& text) {
    TRY(const sim::BoardOptions options, sim::ParseBoardOptions(text));
    TRY(std::shared_ptr<sim::SimulatedBoard> simulated, sim::SimulatedBoard::Make(options, clock_));
    BoardConnection connection;
    connection.serial_port = simulated->OpenSerialPort();
    connection.lines = simulated->OpenLines();
    connection.keeps_alive = std::move(simulated);
    return connection;
  }

  Clock& clock_;
  ProcessRunner& runner_;
  Attendant* attendant_;
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::filesystem::path DefaultStateDirectory() {
  if (const std::string state = Environment("STATE_DIRECTORY"); !state.empty())
    return state;  // systemd's
  if (::geteuid() == 0) return "/var/lib/lastgood";
  if (const std::string state = Environment("XDG_STATE_HOME"); !state.empty())
    return std::filesystem::path(state) / "lastgood";
  return std::filesystem::path(Environment("HOME")) / ".local/state/lastgood";
}

NetworkSurroundings ReadNetworkSurroundings(const Clock& system_clock) {
  NetworkSurroundings network;
  network.configuration = Environment("LASTGOOD_CONFIG");
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                           "no_proxy", "NO_PROXY"})
    TakeVariable(network.environment, name, Environment(name));
  network.build_date = WallTime(std::chrono::seconds(LASTGOOD_BUILD_EPOCH));
  network.wall_clock = &system_clock;
  network.clock_is_synchronised = [] { return ClockIsSynchronised(); };
  return network;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

int TerminalWidth() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Who called sudo, pkexec or doas; who runs it directly unless that is root.
std::string ReadInvoker() {
  for (const char* name : {"SUDO_USER", "DOAS_USER"})
    if (const std::string user = Environment(name); !user.empty() && user != "root") return user;
  uid_t uid = ::geteuid();
  if (const std::string pkexec = Environment("PKEXEC_UID"); !pkexec.empty())
    uid = static_cast<uid_t>(std::strtoul(pkexec.c_str(), nullptr, 10));
  if (uid == 0) return "";
  const passwd* entry = ::getpwuid(uid);
  return entry != nullptr ? entry->pw_name : "";
}

Surroundings ReadSurroundings() {
  Surroundings surroundings;
  surroundings.version = LASTGOOD_VERSION;
  surroundings.state_directory = DefaultStateDirectory();
  const std::string configuration = Environment("LASTGOOD_CONFIG");
  surroundings.configuration_directory = configuration.empty() ? "/etc/lastgood" : configuration;
  if (const std::string data = Environment("LASTGOOD_DATA"); !data.empty())
    surroundings.data_directories.push_back(data);
  surroundings.data_directories.insert(
      surroundings.data_directories.end(),
      {surroundings.configuration_directory, LASTGOOD_DATA_DIRECTORY});
  if (const std::string stubs = Environment("LASTGOOD_STUBS"); !stubs.empty())
    surroundings.stub_directories.push_back(stubs);
  for (const std::filesystem::path& data : surroundings.data_directories)
    surroundings.stub_directories.push_back(data / "stubs");
  surroundings.stub_directories.push_back(kDebianStubs);
  surroundings.mirrors = Words(Environment("LASTGOOD_MIRRORS"));
  surroundings.invoker = ReadInvoker();
  std::error_code unknown;
  surroundings.program = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
  surroundings.terminal = ::isatty(STDOUT_FILENO) == 1;
  surroundings.terminal_width = TerminalWidth();
  surroundings.colour =
      surroundings.terminal && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
  return surroundings;
}

// A standard stream that was closed would give its number to the next file that is opened, and the
// output would go into that. Reading ends at once, and writing fails as it would have failed.
void OccupyStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDONLY));
}

int Main(int argc, char** argv) {
  OccupyStandardStreams();
  const Result<CommandLine> line = ParseCommandLine(argc, argv, LASTGOOD_VERSION);
  if (!line) {
    PrintError(line.error(), /*json=*/false, stdout, stderr);
    return static_cast<int>(line.error().code);
  }
  SystemClock system_clock;
  VirtualClock virtual_clock;
  Clock& clock = line->virtual_time ? static_cast<Clock&>(virtual_clock) : system_clock;
  Interrupt interrupt;
  PosixProcessRunner runner(&interrupt);
  CurlHttpClient http;
  std::optional<TerminalAttendant> attendant;
  if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1)
    attendant.emplace(STDIN_FILENO, STDERR_FILENO, system_clock, interrupt);
  RealBoardConnector connector(clock, runner, attendant ? &*attendant : nullptr);
  Surroundings surroundings = ReadSurroundings();
  surroundings.network = ReadNetworkSurroundings(system_clock);
  Toolbox tools{std::move(surroundings), clock, interrupt, runner, http, connector, [] {
                  return std::random_device{}();
                }};
  return Execute(*line, tools);
}

}  // namespace
}  // namespace lastgood

int main(int argc, char** argv) { return lastgood::Main(argc, argv); }
