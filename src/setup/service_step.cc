// SPDX-License-Identifier: MIT
// Rules: systemd's own program makes every change. It writes links with the paths of its release
// and removes directories that become empty, so what it rewrites is brought back from the record;
// its own inverse is for when somebody else has been there since.
#include "setup/service_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "setup/programs.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kQueryLimit{30};
constexpr std::chrono::seconds kChangeLimit{120};  // a unit may take 90 s to start or stop
constexpr std::size_t kUnitSizeMax = 255;          // systemd's UNIT_NAME_MAX
constexpr std::string_view kConfiguration = "/etc/systemd/system";
constexpr std::array<std::string_view, 7> kSuffixes = {".service", ".socket", ".timer", ".target",
                                                       ".path",    ".mount",  ".swap"};
// Files that are brought back are news to a systemd that runs.
const std::vector<Argv> kNotice = {{"systemctl", "daemon-reload"}};
const std::vector<std::string_view> kStates = {"enabled", "disabled", "masked"};
constexpr std::size_t kEnabled = 0;
constexpr std::size_t kDisabled = 1;
constexpr std::size_t kMasked = 2;

struct ServiceFields {
  std::string unit;
  std::size_t state = kEnabled;
  std::optional<bool> running;
};

// What systemd can not do with a unit of this state, and what a person can do instead.
struct Refused {
  std::string_view state;
  std::string_view why;
  std::string_view hint;
};
constexpr std::array kNotToBeEnabled = {
    Refused{"static", "it has no [Install] section: others start it",
            "name the unit that starts it, a .socket or .timer"},
    Refused{"indirect", "only the units that it names in 'Also=', or its instances, can be",
            "name one of those"},
    Refused{"generated", "a generator makes it at every start",
            "change what it is made from: /etc/fstab, /etc/init.d, the kernel's command line"},
    Refused{"transient", "it was made by a program and is gone at the next start",
            "name a unit that has a file"},
    Refused{"not-found", "there is no such unit",
            "install the package that brings it, in a step before this one"},
};

std::string Basename(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

class ServiceStep final : public Step {
 public:
  ServiceStep(ServiceFields fields, const SetupHost& host)
      : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override {
    std::string running;
    if (fields_.running) running = *fields_.running ? ", running" : ", stopped";
    return fmt::format("service: {} {}{}", fields_.unit, kStates[fields_.state], running);
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const std::string state, EnablementOf(fields_.unit));
    if (state == "alias" || state == "bad")
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' {}", fields_.unit,
                              state == "bad" ? "has a file that systemd can not read"
                                             : "is another name of a unit"),
                  fmt::format("systemctl cat {} names {}", fields_.unit,
                              state == "bad" ? "the file" : "the unit itself"));
    TRY(std::vector<Change> changes, EnablementChanges(state));
    TRY(const std::optional<Change> activity, ActivityChange(state));
    if (!activity) return changes;
    // Nothing is started that may not be, and nothing is cut off while it runs.
    changes.insert(*fields_.running ? changes.end() : changes.begin(), *activity);
    return changes;
  }

  std::vector<Claim> Claims() const override {
    std::vector<Claim> claims = {{"service " + fields_.unit, std::string(kStates[fields_.state])}};
    if (fields_.running)
      claims.push_back(
          {fmt::format("service {} running", fields_.unit), *fields_.running ? "true" : "false"});
    return claims;
  }

 private:
  Argv Systemctl(const Argv& words) const {
    Argv argv = {"systemctl"};
    const Argv root = host_.RootOption("--root");
    if (!root.empty()) argv.push_back(fmt::format("{}={}", root[0], root[1]));
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
  }

  // The word of systemctl(1), "not-found" where older releases have none.
  Result<std::string> EnablementOf(const std::string& unit) const {
    const Argv argv = WithEnvironment({}, Systemctl({"is-enabled", unit}));
    TRY(const ProcessResult result, RunProgram(host_.runner, argv, kQueryLimit));
    const std::vector<std::string> words = WordsOf(result.standard_output);
    if (!words.empty()) return words[0];
    if (result.standard_error.find("No such file or directory") != std::string::npos)
      return std::string("not-found");
    return Fail(ExitCode::kSetupFailed,
                fmt::format("cannot tell whether '{}' is enabled: '{}' {}", unit, ProgramOf(argv),
                            HowItEnded(result)),
                fmt::format("run it by hand: {}", CommandLineOf(argv)));
  }

  Result<std::vector<Change>> EnablementChanges(const std::string& state) const {
    if (fields_.state == kMasked) return Masking(state);
    if (fields_.state == kDisabled) return Disabling(state);
    return Enabling(state);
  }

  Result<std::vector<Change>> Masking(const std::string& state) const {
    if (state == "masked") return std::vector<Change>();
    const std::string path = fmt::format("{}/{}", kConfiguration, fields_.unit);
    TRY(const FileState there, host_.tree.Look(path));
    // systemctl refuses as well, but after the steps before this one.
    if (there.kind != FileKind::kAbsent)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' can not be masked: '{}' is in the place of the mask",
                              fields_.unit, path),
                  "use state = \"disabled\", or move that file away");
    return std::vector{Of({"mask"}, {"unmask"}, {path})};
  }

  // What is not started by a link below /etc is as disabled as it can be.
  Result<std::vector<Change>> Disabling(const std::string& state) const {
    if (state != "enabled") return std::vector<Change>();
    return std::vector{Of({"disable"}, {"enable"}, PlacesOfLinks())};
  }

  Result<std::vector<Change>> Enabling(const std::string& state) const {
    if (state == "enabled") return std::vector<Change>();
    for (const Refused& refused : kNotToBeEnabled)
      if (refused.state == state)
        return Fail(ExitCode::kSetupFailed,
                    fmt::format("'{}' can not be enabled: {}", fields_.unit, refused.why),
                    std::string(refused.hint));
    std::vector<Change> changes;
    if (state == "masked")
      changes.push_back(
          Of({"unmask"}, {"mask"}, {fmt::format("{}/{}", kConfiguration, fields_.unit)}));
    if (state == "masked-runtime")
      changes.push_back(Of({"unmask", "--runtime"}, {"mask", "--runtime"}, {}));
    // A mask covers the links that were there before it.
    if (!state.starts_with("masked") || PlacesOfLinks().empty()) {
      CommandChange enable = Commands({"enable"}, {"disable"}, {});
      TRY_DO(KeepCompanions(enable));
      changes.push_back({std::move(enable), kNotice});
    }
    return changes;
  }

  // Those of 'Also=' are disabled with the unit, even when they were enabled before it.
  Result<void> KeepCompanions(CommandChange& enable) const {
    for (const std::string& name : WithCompanions()) {
      if (name == fields_.unit) continue;
      TRY(const std::string state, EnablementOf(name));
      if (state == "enabled") enable.undo.push_back(Systemctl({"enable", name}));
    }
    return {};
  }

  Result<std::optional<Change>> ActivityChange(const std::string& state) const {
    if (!fields_.running || !host_.is_running) return std::optional<Change>();
    const Argv argv = WithEnvironment({}, Systemctl({"is-active", fields_.unit}));
    TRY(const ProcessResult result, RunProgram(host_.runner, argv, kQueryLimit));
    const std::vector<std::string> words = WordsOf(result.standard_output);
    const bool runs = !words.empty() && (words[0] == "active" || words[0] == "activating" ||
                                         words[0] == "reloading" || words[0] == "refreshing");
    if (runs == *fields_.running) return std::optional<Change>();
    if (*fields_.running && state == "not-found")
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' can not be started: there is no such unit", fields_.unit),
                  "install the package that brings it, in a step before this one");
    CommandChange change =
        *fields_.running ? Commands({"start"}, {"stop"}, {}) : Commands({"stop"}, {"start"}, {});
    return std::optional<Change>(Change{std::move(change), {}});
  }

  // Links below /etc that start the unit, or others that it is enabled together with. A directory
  // goes with the last of its links, and comes after them: the last of a list is brought back
  // first.
  std::vector<std::string> PlacesOfLinks() const {
    const std::set<std::string> names = WithCompanions();
    std::vector<std::string> places;
    const auto add_from = [&](const std::string& directory, bool is_wants) {
      const std::size_t before = places.size();
      for (const std::string& name : host_.files.List(directory)) {
        const std::string path = directory + "/" + name;
        const auto target = host_.files.LinkTarget(path);
        if (!target || *target == "/dev/null") continue;
        if (!names.contains(Basename(*target)) && !(is_wants && names.contains(name))) continue;
        places.push_back(path);
      }
      if (is_wants && places.size() > before) places.push_back(directory);
    };
    add_from(std::string(kConfiguration), false);
    for (const std::string& name : host_.files.List(kConfiguration))
      if (name.ends_with(".wants") || name.ends_with(".requires") || name.ends_with(".upholds"))
        add_from(fmt::format("{}/{}", kConfiguration, name), true);
    return places;
  }

  // The unit, and those of its 'Also='.
  std::set<std::string> WithCompanions() const {
    std::set<std::string> names;
    std::vector<std::string> to_read = {fields_.unit};
    while (!to_read.empty()) {
      const std::string unit = std::move(to_read.back());
      to_read.pop_back();
      if (!names.insert(unit).second) continue;
      for (const std::string& line : SplitText(TextOf(unit), '\n'))
        if (line.starts_with("Also="))
          for (std::string& other : WordsOf(std::string_view(line).substr(5)))
            to_read.push_back(std::move(other));
    }
    return names;
  }

  std::string TextOf(const std::string& unit) const {
    std::vector<std::string> names = {unit};
    // An instance has the file of its template.
    if (const auto at = unit.find('@'); at != unit.npos)
      names.push_back(unit.substr(0, at + 1) + unit.substr(unit.rfind('.')));
    for (const std::string& name : names)
      for (const std::string_view directory :
           {kConfiguration, std::string_view("/run/systemd/system"),
            std::string_view("/usr/local/lib/systemd/system"),
            std::string_view("/usr/lib/systemd/system"), std::string_view("/lib/systemd/system")}) {
        const HostFiles::Text text = host_.files.Read(fmt::format("{}/{}", directory, name));
        if (text.state == HostFiles::State::kFound) return text.text;
      }
    return {};
  }

  CommandChange Commands(Argv apply, Argv undo, std::vector<std::string> touches) const {
    apply.push_back(fields_.unit);
    undo.push_back(fields_.unit);
    CommandChange change;
    change.apply = {Systemctl(apply)};
    change.undo = {Systemctl(undo)};
    change.touches = std::move(touches);
    change.timeout = kChangeLimit;
    return change;
  }

  Change Of(Argv apply, Argv undo, std::vector<std::string> touches) const {
    return {Commands(std::move(apply), std::move(undo), std::move(touches)), kNotice};
  }

  ServiceFields fields_;
  const SetupHost& host_;
};

std::optional<std::string> WhyNotUnit(std::string_view unit) {
  constexpr std::string_view kPunctuation = ":-_.\\@";
  const auto is_bad = [&](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !is_letter && !(c >= '0' && c <= '9') && kPunctuation.find(c) == kPunctuation.npos;
  };
  if (unit.size() > kUnitSizeMax || std::any_of(unit.begin(), unit.end(), is_bad) ||
      unit.starts_with('-') || unit.starts_with('.'))
    return "must be the name of a systemd unit";
  const auto fits = [unit](std::string_view suffix) {
    return unit.ends_with(suffix) && unit.size() > suffix.size();
  };
  if (std::none_of(kSuffixes.begin(), kSuffixes.end(), fits))
    return fmt::format("must end like a systemd unit: '{}.service'?", unit);
  return std::nullopt;
}

}  // namespace

std::unique_ptr<Step> MakeServiceStep(const StepSpec&, toml::TableReader& reader,
                                      toml::Diagnostics&, SetupHost& host) {
  ServiceFields fields;
  fields.unit = reader.RequiredString("unit");
  if (!fields.unit.empty())
    if (const auto why = WhyNotUnit(fields.unit))
      reader.Complain("unit", fmt::format("'unit' {}", *why));
  fields.state = reader.RequiredChoice("state", kStates).value_or(kEnabled);
  fields.running = reader.OptionalBool("running");
  if (fields.state == kMasked && fields.running == true)
    reader.Complain("running", "a unit that is masked can not run");
  return std::make_unique<ServiceStep>(std::move(fields), host);
}

}  // namespace lastgood
