// SPDX-License-Identifier: MIT
#include "setup/setup_host.h"

#include <sys/stat.h>

#include <utility>

namespace lastgood {

namespace {

// Whether /proc or /sys below another root is this machine's own, as for a chroot: then what it
// says of a model is not the card's.
bool IsMountedBelow(const std::filesystem::path& root) {
  struct stat whole {};
  if (stat(root.c_str(), &whole) != 0) return false;
  for (const char* name : {"proc", "sys"}) {
    struct stat mounted {};
    if (stat((root / name).c_str(), &mounted) == 0 && mounted.st_dev != whole.st_dev) return true;
  }
  return false;
}

}  // namespace

Argv SetupHost::RootOption(const std::string& option) const {
  if (tree.IsRunningHost()) return {};
  return {option, tree.root().string()};
}

SetupHost OpenSetupHost(const std::filesystem::path& root, ProcessRunner& runner,
                        std::string invoker, const std::string& model) {
  const HostFiles files(root);
  SetupHost host{HostTree(root), files, ReadHostFacts(files), runner};
  if (!host.tree.IsRunningHost() && IsMountedBelow(root)) host.facts.model = {};
  if (!model.empty()) host.facts.model = ModelNamed(model);
  // sd_booted(3): the directory is there while systemd runs the host.
  host.is_running = host.tree.IsRunningHost() && files.IsDirectory("/run/systemd/system");
  host.invoker = std::move(invoker);
  if (host.tree.IsRunningHost()) host.boot_id = files.ReadWord("/proc/sys/kernel/random/boot_id");
  return host;
}

}  // namespace lastgood
