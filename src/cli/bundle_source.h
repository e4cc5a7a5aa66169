// SPDX-License-Identifier: MIT
// A bundle in the place of a manifest: provision, plan and check take one.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/locate.h"
#include "cli/toolbox.h"
#include "run/seams.h"

namespace lastgood {

// By its name: what ends in ".tar.zst" is one.
bool IsBundle(const std::string& name);

// The plan of the bundle `line.manifest`, which is read to its end: every octet of it was compared
// with its digest. The recipe is the bundle's own, unless one is given on the command line. Errors
// as of BundleReader, ParseManifest and ParseRecipe.
Result<LocatedPlan> LocateBundle(const CommandLine& line, const Surroundings& surroundings);

// Puts the artifacts of the bundle that `located` came from into the store, and says so; nothing to
// do when it came from elsewhere.
Result<void> TakeBundle(const LocatedPlan& located, const StoreSeams& seams);

}  // namespace lastgood
