// SPDX-License-Identifier: MIT
// What the stages found out, as evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectivity/probe.h"
#include "evidence/evidence.h"
#include "evidence/run_report.h"
#include "flash/esp_loader.h"
#include "health/health_verdict.h"
#include "plan/flash_plan.h"
#include "record/record.h"
#include "run/downloads.h"

namespace lastgood {

ProbeEvidence ProbeEvidenceOf(const Probe& probe);
VerdictEvidence VerdictEvidenceOf(const std::string& stage, const std::string& firmware,
                                  const HealthVerdict& verdict);
DownloadEvidence DownloadEvidenceOf(const std::string& title, const FirmwareDownload& download);

// Of the flash. `flash_size_bytes` 0: unknown.
FlashEvidence ComparedEvidence(const std::string& stage, const FlashPlan& plan,
                               const FlashDifference& difference, std::uint32_t flash_size_bytes);
FlashEvidence WrittenEvidence(const std::string& stage, const FlashPlan& plan,
                              const WriteSummary& summary, bool erase_all,
                              std::uint32_t flash_size_bytes);
// A write that failed: of what it was to write, nobody knows how much it did.
FlashEvidence DoubtEvidence(const std::string& stage, const FlashPlan& plan,
                            const std::optional<FlashDifference>& known,
                            std::uint32_t flash_size_bytes);
FlashEvidence ErasedEvidence(const std::string& stage, const std::vector<FlashRange>& ranges,
                             const std::vector<FlashRange>& refused,
                             std::uint32_t flash_size_bytes);

// A run as it is in the record, with secrets struck out. `board`: the record's view of its board.
RunReport ReportOf(const RunRecord& run, const std::optional<BoardRecord>& board);

}  // namespace lastgood
