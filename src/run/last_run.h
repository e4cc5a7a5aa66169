// SPDX-License-Identifier: MIT
// The newest run of one board that is as it should be.
#pragma once

#include <functional>
#include <optional>

#include "base/board_identity.h"
#include "base/result.h"
#include "record/record.h"

namespace lastgood {

// The whole run; nullopt when none of the newest 1000 of the record is one. `fits` sees runs as of
// Record::History().
Result<std::optional<RunRecord>> FindLastRun(const Record& record, const MacAddress& board,
                                             const std::function<bool(const RunRecord&)>& fits);

}  // namespace lastgood
