// SPDX-License-Identifier: MIT
#include "evidence/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/exit_code.h"
#include "evidence/evidence_json.h"
#include "evidence/strike_secrets.h"

namespace lastgood {

RunReport Struck(RunReport report) {
  for (std::string* text :
       {&report.manifest_name, &report.manifest_source, &report.serial_device, &report.outcome})
    *text = StrikeSecrets(*text);
  for (ReportState& state : report.states) state.detail = StrikeSecrets(state.detail);
  for (EvidenceItem& item : report.items) item.content = StruckEvidence(std::move(item.content));
  for (ReportDocument& document : report.documents) {
    document.source = StrikeSecrets(document.source);
    document.text = StrikeSecrets(document.text);
  }
  return report;
}

std::string EndingOf(const RunReport& report) {
  if (!report.ended_at) return "not finished: lastgood resume";
  const auto row =
      std::find_if(kExitCodes.begin(), kExitCodes.end(), [&report](const ExitCodeRow& candidate) {
        return static_cast<int>(candidate.code) == report.exit_code;
      });
  return fmt::format("exit code {}: {}", report.exit_code,
                     row == kExitCodes.end() ? "of another version" : row->meaning);
}

std::string OutcomeOf(const RunReport& report) {
  return report.ended_at ? report.outcome : EndingOf(report);
}

std::string RemedyOf(const RunReport& report) {
  const auto hints = AllOf<HintEvidence>(report);
  if (!hints.empty()) {
    // Who reads this has the whole story.
    const std::string& hint = hints.back()->text;
    const std::size_t end = std::min(hint.find("the whole story: "), hint.size());
    const std::size_t last = hint.substr(0, end).find_last_not_of("; ");
    if (last != std::string::npos) return hint.substr(0, last + 1);
  }
  const auto verdicts = AllOf<VerdictEvidence>(report);
  for (auto verdict = verdicts.rbegin(); verdict != verdicts.rend(); ++verdict)
    if (!(*verdict)->good && !(*verdict)->remedy.empty()) return (*verdict)->remedy;
  return "";
}

}  // namespace lastgood
