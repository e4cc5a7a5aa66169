// SPDX-License-Identifier: MIT
#include "setup/module_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "manifest/text_rules.h"
#include "setup/file_plan.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kLoadLimit{60};
constexpr std::size_t kOptionsSizeMax = 512;

struct ModuleFields {
  std::string module;
  std::string options;
};

// As the kernel names it.
std::string KernelName(std::string_view name) {
  std::string kernel_name(name);
  std::replace(kernel_name.begin(), kernel_name.end(), '-', '_');
  return kernel_name;
}

// Whether one of the lines, each a path of a module ("kernel/drivers/i2c/i2c-dev.ko.xz: …"), is
// this module's.
bool Lists(std::string_view text, std::string_view kernel_name) {
  for (const std::string& line : SplitText(text, '\n')) {
    std::string_view path = std::string_view(line).substr(0, line.find(':'));
    path.remove_prefix(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1);
    if (KernelName(path.substr(0, path.find(".ko"))) == kernel_name) return true;
  }
  return false;
}

class ModuleStep final : public Step {
 public:
  ModuleStep(ModuleFields fields, const SetupHost& host)
      : fields_(std::move(fields)), kernel_name_(KernelName(fields_.module)), host_(host) {}

  std::string Describe() const override { return "module: " + fields_.module; }

  Result<std::vector<Change>> Pending() override {
    TRY(const Kernels kernels, LookAtKernels());
    if (kernels.is_builtin && !fields_.options.empty())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' is built into the kernel and takes no options from modprobe",
                              fields_.module),
                  fmt::format("add words like {}.NAME=VALUE with a step of kind kernel-cmdline",
                              kernel_name_));
    if (kernels.is_builtin) return std::vector<Change>();
    if (kernels.are_known && !kernels.is_module)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("the kernel has no module '{}'", fields_.module),
                  "correct its name, or install the package that brings it in a step before");
    FilePlan files(host_);
    if (!fields_.options.empty())
      TRY_DO(files.WantFile(
          fmt::format("/etc/modprobe.d/lastgood-{}.conf", fields_.module),
          ToBytes(fmt::format("options {} {}\n", fields_.module, fields_.options)), {}));
    if (!IsLoadedAtStart())
      TRY_DO(files.WantFile(fmt::format("/etc/modules-load.d/lastgood-{}.conf", fields_.module),
                            ToBytes(fields_.module + "\n"), {}));
    std::vector<Change> changes = files.Take();
    if (host_.is_running && !host_.files.IsDirectory("/sys/module/" + kernel_name_)) {
      CommandChange load;
      load.apply = {{"modprobe", fields_.module}};
      load.undo = {{"modprobe", "-r", fields_.module}};
      load.timeout = kLoadLimit;
      changes.push_back({std::move(load), {}});
    }
    return changes;
  }

  std::vector<Claim> Claims() const override {
    return {{"module " + kernel_name_, fields_.options}};
  }

 private:
  // What is known of the kernels that the host may start with: of all of them, since a card does
  // not tell which.
  struct Kernels {
    bool are_known = false;   // there is one with a list of its modules
    bool is_builtin = false;  // it is part of every one of them
    bool is_module = false;   // it is a module of one of them
  };

  Result<Kernels> LookAtKernels() const {
    std::vector<std::string> releases = host_.files.List("/lib/modules");
    const std::string running = host_.files.ReadWord("/proc/sys/kernel/osrelease");
    if (host_.is_running && !running.empty()) releases = {running};
    Kernels kernels;
    std::size_t builtin_count = 0;
    std::size_t known_count = 0;
    for (const std::string& release : releases) {
      TRY(const std::string modules, TextAt("/lib/modules/" + release + "/modules.dep"));
      TRY(const std::string builtin, TextAt("/lib/modules/" + release + "/modules.builtin"));
      if (modules.empty() && builtin.empty()) continue;
      ++known_count;
      if (Lists(builtin, kernel_name_)) ++builtin_count;
      kernels.is_module = kernels.is_module || Lists(modules, kernel_name_);
    }
    kernels.are_known = known_count > 0;
    kernels.is_builtin = known_count > 0 && builtin_count == known_count;
    kernels.is_module = kernels.is_module || builtin_count > 0;
    return kernels;
  }

  Result<std::string> TextAt(const std::string& name) const {
    TRY(const std::string path, host_.tree.Resolve(name));
    TRY(const FileState file, host_.tree.Look(path));
    return std::string(AsText(file.content));
  }

  // modules-load.d(5): a file of the first directory stands for those of its name in the others.
  bool IsLoadedAtStart() const {
    std::map<std::string, std::string> files = {{"", "/etc/modules"}};
    for (const char* directory : {"/etc/modules-load.d/", "/run/modules-load.d/",
                                  "/usr/local/lib/modules-load.d/", "/usr/lib/modules-load.d/"})
      for (const std::string& name : host_.files.List(directory))
        if (name.ends_with(".conf")) files.emplace(name, directory + name);
    return std::any_of(files.begin(), files.end(), [this](const auto& file) {
      const std::vector<std::string> lines = SplitText(host_.files.Read(file.second).text, '\n');
      return std::any_of(lines.begin(), lines.end(), [this](const std::string& line) {
        return KernelName(Trimmed(line)) == kernel_name_;
      });
    });
  }

  ModuleFields fields_;
  std::string kernel_name_;
  const SetupHost& host_;
};

bool IsModuleName(std::string_view name) {
  return !name.starts_with('-') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

std::unique_ptr<Step> MakeModuleStep(const StepSpec&, toml::TableReader& reader, toml::Diagnostics&,
                                     SetupHost& host) {
  constexpr std::size_t kNameSizeMax = 55;  // the kernel's MODULE_NAME_LEN on 64 bits
  ModuleFields fields;
  fields.module = reader.RequiredString("module");
  if (fields.module.size() > kNameSizeMax || !IsModuleName(fields.module))
    reader.Complain("module", "'module' must be the name of a kernel module");
  if (auto options = reader.OptionalString("options")) {
    fields.options = *std::move(options);
    Accept(reader, "options", WhyNotLine(fields.options, kOptionsSizeMax));
    if (Trimmed(fields.options).empty())
      reader.Complain("options", "'options' must say something; leave it out when there are none");
  }
  return std::make_unique<ModuleStep>(std::move(fields), host);
}

}  // namespace lastgood
