// SPDX-License-Identifier: MIT
// Everything that plans need, brought into the store ahead of time: no board, no host steps, no
// record.
#pragma once

#include <vector>

#include "plan/plan.h"
#include "run/provisioner.h"
#include "run/seams.h"

namespace lastgood {

// When anything is missing a "network" line says whether it can be reached, as in a run. Then
// firmware first, then what steps unpack, then fallbacks, a "fetch" line for each. One that cannot
// be had keeps none of the others from coming; the outcome then has the most serious code:
// kInterrupted, kInternal, kNotTrusted, kBusy, kCannotDownload.
RunOutcome FillStore(const StoreSeams& seams, const std::vector<const Plan*>& plans);

}  // namespace lastgood
