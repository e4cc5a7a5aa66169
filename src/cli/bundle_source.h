// SPDX-License-Identifier: MIT
// A bundle in the place of a manifest: provision, plan and check take one.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/locate.h"
#include "cli/trust_basis.h"
#include "run/seams.h"

namespace lastgood {

// By its name: what ends in ".tar.zst" is one.
bool IsBundle(const std::string& name);

struct OpenedBundle {
  Description manifest_file;
  LocatedPlan own;  // with the recipe that the bundle holds
};

// The bundle is read to its end: every octet of it was compared with its digest, all descriptions
// were judged. Errors as of BundleReader, JudgeDescription and ParseManifest.
Result<OpenedBundle> OpenBundle(const std::string& path, const TrustBasis& basis);

// Puts the artifacts of the bundle that `located` came from into the store, and says so; nothing to
// do when it came from elsewhere.
Result<void> TakeBundle(const LocatedPlan& located, const StoreSeams& seams);

}  // namespace lastgood
