// SPDX-License-Identifier: MIT
#include "setup/setup_host.h"

#include <utility>

namespace lastgood {

Argv SetupHost::RootOption(const std::string& option) const {
  if (tree.IsRunningHost()) return {};
  return {option, tree.root().string()};
}

SetupHost OpenSetupHost(const std::filesystem::path& root, ProcessRunner& runner,
                        std::string invoker, const std::string& model) {
  const HostFiles files(root);
  SetupHost host{HostTree(root), files, ReadHostFacts(files), runner};
  if (!model.empty()) host.facts.model = ModelNamed(model);
  // sd_booted(3): the directory is there while systemd runs the host.
  host.is_running = host.tree.IsRunningHost() && files.IsDirectory("/run/systemd/system");
  host.invoker = std::move(invoker);
  if (host.tree.IsRunningHost()) host.boot_id = files.ReadWord("/proc/sys/kernel/random/boot_id");
  return host;
}

}  // namespace lastgood
