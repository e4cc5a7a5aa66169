// SPDX-License-Identifier: MIT
// What a check found out, as a value: printing it is somebody else's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/exit_code.h"

namespace lastgood {

enum class FindingVerdict {
  kOk,
  kNote,     // worth knowing; nothing has to be done
  kProblem,  // the board is not reached until it is mended
  kUnknown,  // could not be looked at; the text says why
};

struct Finding {
  std::string check;  // stable id: "serial-console"
  FindingVerdict verdict = FindingVerdict::kOk;
  std::string text;                   // what, on which object, why: one line
  std::string remedy;                 // commands or lines to type; empty when nothing is to be done
  std::vector<std::string> evidence;  // where it was read, and what stood there
};

using Findings = std::vector<Finding>;

// "ok", "note", "problem", "unknown"
std::string_view VerdictName(FindingVerdict verdict);

// Checks whose problem is that something else has the device: "serial-holder", "gpio-holder".
bool IsBusyCheck(std::string_view check);

// kDone without problems, kBusy when all problems are of that kind, kBoard otherwise.
ExitCode ExitCodeOf(const Findings& findings);

}  // namespace lastgood
