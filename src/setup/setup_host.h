// SPDX-License-Identifier: MIT
// The host that steps look at and change: this one, or a mounted card.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "base/verified.h"
#include "facts/host_facts.h"
#include "facts/host_files.h"
#include "host/host_tree.h"
#include "host/process_runner.h"

namespace lastgood {

using Argv = std::vector<std::string>;

// How a step brings back bytes that were downloaded and verified before the first step.
using LoadArtifact =
    std::function<Result<Verified<Bytes>>(const Sha256Digest& sha256, std::uint64_t size_bytes)>;

struct SetupHost {
  HostTree tree;
  HostFiles files;  // the same, for facts
  HostFacts facts;
  ProcessRunner& runner;
  // Systemd runs on the tree's host: services may be started, modules loaded, rules reloaded.
  bool is_running = false;
  std::string invoker{};  // the user on whose behalf; empty when it can not be known
  std::string boot_id{};  // of the kernel's present run; empty for another root
  // Describe() of steps that changed the host since it was started.
  std::set<std::string> changed_since_boot{};
  LoadArtifact load_artifact{};

  // What tells a program about another root: nothing for this host's own, otherwise `option` and
  // the directory.
  Argv RootOption(const std::string& option) const;
};

// Reads the facts of the host below `root`. `model` stands for what a card can not tell (the
// Raspberry Pi that it will be put into); empty: as found.
SetupHost OpenSetupHost(const std::filesystem::path& root, ProcessRunner& runner,
                        std::string invoker, const std::string& model);

}  // namespace lastgood
