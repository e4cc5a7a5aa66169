// SPDX-License-Identifier: MIT
#include <utility>
#include <vector>

#include "cli/bundle_source.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "run/fill_store.h"

namespace lastgood {

Result<ExitCode> RunFetch(const CommandLine& line, Toolbox& tools) {
  std::vector<LocatedPlan> plans;
  std::vector<Manifest> manifests;
  for (const std::string& name : line.files) {
    CommandLine one = line;
    one.manifest = name;
    TRY(LocatedPlan located, LocatePlan(one, tools));
    manifests.push_back(located.plan.manifest);
    plans.push_back(std::move(located));
  }
  return WithStore(line, tools, [&](const StoreSeams& seams) -> Result<RunOutcome> {
    for (const LocatedPlan& located : plans) TRY_DO(TakeBundle(located, seams));
    return FillStore(seams, manifests);
  });
}

}  // namespace lastgood
