// SPDX-License-Identifier: MIT
// The drawings of a report, as SVG within HTML. Positions are per cent of the width and labels keep
// their size, so that they can be read at any width.
#pragma once

#include <string>
#include <vector>

#include "evidence/flash_map.h"
#include "evidence/run_report.h"

namespace lastgood {

// A stage with its place on one axis for the whole run: what a resuming process did follows what
// the one before it did.
struct PlacedStage {
  const StageEvidence* stage = nullptr;
  std::chrono::milliseconds began{0};
  std::chrono::milliseconds ended{0};
};
std::vector<PlacedStage> PlaceStages(const RunReport& report);

// A bar for each stage, to scale.
std::string TimeLineFigure(const std::vector<PlacedStage>& stages);
// A square for each sector, 64 a row.
std::string FlashFigure(const FlashMap& map);
// The levels of the reset and boot lines: a drawing for each group of edges, at most twelve.
std::string LineFigures(const RunReport& report);

}  // namespace lastgood
