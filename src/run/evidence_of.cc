// SPDX-License-Identifier: MIT
#include "run/evidence_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "evidence/evidence_json.h"
#include "flash/flash_target.h"

namespace lastgood {
namespace {

std::string_view SubjectName(ProbeSubject subject) {
  switch (subject) {
    case ProbeSubject::kTarget:
      return "the target";
    case ProbeSubject::kMirror:
      return "a mirror";
    case ProbeSubject::kIpv4:
    case ProbeSubject::kIpv6:
      return "the target over one family";
    case ProbeSubject::kPastProxy:
      return "the target past the proxy";
    case ProbeSubject::kThroughProxy:
      return "the target through a proxy";
    case ProbeSubject::kKnownAnswer:
      return "a known answer";
    case ProbeSubject::kNoSuchName:
      return "a name that does not exist";
    case ProbeSubject::kNameServer:
      return "the name server";
  }
  return "";
}

std::string ViaOf(const Question& question) {
  if (question.subject == ProbeSubject::kIpv4) return "IPv4";
  if (question.subject == ProbeSubject::kIpv6) return "IPv6";
  if (!question.proxy || question.proxy->empty()) return "";
  return question.proxy_origin.empty() ? *question.proxy
                                       : *question.proxy + " of " + question.proxy_origin;
}

std::string OutcomeOf(const Probe& probe) {
  switch (probe.outcome) {
    case ProbeOutcome::kAnswers:
      return "answers";
    case ProbeOutcome::kPage:
      return "another page";
    case ProbeOutcome::kStatus:
      return fmt::format("status {}", probe.status);
    case ProbeOutcome::kTrouble:
      break;
  }
  return "no answer";
}

bool Overlap(const FlashRange& a, const FlashRange& b) {
  return a.offset < std::uint64_t{b.offset} + b.size_bytes &&
         b.offset < std::uint64_t{a.offset} + a.size_bytes;
}

// The sectors of `all` that none of `others` has, neighbours joined.
std::vector<FlashRange> Without(const std::vector<FlashRange>& all,
                                const std::vector<std::vector<FlashRange>>& others) {
  DifferenceBuilder left;
  for (const FlashRange& range : all)
    for (std::uint64_t at = range.offset; at < std::uint64_t{range.offset} + range.size_bytes;
         at += kFlashSectorSize) {
      const FlashRange sector{static_cast<std::uint32_t>(at), kFlashSectorSize};
      const bool taken = std::any_of(others.begin(), others.end(), [&](const auto& ranges) {
        return std::any_of(ranges.begin(), ranges.end(),
                           [&](const FlashRange& other) { return Overlap(sector, other); });
      });
      if (!taken) left.Add(sector.offset);
    }
  return left.Finish(0).ranges;
}

std::vector<FlashRange> SectorsOf(const FlashPlan& plan) {
  return FlashTarget(plan.images).Everything().ranges;
}

std::string BoardTitleOf(const BoardIdentity& board) {
  return fmt::format(
      "{}, {}flash id 0x{:06x}", board.Title(),
      board.flash_size_bytes != 0 ? FormatFlashSize(board.flash_size_bytes) + " flash, " : "",
      board.flash_id);
}

}  // namespace

ProbeEvidence ProbeEvidenceOf(const Probe& probe) {
  return {std::string(SubjectName(probe.question.subject)),
          probe.question.url,
          ViaOf(probe.question),
          OutcomeOf(probe),
          probe.text,
          probe.hint};
}

VerdictEvidence VerdictEvidenceOf(const std::string& stage, const std::string& firmware,
                                  const HealthVerdict& verdict) {
  return {stage,           firmware,       VerdictName(verdict), verdict.good(),  verdict.cause,
          verdict.summary, verdict.remedy, verdict.notes,        verdict.evidence};
}

DownloadEvidence DownloadEvidenceOf(const std::string& title, const FirmwareDownload& download) {
  return {title, download.artifacts, download.bytes_received, download.rejected,
          download.error ? download.error->message : ""};
}

FlashEvidence ComparedEvidence(const std::string& stage, const FlashPlan& plan,
                               const FlashDifference& difference, std::uint32_t flash_size_bytes) {
  FlashEvidence flash;
  flash.stage = stage;
  flash.flash_size_bytes = flash_size_bytes;
  flash.same = Without(SectorsOf(plan), {difference.ranges});
  return flash;
}

FlashEvidence WrittenEvidence(const std::string& stage, const FlashPlan& plan,
                              const WriteSummary& summary, bool erase_all,
                              std::uint32_t flash_size_bytes) {
  FlashEvidence flash;
  flash.stage = stage;
  flash.flash_size_bytes = flash_size_bytes;
  // What the chip's digest of the whole proves.
  if (summary.digest_matches)
    flash.same = Without(SectorsOf(plan), {summary.erased, summary.written});
  flash.erased = summary.erased;
  if (erase_all && flash_size_bytes != 0) flash.erased = {{0, flash_size_bytes}};
  flash.written = summary.written;
  return flash;
}

FlashEvidence DoubtEvidence(const std::string& stage, const FlashPlan& plan,
                            const std::optional<FlashDifference>& known,
                            std::uint32_t flash_size_bytes) {
  FlashEvidence flash;
  flash.stage = stage;
  flash.flash_size_bytes = flash_size_bytes;
  flash.in_doubt = known ? known->ranges : SectorsOf(plan);
  return flash;
}

FlashEvidence ErasedEvidence(const std::string& stage, const std::vector<FlashRange>& ranges,
                             const std::vector<FlashRange>& refused,
                             std::uint32_t flash_size_bytes) {
  FlashEvidence flash;
  flash.stage = stage;
  flash.flash_size_bytes = flash_size_bytes;
  flash.erased = Without(ranges, {refused});
  return flash;
}

RunReport ReportOf(const RunRecord& run, const std::optional<BoardRecord>& board) {
  RunReport report;
  report.id = run.id;
  report.command = run.start.command;
  report.manifest_name = run.start.manifest_name;
  report.manifest_source = run.start.manifest_source;
  report.serial_device = run.start.serial_device;
  report.started_at = run.started_at;
  report.ended_at = run.ended_at;
  if (run.mac) report.board = run.mac->ToString();
  if (board) report.board_title = BoardTitleOf(board->identity);
  report.exit_code = run.exit_code;
  report.outcome = run.outcome;
  for (const RunTransition& transition : run.transitions)
    report.states.push_back({transition.state, transition.detail, transition.at});
  for (const EvidenceRow& row : run.evidence)
    report.items.push_back(DecodeEvidence(row.kind, row.at, row.content));
  report.documents.push_back({"manifest", run.start.manifest_source, run.start.manifest_text});
  report.documents.push_back({"recipe", run.start.recipe_source, run.start.recipe_text});
  for (const SourceText& base : run.start.base_recipes)
    report.documents.push_back({"the recipe that it builds on", base.source, base.text});
  return Struck(std::move(report));
}

}  // namespace lastgood
