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
  for (const std::string& name : line.files) {
    CommandLine one = line;
    one.manifest = name;
    TRY(LocatedPlan located, LocatePlan(one, tools));
    plans.push_back(std::move(located));
  }
  return WithStore(line, tools, [&plans](const StoreSeams& seams) -> Result<RunOutcome> {
    std::vector<const Plan*> wanted;
    for (const LocatedPlan& located : plans) {
      if (located.source.trust) seams.reporter.Stage(*located.source.trust);
      TRY_DO(TakeBundle(located, seams));
      wanted.push_back(&located.plan);
    }
    return FillStore(seams, wanted);
  });
}

}  // namespace lastgood
