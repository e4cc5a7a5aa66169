// SPDX-License-Identifier: MIT
// One idempotent wish for the host. A step says what has to change for it to be fulfilled; making
// those changes, recording them and taking them back is the same for all (setup/setup_runner.h). A
// new kind of step is one new file and one line in setup/step_registry.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "setup/change.h"
#include "setup/setup_host.h"
#include "toml/document.h"

namespace lastgood {

// What a step wants a thing to be: two steps that want the same thing to be different can not both
// be done.
struct Claim {
  std::string thing;  // "boot-config [all] enable_uart", "file /etc/motd"
  std::string value;
};

class Step {
 public:
  virtual ~Step() = default;
  virtual std::string Describe() const = 0;  // "boot-config: dtoverlay=disable-bt"
  // What has to change, in order; empty when it is done. Changes nothing, and needs no privilege
  // beyond reading. kSetupFailed says what could not be read or can not be done, kBusy and
  // kCannotDownload as they say.
  virtual Result<std::vector<Change>> Pending() = 0;
  // Told of each of its changes that was made. True when what follows can be known only now: it is
  // asked for what is pending anew, and the rest of the earlier answer is dropped.
  virtual bool LooksAgainAfter(const Change& /*made*/) { return false; }
  virtual std::vector<Claim> Claims() const { return {}; }
  // Describe() of the steps before it, in order; told by MakeSteps().
  virtual void ComesAfter(const std::vector<std::string>& /*earlier*/) {}
};

// Makes a step of one kind from the fields of its table. Mistakes are noted through `fields`, which
// the caller finishes; what is returned is then not used. `host` must outlive the step.
using StepMaker = std::unique_ptr<Step> (*)(const StepSpec& spec, toml::TableReader& fields,
                                            toml::Diagnostics& mistakes, SetupHost& host);

// kInvalidManifest with the place for an unknown kind ("did you mean") or wrong fields.
Result<std::unique_ptr<Step>> MakeStep(const StepSpec& spec, SetupHost& host);
// All mistakes of all steps; then those of setup/claims.h.
Result<std::vector<std::unique_ptr<Step>>> MakeSteps(const std::vector<StepSpec>& specs,
                                                     SetupHost& host);

}  // namespace lastgood
