// SPDX-License-Identifier: MIT
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "run/fill_store.h"

namespace lastgood {

Result<ExitCode> RunFetch(const CommandLine& line, Toolbox& tools) {
  std::vector<Manifest> manifests;
  for (const std::string& name : line.files) {
    CommandLine one = line;
    one.manifest = name;
    TRY(LocatedPlan located, LocatePlan(one, tools.surroundings));
    manifests.push_back(std::move(located.plan.manifest));
  }
  return WithStore(line, tools, [&manifests](const StoreSeams& seams) -> Result<RunOutcome> {
    return FillStore(seams, manifests);
  });
}

}  // namespace lastgood
