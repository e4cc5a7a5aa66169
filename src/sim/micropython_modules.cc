// SPDX-License-Identifier: MIT
#include "sim/micropython_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lastgood::sim {
namespace {

constexpr std::string_view kMachine = "ESP module with ESP8266";
constexpr std::int64_t kHeapBytes = 38 * 1024;  // of 1.22
constexpr std::int64_t kHeapUsedBytes = 3 * 1024;

constexpr std::string_view kHelp =
    "Welcome to MicroPython!\n\n"
    "This console is simulated. It knows integers of 64 bits, strings, names, print(),\n"
    "len(), str(), repr(), hex() and a little of sys, os, esp, gc and machine.\n";

template <class Value, std::size_t N>
std::optional<Value> Find(const std::array<std::pair<std::string_view, Value>, N>& table,
                          std::string_view name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == name; });
  if (found == table.end()) return std::nullopt;
  return found->second;
}

constexpr std::array<std::pair<std::string_view, PythonModule>, 7> kModules = {{
    {"sys", PythonModule::kSys},
    {"usys", PythonModule::kSys},
    {"os", PythonModule::kOs},
    {"uos", PythonModule::kOs},
    {"esp", PythonModule::kEsp},
    {"gc", PythonModule::kGc},
    {"machine", PythonModule::kMachine},
}};

constexpr std::array<std::string_view, 12> kOnlyOnRealBoards = {
    "time",   "utime", "network", "micropython", "socket",   "json",
    "struct", "math",  "random",  "binascii",    "neopixel", "webrepl"};

constexpr std::array<std::pair<std::string_view, PythonFunction>, 6> kBuiltins = {{
    {"print", PythonFunction::kPrint},
    {"len", PythonFunction::kLen},
    {"str", PythonFunction::kStr},
    {"repr", PythonFunction::kRepr},
    {"hex", PythonFunction::kHex},
    {"help", PythonFunction::kHelp},
}};

constexpr std::array<std::pair<std::string_view, PythonFunction>, 3> kGcFunctions = {{
    {"mem_free", PythonFunction::kMemFree},
    {"mem_alloc", PythonFunction::kMemAlloc},
    {"collect", PythonFunction::kCollect},
}};

std::string Joined(const PythonArguments& arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.values.size(); ++i) {
    if (i > 0) out += arguments.separator.value_or(" ");
    out += Str(arguments.values[i]);
  }
  return out + arguments.end.value_or("\n");
}

std::string Hex(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return number < 0 ? fmt::format("-{:#x}", ~bits + 1) : fmt::format("{:#x}", bits);
}

bool TakesOneArgument(PythonFunction function) {
  return function == PythonFunction::kLen || function == PythonFunction::kStr ||
         function == PythonFunction::kRepr || function == PythonFunction::kHex;
}

}  // namespace

MicropythonModules::MicropythonModules(const FirmwareFacts& facts)
    : facts_(facts), release_(MicropythonRelease::Parse(facts.version)) {}

PythonResult MicropythonModules::Import(std::string_view name) const {
  if (const auto module = Find(kModules, name)) return PythonValue(*module);
  if (std::find(kOnlyOnRealBoards.begin(), kOnlyOnRealBoards.end(), name) !=
      kOnlyOnRealBoards.end())
    return Raise("NotImplementedError", fmt::format("the simulated board has no '{}'", name));
  return Raise("ImportError", fmt::format("no module named '{}'", name));
}

std::optional<PythonValue> MicropythonModules::Builtin(std::string_view name) const {
  if (name == "None") return PythonNone();
  if (name == "True") return true;
  if (name == "False") return false;
  if (const auto function = Find(kBuiltins, name)) return *function;
  return std::nullopt;
}

PythonResult MicropythonModules::Attribute(const PythonValue& value, std::string_view name) const {
  const auto* const module = std::get_if<PythonModule>(&value);
  if (module != nullptr) {
    if (auto attribute = ModuleAttribute(*module, name)) return *std::move(attribute);
    if (release_.NamesModuleInAttributeError())
      return Raise("AttributeError",
                   fmt::format("module '{}' has no attribute '{}'", ModuleName(*module), name));
  }
  if (const auto* const tuple = std::get_if<std::shared_ptr<const PythonTuple>>(&value)) {
    const auto& names = (*tuple)->names;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
      return (*tuple)->items[static_cast<std::size_t>(found - names.begin())];
  }
  return Raise("AttributeError",
               fmt::format("'{}' object has no attribute '{}'", TypeName(value), name));
}

std::optional<PythonValue> MicropythonModules::ModuleAttribute(PythonModule module,
                                                               std::string_view name) const {
  switch (module) {
    case PythonModule::kSys:
      return SysAttribute(name);
    case PythonModule::kEsp:
      return EspAttribute(name);
    case PythonModule::kOs:
      if (name == "uname") return PythonFunction::kUname;
      if (name == "listdir") return PythonFunction::kListDir;
      return std::nullopt;
    case PythonModule::kGc:
      if (const auto function = Find(kGcFunctions, name)) return *function;
      return std::nullopt;
    case PythonModule::kMachine:
      if (name == "freq") return PythonFunction::kFreq;
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<PythonValue> MicropythonModules::SysAttribute(std::string_view name) const {
  if (name == "implementation") return Implementation();
  if (name == "platform") return std::string("esp8266");
  if (name == "byteorder") return std::string("little");
  if (name == "version_info") return MakeTuple({std::int64_t{3}, std::int64_t{4}, std::int64_t{0}});
  if (name == "version")
    return release_.HasVersionInSysVersion() ? "3.4.0; MicroPython " + facts_.version
                                             : std::string("3.4.0");
  return std::nullopt;
}

std::optional<PythonValue> MicropythonModules::EspAttribute(std::string_view name) const {
  if (name == "flash_id") return PythonFunction::kFlashId;
  if (name == "flash_size") return PythonFunction::kFlashSize;
  if (name == "check_fw" && release_.HasCheckFw()) return PythonFunction::kCheckFw;
  return std::nullopt;
}

PythonValue MicropythonModules::Implementation() const {
  std::vector<PythonValue> version;
  for (const int member : {release_.major, release_.minor, release_.patch})
    version.emplace_back(std::int64_t{member});
  if (release_.HasReleaseLevel()) version.emplace_back(std::string());
  const bool circuitpython = facts_.family == FirmwareFacts::Family::kCircuitpython;
  std::vector<PythonValue> items = {std::string(circuitpython ? "circuitpython" : "micropython"),
                                    MakeTuple(std::move(version))};
  std::vector<std::string> names = {"name", "version"};
  if (release_.HasMachineInImplementation()) {
    items.emplace_back(std::string(kMachine));
    items.emplace_back(std::int64_t{release_.MpyVersion()});
    names.insert(names.end(), {"_machine", "_mpy"});
  }
  if (release_.HasBuildInImplementation()) {
    items.emplace_back(std::string("ESP8266_GENERIC"));
    names.emplace_back("_build");
  }
  return MakeTuple(std::move(items), std::move(names));
}

PythonValue MicropythonModules::Uname() const {
  return MakeTuple({std::string("esp8266"), std::string("esp8266"),
                    std::string(release_.SdkVersion()), facts_.version, std::string(kMachine)},
                   {"sysname", "nodename", "release", "version", "machine"});
}

// The real one prints what it computes before it answers.
PythonValue MicropythonModules::CheckFirmware(std::string& output) const {
  if (facts_.image_size_bytes != 0)
    output += fmt::format("size: {}\nmd5: {}\n", facts_.image_size_bytes, facts_.image_md5.ToHex());
  return facts_.image_intact;
}

// What the first start has made, and nothing else.
PythonResult MicropythonModules::ListDirectory(const std::vector<PythonValue>& arguments) const {
  const PythonValue directory = arguments.empty() ? std::string() : arguments[0];
  const auto* const path = std::get_if<std::string>(&directory);
  if (path == nullptr)
    return Raise("TypeError",
                 fmt::format("can't convert '{}' object to str implicitly", TypeName(directory)));
  if (!path->empty() && *path != "/" && *path != ".") return Raise("OSError", "[Errno 2] ENOENT");
  return MakeList({std::string("boot.py")});
}

PythonResult MicropythonModules::CallWithOne(PythonFunction function,
                                             const PythonValue& argument) const {
  if (function == PythonFunction::kStr) return Bounded(Str(argument));
  if (function == PythonFunction::kRepr) return Bounded(Repr(argument));
  if (function == PythonFunction::kHex) {
    const auto* const number = std::get_if<std::int64_t>(&argument);
    if (number != nullptr) return Hex(*number);
    return Raise("TypeError", fmt::format("can't convert {} to int", TypeName(argument)));
  }
  if (const auto* const text = std::get_if<std::string>(&argument))
    return static_cast<std::int64_t>(text->size());
  if (const auto* const tuple = std::get_if<std::shared_ptr<const PythonTuple>>(&argument))
    return static_cast<std::int64_t>((*tuple)->items.size());
  return Raise("TypeError", fmt::format("object of type '{}' has no len()", TypeName(argument)));
}

PythonValue MicropythonModules::CallWithNone(PythonFunction function, std::string& output) const {
  switch (function) {
    case PythonFunction::kUname:
      return Uname();
    case PythonFunction::kFlashId:
      return std::int64_t{facts_.flash_id};
    case PythonFunction::kFlashSize:
      return std::int64_t{facts_.flash_size_bytes};
    case PythonFunction::kCheckFw:
      return CheckFirmware(output);
    case PythonFunction::kMemFree:
      return kHeapBytes - kHeapUsedBytes;
    case PythonFunction::kMemAlloc:
      return kHeapUsedBytes;
    case PythonFunction::kFreq:
      return std::int64_t{80'000'000};
    case PythonFunction::kHelp:
      output += kHelp;
      return PythonNone();
    default:  // gc.collect()
      return PythonNone();
  }
}

PythonResult MicropythonModules::Call(const PythonValue& callee, const PythonArguments& arguments,
                                      std::string& output) const {
  const auto* const function = std::get_if<PythonFunction>(&callee);
  if (function == nullptr)
    return Raise("TypeError", fmt::format("'{}' object {} callable", TypeName(callee),
                                          release_.HasShortMessages() ? "isn't" : "is not"));
  if (*function == PythonFunction::kPrint) {
    output += Joined(arguments);
    return PythonValue(PythonNone());
  }
  if (arguments.separator || arguments.end)
    return Raise("TypeError", "function doesn't take keyword arguments");
  if (*function == PythonFunction::kListDir && arguments.values.size() <= 1)
    return ListDirectory(arguments.values);
  const std::size_t expected = TakesOneArgument(*function) ? 1 : 0;
  if (arguments.values.size() != expected)
    return Raise("TypeError",
                 fmt::format("function takes {} positional arguments but {} were given", expected,
                             arguments.values.size()));
  if (expected == 1) return CallWithOne(*function, arguments.values[0]);
  return CallWithNone(*function, output);
}

}  // namespace lastgood::sim
