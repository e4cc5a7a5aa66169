// SPDX-License-Identifier: MIT
#include "facts/host_facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lastgood {
namespace {

constexpr std::size_t kElfHeaderSize = 52;  // the smaller one, of 32 bits

// Which UART is primary on which model: raspberrypi/documentation, configuration/uart.adoc. Which
// model sees which section: config_txt/conditional.adoc there. Longer names stand first.
struct ModelRow {
  std::string_view prefix;  // after "Raspberry Pi "
  HeaderUart header;
  std::string_view filters;
};

constexpr std::array kModels = {
    ModelRow{"Zero 2", HeaderUart::kBluetooth, "pi0 pi0w pi02"},
    ModelRow{"Zero W", HeaderUart::kBluetooth, "pi0 pi0w"},
    ModelRow{"Zero", HeaderUart::kPl011, "pi0"},
    ModelRow{"Model A", HeaderUart::kPl011, "pi1"},
    ModelRow{"Model B", HeaderUart::kPl011, "pi1"},
    ModelRow{"2", HeaderUart::kPl011, "pi2"},
    ModelRow{"3 Model A Plus", HeaderUart::kBluetooth, "pi3 pi3+"},
    ModelRow{"3 Model B Plus", HeaderUart::kBluetooth, "pi3 pi3+"},
    ModelRow{"3", HeaderUart::kBluetooth, "pi3"},
    ModelRow{"400", HeaderUart::kBluetooth, "pi4 pi400"},
    ModelRow{"4", HeaderUart::kBluetooth, "pi4"},
    ModelRow{"500", HeaderUart::kRp1, "pi5 pi500"},
    ModelRow{"5", HeaderUart::kRp1, "pi5"},
    ModelRow{"Compute Module 5", HeaderUart::kRp1, "pi5 cm5"},
    ModelRow{"Compute Module 4S", HeaderUart::kPl011, "pi4 cm4s"},
    ModelRow{"Compute Module 4", HeaderUart::kBluetooth, "pi4 cm4"},
    ModelRow{"Compute Module 3", HeaderUart::kPl011, "pi3"},
    ModelRow{"Compute Module", HeaderUart::kPl011, "pi1"},
};

// Four octets, the most significant first, as device trees keep numbers.
std::optional<std::uint32_t> ReadCell(const HostFiles& files, std::string_view path) {
  const std::string text = files.Read(path).text;
  if (text.size() != 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::string Unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

// The value of KEY=VALUE lines.
std::string ValueOf(std::string_view text, std::string_view key) {
  for (const std::string& line : SplitText(text, '\n')) {
    const std::string_view view = Trimmed(line);
    if (view.starts_with(key) && view.substr(key.size()).starts_with('='))
      return Unquoted(Trimmed(view.substr(key.size() + 1)));
  }
  return {};
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text;
}

std::vector<std::string> SplitText(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    pieces.emplace_back(text.substr(0, end));
    if (end == text.size()) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
    if (!blank) word += c;
    if (blank && !word.empty()) words.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::optional<std::uint32_t> ParseNumber(std::string_view text, int base) {
  std::uint32_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool HostRelease::IsBullseyeOrOlder() const {
  constexpr std::array kOld = {"bullseye", "buster", "stretch", "jessie"};
  return std::find(kOld.begin(), kOld.end(), codename) != kOld.end();
}

HostModel ModelNamed(std::string_view text) {
  constexpr std::string_view kPi = "Raspberry Pi ";
  HostModel model;
  model.text = text;
  if (!text.starts_with(kPi)) return model;
  const auto row = std::find_if(kModels.begin(), kModels.end(), [&](const ModelRow& candidate) {
    return text.substr(kPi.size()).starts_with(candidate.prefix);
  });
  if (row == kModels.end()) return model;
  model.header = row->header;
  model.filters = WordsOf(row->filters);
  return model;
}

std::vector<HostModel> KnownModels() {
  std::vector<HostModel> models;
  for (const ModelRow& row : kModels)
    models.push_back(ModelNamed("Raspberry Pi " + std::string(row.prefix)));
  return models;
}

HostModel ReadModel(const HostFiles& files) {
  std::string text = files.ReadWord("/proc/device-tree/model");
  if (text.empty()) text = files.ReadWord("/sys/firmware/devicetree/base/model");
  if (text.empty()) text = files.ReadWord("/sys/class/dmi/id/product_name");
  HostModel model = ModelNamed(Trimmed(text));
  constexpr unsigned kTypeShift = 4;  // raspberry-pi.adoc, revision codes
  if (const auto revision = ReadCell(files, "/proc/device-tree/system/linux,revision"))
    model.board_type = *revision >> kTypeShift & 0xFFU;
  const std::string serial = files.ReadWord("/proc/device-tree/serial-number");
  if (serial.size() >= 8) model.serial_number = ParseNumber(serial.substr(serial.size() - 8), 16);
  return model;
}

HostRelease ReadRelease(const HostFiles& files) {
  std::string text = files.Read("/etc/os-release").text;
  if (text.empty()) text = files.Read("/usr/lib/os-release").text;
  HostRelease release;
  release.title = ValueOf(text, "PRETTY_NAME");
  release.codename = ValueOf(text, "VERSION_CODENAME");
  release.raspi_config = files.Exists("/usr/bin/raspi-config");
  return release;
}

HostUser ReadUser(const HostFiles& files) {
  HostUser user;
  const std::string status = files.Read("/proc/self/status").text;
  for (const std::string& line : SplitText(status, '\n')) {
    const std::vector<std::string> words = WordsOf(line);
    constexpr std::size_t kEffective = 2;  // real, effective, saved, file system
    if (words.size() <= 1) continue;
    if (words[0] == "Uid:" && words.size() > kEffective) user.uid = ParseNumber(words[kEffective]);
    const bool is_gid = words[0] == "Gid:" && words.size() > kEffective;
    if (!is_gid && words[0] != "Groups:") continue;
    for (std::size_t i = is_gid ? kEffective : 1; i < (is_gid ? kEffective + 1 : words.size()); ++i)
      if (const auto gid = ParseNumber(words[i])) user.groups.push_back(*gid);
  }
  if (!user.uid) return user;
  for (const std::string& line : SplitText(files.Read("/etc/passwd").text, '\n')) {
    const std::vector<std::string> fields = SplitText(line, ':');
    if (fields.size() > 2 && ParseNumber(fields[2]) == user.uid) user.name = fields[0];
    if (!user.name.empty()) break;
  }
  return user;
}

std::vector<HostGroup> ReadGroups(const HostFiles& files) {
  std::vector<HostGroup> groups;
  for (const std::string& line : SplitText(files.Read("/etc/group").text, '\n')) {
    const std::vector<std::string> fields = SplitText(line, ':');
    if (fields.size() < 4) continue;
    const auto gid = ParseNumber(fields[2]);
    if (gid) groups.push_back({fields[0], *gid, SplitText(fields[3], ',')});
  }
  return groups;
}

namespace {

// Of the programs that the host runs, not of the kernel that may be another's: ELF's e_machine, and
// for Arm the flag for calls by floating-point registers (elf.h).
std::string ReadArchitecture(const HostFiles& files) {
  const std::string head = files.ReadStart("/bin/sh", kElfHeaderSize);
  if (!head.starts_with("\x7F"
                        "ELF") ||
      head.size() < kElfHeaderSize)
    return {};
  const auto octet = [&head](std::size_t at) { return static_cast<unsigned char>(head[at]); };
  constexpr std::size_t kMachine = 18;
  constexpr std::size_t kFlagsOf32Bits = 36;
  constexpr unsigned kHardFloat = 0x04;  // of the flags' second octet
  constexpr unsigned kBigEndian = 2;
  if (octet(5) == kBigEndian) return {};
  switch (octet(kMachine) | octet(kMachine + 1) << 8U) {
    case 0x03:
      return "i386";
    case 0x28:
      return (octet(kFlagsOf32Bits + 1) & kHardFloat) != 0 ? "armhf" : "armel";
    case 0x3E:
      return "amd64";
    case 0xB7:
      return "arm64";
    case 0xF3:
      return "riscv64";
    default:
      return {};
  }
}

}  // namespace

HostFacts ReadHostFacts(const HostFiles& files) {
  HostFacts facts{ReadModel(files), ReadRelease(files), ReadArchitecture(files), {}};
  for (const char* directory : {"/boot/firmware", "/boot"}) {
    if (!files.Exists(std::string(directory) + "/config.txt")) continue;
    facts.boot_directory = directory;
    break;
  }
  return facts;
}

std::string ReadContainer(const HostFiles& files) {
  // systemd's word for it, which container managers are asked to set: CONTAINER_INTERFACE.
  const std::string told = files.ReadWord("/run/systemd/container");
  if (!told.empty()) return told;
  if (files.Exists("/.dockerenv")) return "docker";
  if (files.Exists("/run/.containerenv")) return "podman";
  return {};
}

}  // namespace lastgood
