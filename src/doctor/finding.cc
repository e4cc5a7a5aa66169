// SPDX-License-Identifier: MIT
#include "doctor/finding.h"

namespace lastgood {

std::string_view VerdictName(FindingVerdict verdict) {
  switch (verdict) {
    case FindingVerdict::kOk:
      return "ok";
    case FindingVerdict::kNote:
      return "note";
    case FindingVerdict::kProblem:
      return "problem";
    case FindingVerdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

bool IsBusyCheck(std::string_view check) {
  return check == "serial-holder" || check == "gpio-holder";
}

ExitCode ExitCodeOf(const Findings& findings) {
  ExitCode code = ExitCode::kDone;
  for (const Finding& finding : findings) {
    if (finding.verdict != FindingVerdict::kProblem) continue;
    if (!IsBusyCheck(finding.check)) return ExitCode::kBoard;
    code = ExitCode::kBusy;
  }
  return code;
}

}  // namespace lastgood
