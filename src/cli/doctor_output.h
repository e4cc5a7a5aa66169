// SPDX-License-Identifier: MIT
// How findings look: lines for a person, objects for --json (docs/events.md).
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/toolbox.h"
#include "doctor/finding.h"

namespace lastgood {

struct DoctorText {
  bool colour = false;
  bool verbose = false;   // evidence as well
  bool quiet = false;     // problems only
  std::size_t width = 0;  // 0: lines are not broken
};

DoctorText LookOf(const CommandLine& line, const Surroundings& around);

// One line for each finding, its remedy on the next; `board` is empty for the host in general.
std::string TextOf(const Findings& findings, const DoctorText& look);

// The last line: how it stands, and how to ask about a board.
std::string VerdictText(const Findings& findings, const std::string& board);

// One object a line.
std::string FindingsJson(const Findings& findings);

// The same, then the summary.
std::string JsonOf(const Findings& findings, const std::string& board);

// What stops the run: "2 problems keep board 'espiot-phat' from being reached: serial-console, …".
Error ErrorOf(const Findings& findings, const std::string& board);

}  // namespace lastgood
