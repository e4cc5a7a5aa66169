// SPDX-License-Identifier: MIT
// Rules: what is taken back is what apt's simulation said would be new, by name, and never what
// others came to need since; what would change packages that nobody named is not done at all;
// nothing is unpacked before everything is downloaded.
#include "setup/apt_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest_word.h"
#include "manifest/text_rules.h"
#include "setup/apt_simulation.h"
#include "setup/programs.h"

namespace lastgood {
namespace {

using std::chrono::seconds;

constexpr seconds kQueryLimit{120};  // a Raspberry Pi Zero reads the lists of all of Debian
constexpr std::int64_t kLockWait_s = 120;
constexpr std::int64_t kLockWaitMax_s = 3600;
constexpr std::int64_t kTimeout_s = 1200;
constexpr std::int64_t kTimeoutMax_s = 7200;
constexpr std::size_t kPackagesMax = 64;
constexpr std::string_view kLists = "/var/lib/apt/lists";

struct AptFields {
  std::vector<PackageWish> packages;
  std::optional<bool> update;
  bool recommends = false;
  seconds lock_wait{kLockWait_s};
  seconds timeout{kTimeout_s};
};

Argv Joined(Argv argv, const std::vector<std::string>& words) {
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

std::vector<std::string> TextsOf(const std::vector<PackageWish>& wishes) {
  std::vector<std::string> texts;
  for (const PackageWish& wish : wishes) texts.push_back(wish.Text());
  return texts;
}

bool IsFulfilled(const PackageWish& wish, const PackageStates& states) {
  const auto state = states.find(wish.name);
  return state != states.end() && state->second.status == "installed" &&
         (wish.version.empty() || state->second.version == wish.version);
}

const PackageWish* Find(const std::vector<PackageWish>& wishes, std::string_view name) {
  const auto wish = std::find_if(wishes.begin(), wishes.end(),
                                 [name](const PackageWish& known) { return known.name == name; });
  return wish == wishes.end() ? nullptr : &*wish;
}

// "picocom and 2 that it needs".
std::string WithNeeds(const std::vector<PackageWish>& wishes, const Simulation& simulation) {
  const auto is_need = [&](const std::string& name) { return Find(wishes, name) == nullptr; };
  const auto count =
      std::count_if(simulation.installed.begin(), simulation.installed.end(), is_need);
  const std::string names = fmt::format("{}", fmt::join(TextsOf(wishes), ", "));
  if (count == 0) return names;
  return fmt::format("{} and {} that {}", names, count,
                     wishes.size() == 1 ? "it needs" : "they need");
}

class AptStep final : public Step {
 public:
  AptStep(AptFields fields, const SetupHost& host) : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override {
    return fmt::format("apt: {}", fmt::join(TextsOf(fields_.packages), ", "));
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const PackageStates states, QueryStates());
    std::vector<PackageWish> missing;
    for (const PackageWish& wish : fields_.packages)
      if (!IsFulfilled(wish, states)) missing.push_back(wish);
    if (missing.empty()) return std::vector<Change>();
    if (!host_.tree.IsRunningHost())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("packages can not be installed on another root directory: {}",
                              fmt::join(TextsOf(missing), ", ")),
                  "leave the step out of cards with: when = { offline = false }");
    std::vector<Change> changes;
    if (!InterruptedPackages(states).empty()) changes.push_back(Configure());
    TRY(const ProcessResult simulated, Simulate(missing));
    if (IsUnknown(simulated)) {
      if (updated_ || fields_.update == false) return FailUnknown(missing, simulated);
      changes.push_back(Update());
      return changes;
    }
    if (simulated.exit_status != 0) return FailSimulation(missing, simulated);
    const Simulation simulation = ParseSimulation(simulated.standard_output);
    TRY_DO(CheckNothingElseChanges(missing, simulation, states));
    if (WantsUpdate()) changes.push_back(Update());
    changes.push_back(Download(missing, simulation));
    changes.push_back(Install(missing, simulation, states));
    return changes;
  }

  // The lists may name other versions now, and other packages that they need.
  bool LooksAgainAfter(const Change& made) override {
    const auto* commands = std::get_if<CommandChange>(&made.what);
    if (commands == nullptr || commands->apply.front() != UpdateCommand()) return false;
    return updated_ = true;
  }

  std::vector<Claim> Claims() const override {
    std::vector<Claim> claims;
    for (const PackageWish& wish : fields_.packages)
      if (!wish.version.empty())
        claims.push_back({"version of package " + wish.name, wish.version});
    return claims;
  }

 private:
  Result<PackageStates> QueryStates() const {
    Argv argv = {"dpkg-query"};
    if (!host_.tree.IsRunningHost())
      argv.push_back(fmt::format("--admindir={}/var/lib/dpkg", host_.tree.root().string()));
    argv = Joined(argv, {"-W", "-f", std::string(kPackageFormat)});
    TRY(const ProcessResult result,
        RunProgram(host_.runner, WithEnvironment({}, argv), kQueryLimit));
    if (result.exit_status == 0) return ParsePackageStates(result.standard_output);
    return Fail(ExitCode::kSetupFailed,
                fmt::format("cannot tell which packages are installed: 'dpkg-query' {}",
                            HowItEnded(result)),
                fmt::format("run it by hand: {}", CommandLineOf(argv)));
  }

  // Nothing is locked and nothing is written, not even apt's own caches.
  Result<ProcessResult> Simulate(const std::vector<PackageWish>& missing) const {
    const Argv argv = {"apt-get",
                       "-q",
                       "-s",
                       "-o",
                       "Debug::NoLocking=true",
                       "-o",
                       "Dir::Cache::pkgcache=",
                       "-o",
                       "Dir::Cache::srcpkgcache=",
                       RecommendsOption(),
                       "install"};
    return RunProgram(host_.runner, WithEnvironment({}, Joined(argv, TextsOf(missing))),
                      kQueryLimit);
  }

  static bool IsUnknown(const ProcessResult& simulated) {
    const auto says = [&simulated](std::string_view text) {
      return simulated.standard_error.find(text) != std::string::npos;
    };
    return simulated.exit_status != 0 &&
           (says("Unable to locate package") || says("has no installation candidate") ||
            says("' was not found"));
  }

  tl::unexpected<Error> FailUnknown(const std::vector<PackageWish>& missing,
                                    const ProcessResult& simulated) const {
    const auto is_list = [](const std::string& name) { return name.ends_with("_Packages"); };
    const std::vector<std::string> lists = host_.files.List(kLists);
    if (std::none_of(lists.begin(), lists.end(), is_list))
      return Fail(ExitCode::kCannotDownload,
                  fmt::format("cannot download {}: apt has no lists of packages",
                              fmt::join(TextsOf(missing), ", ")),
                  "see whether this host is online: sudo apt-get update");
    for (const PackageWish& wish : missing)
      if (simulated.standard_error.find(fmt::format("package {}\n", wish.name)) !=
          std::string::npos)
        return Fail(ExitCode::kSetupFailed,
                    fmt::format("apt knows no package '{}'{}", wish.name, DidYouMean(wish.name)),
                    "correct its name, or add the source that has it to /etc/apt/sources.list.d");
    return FailSimulation(missing, simulated);
  }

  std::string DidYouMean(const std::string& name) const {
    // A slip is rarely in the first letters, and all names would be too many to compare.
    const auto names =
        RunProgram(host_.runner,
                   WithEnvironment({}, {"apt-cache", "-o", "Dir::Cache::pkgcache=", "-o",
                                        "Dir::Cache::srcpkgcache=", "pkgnames", name.substr(0, 2)}),
                   kQueryLimit);
    if (!names) return {};
    const auto nearest = NearestWord(name, WordsOf(names->standard_output));
    return nearest ? fmt::format("; did you mean '{}'?", *nearest) : "";
  }

  static tl::unexpected<Error> FailSimulation(const std::vector<PackageWish>& missing,
                                              const ProcessResult& simulated) {
    const std::string names = fmt::format("{}", fmt::join(TextsOf(missing), " "));
    return Fail(ExitCode::kSetupFailed,
                fmt::format("apt can not install {}: 'apt-get' {}", names, HowItEnded(simulated)),
                fmt::format("see what it says: apt-get -s install {}", names));
  }

  static Result<void> CheckNothingElseChanges(const std::vector<PackageWish>& missing,
                                              const Simulation& simulation,
                                              const PackageStates& states) {
    std::vector<std::string> others;
    for (const Simulation::Upgrade& upgrade : simulation.upgraded)
      if (Find(missing, upgrade.name) == nullptr)
        others.push_back(fmt::format("{} {} -> {}", upgrade.name, upgrade.from, upgrade.to));
    for (const std::string& name : simulation.removed) others.push_back(name + " removed");
    const std::string names = fmt::format("{}", fmt::join(TextsOf(missing), " "));
    if (!others.empty())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("installing {} would change what the recipe does not name: {}", names,
                              fmt::join(others, ", ")),
                  fmt::format("decide by hand: sudo apt-get install {}", names));
    for (const PackageWish& wish : missing)
      if (!states.contains(wish.name) &&
          std::find(simulation.installed.begin(), simulation.installed.end(), wish.name) ==
              simulation.installed.end())
        return Fail(ExitCode::kSetupFailed,
                    fmt::format("'{}' is a name that several packages answer to", wish.name),
                    fmt::format("name one of them: apt-cache showpkg {}", wish.name));
    return {};
  }

  bool WantsUpdate() const {
    if (updated_ || fields_.update == false) return false;
    if (fields_.update == true) return true;
    // The lists keep their server's dates; the directory that they arrive in has the host's.
    const auto fresh = RunProgram(
        host_.runner, {"find", fmt::format("{}/partial", kLists), "-maxdepth", "0", "-mtime", "-1"},
        kQueryLimit);
    return !fresh || Trimmed(fresh->standard_output).empty();
  }

  std::string RecommendsOption() const {
    return fields_.recommends ? "--install-recommends" : "--no-install-recommends";
  }

  Argv AptGet(const Argv& words) const {
    return WithEnvironment({"DEBIAN_FRONTEND=noninteractive"},
                           Joined({"apt-get", "-q", "-y", "-o",
                                   fmt::format("DPkg::Lock::Timeout={}", fields_.lock_wait.count()),
                                   "-o", "Dpkg::Options::=--force-confold"},
                                  words));
  }
  static Argv UpdateCommand() { return WithEnvironment({}, {"apt-get", "-q", "update"}); }

  CommandChange Commands(std::vector<Argv> apply, std::vector<Argv> undo) const {
    CommandChange change;
    change.apply = std::move(apply);
    change.undo = std::move(undo);
    change.timeout = fields_.timeout + fields_.lock_wait;
    change.verdicts = {{"held by process", ExitCode::kBusy, "another program uses apt",
                        "wait until it has ended, then run lastgood again"},
                       {"locked by another process", ExitCode::kBusy, "another program uses dpkg",
                        "wait until it has ended, then run lastgood again"}};
    return change;
  }

  // What an earlier installation left unfinished; there is nothing to go back to.
  Change Configure() const {
    CommandChange change =
        Commands({WithEnvironment({"DEBIAN_FRONTEND=noninteractive"},
                                  {"dpkg", "--force-confold", "--configure", "-a"})},
                 {{"true"}});
    change.busy_wait = fields_.lock_wait;
    return {std::move(change), {}};
  }

  // apt has an option to wait for others, but not with this.
  Change Update() const {
    CommandChange change = Commands({UpdateCommand()}, {{"true"}});
    change.busy_wait = fields_.lock_wait;
    return {std::move(change), {}};
  }

  Change Download(const std::vector<PackageWish>& missing, const Simulation& simulation) const {
    CommandChange change =
        Commands({AptGet(Joined({RecommendsOption(), "--download-only", "install"},
                                InstallWords(missing, simulation)))},
                 {{"true"}});
    change.verdicts.push_back({"Failed to fetch", ExitCode::kCannotDownload,
                               "cannot download " + WithNeeds(missing, simulation),
                               "see whether this host is online, and: sudo apt-get update"});
    return {std::move(change), {}};
  }

  Change Install(const std::vector<PackageWish>& missing, const Simulation& simulation,
                 const PackageStates& states) const {
    const Argv words = Joined({RecommendsOption(), "install"}, InstallWords(missing, simulation));
    return {Commands({AptGet(words)}, UndoOf(simulation, states)), {}};
  }

  static Argv InstallWords(const std::vector<PackageWish>& missing, const Simulation& simulation) {
    Argv words;
    if (!simulation.upgraded.empty()) words.emplace_back("--allow-downgrades");
    return Joined(std::move(words), TextsOf(missing));
  }

  std::vector<Argv> UndoOf(const Simulation& simulation, const PackageStates& states) const {
    std::vector<Argv> undo;
    std::vector<std::string> new_ones;
    std::vector<std::string> with_settings;  // of an earlier installation, which stay
    for (const std::string& name : simulation.installed) {
      const auto state = states.find(name);
      const bool has_settings = state != states.end() && state->second.status == "config-files";
      (has_settings ? with_settings : new_ones).push_back(name);
    }
    // apt would remove with them what others came to need them for; dpkg says no.
    if (!simulation.installed.empty())
      undo.push_back(
          WithEnvironment({}, Joined({"dpkg", "--no-act", "--remove"}, simulation.installed)));
    for (const Simulation::Upgrade& upgrade : simulation.upgraded)
      undo.push_back(AptGet({RecommendsOption(), "--allow-downgrades", "install",
                             fmt::format("{}={}", upgrade.name, upgrade.from)}));
    if (!with_settings.empty()) undo.push_back(AptGet(Joined({"remove"}, with_settings)));
    if (!new_ones.empty()) undo.push_back(AptGet(Joined({"purge"}, new_ones)));
    if (undo.empty()) undo.push_back({"true"});  // it was only left unfinished
    return undo;
  }

  AptFields fields_;
  const SetupHost& host_;
  bool updated_ = false;
};

std::optional<std::string> WhyNotWish(std::string_view text) {
  const auto equals = text.find('=');
  if (auto refusal = WhyNotPackage(text.substr(0, equals))) return refusal;
  if (equals == text.npos) return std::nullopt;
  const std::string_view version = text.substr(equals + 1);
  const auto fits = [](char c) {
    constexpr std::string_view kPunctuation = ".+-:~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPunctuation.find(c) != kPunctuation.npos;
  };
  if (version.empty() || version[0] < '0' || version[0] > '9' ||
      !std::all_of(version.begin(), version.end(), fits))
    return fmt::format("must hold versions of packages, not '{}'", version);
  return std::nullopt;
}

std::vector<PackageWish> ReadPackages(const StepSpec& spec, toml::TableReader& reader,
                                      toml::Diagnostics& mistakes) {
  // As [[step]], or as `dependencies = { apt = […] }`.
  const bool is_dependency = spec.fields.entries.contains("apt");
  const std::string_view key = is_dependency ? "apt" : "packages";
  std::vector<PackageWish> wishes;
  std::vector<std::string> names;
  for (const std::string& text : reader.RequiredStrings(key)) {
    const auto equals = text.find('=');
    names.push_back(text.substr(0, equals));
    wishes.push_back({names.back(), equals == text.npos ? "" : text.substr(equals + 1)});
  }
  AcceptEach(reader, key, mistakes, WhyNotWish);
  Accept(reader, key, WhyNotList(names, kPackagesMax));
  return wishes;
}

}  // namespace

std::unique_ptr<Step> MakeAptStep(const StepSpec& spec, toml::TableReader& reader,
                                  toml::Diagnostics& mistakes, SetupHost& host) {
  AptFields fields;
  fields.packages = ReadPackages(spec, reader, mistakes);
  fields.update = reader.OptionalBool("update");
  fields.recommends = reader.OptionalBool("recommends").value_or(false);
  fields.lock_wait =
      seconds(reader.OptionalInteger("lock_wait_s", 0, kLockWaitMax_s).value_or(kLockWait_s));
  fields.timeout =
      seconds(reader.OptionalInteger("timeout_s", 1, kTimeoutMax_s).value_or(kTimeout_s));
  return std::make_unique<AptStep>(std::move(fields), host);
}

}  // namespace lastgood
