// SPDX-License-Identifier: MIT
#include "evidence/evidence_json.h"
#include "evidence/flash_map.h"
#include "evidence/run_report.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

JsonObject JsonOf(const FlashMap& map) {
  JsonObject sectors;
  for (const SectorFate fate : kSectorFates)
    sectors.Set(FateName(fate), static_cast<std::int64_t>(map.Count(fate)));
  std::vector<JsonObject> stretches;
  for (const FlashStretch& stretch : map.Stretches()) {
    stretches.emplace_back();
    stretches.back()
        .Set("offset", std::int64_t{stretch.range.offset})
        .Set("size_bytes", std::int64_t{stretch.range.size_bytes})
        .Set("fate", FateName(stretch.fate));
  }
  JsonObject object;
  object.Set("sector_bytes", std::int64_t{kMapSectorBytes}).Set("sectors", sectors);
  object.Set("stretches", stretches);
  return object;
}

}  // namespace

JsonObject ReportHeadJson(const RunReport& report) {
  JsonObject object;
  object.Set("v", 1).Set("event", "run").Set("run", report.id).Set("command", report.command);
  object.Set("manifest", report.manifest_name).Set("started", TimestampUtc(report.started_at));
  if (report.ended_at) {
    object.Set("ended", TimestampUtc(*report.ended_at)).Set("exit_code", report.exit_code);
  } else {
    object.SetNull("ended").SetNull("exit_code");
  }
  object.Set("board", report.board).Set("outcome", report.outcome);
  return object;
}

JsonObject ReportJson(const RunReport& report) {
  JsonObject object = ReportHeadJson(report);
  object.Set("ending", EndingOf(report)).Set("remedy", RemedyOf(report));
  object.Set("board_title", report.board_title).Set("serial_device", report.serial_device);
  std::vector<JsonObject> states;
  for (const ReportState& state : report.states) {
    states.emplace_back();
    states.back().Set("state", state.state).Set("detail", state.detail);
    states.back().Set("at", TimestampUtc(state.at));
  }
  std::vector<JsonObject> evidence;
  for (const EvidenceItem& item : report.items) evidence.push_back(JsonOf(item));
  std::vector<JsonObject> documents;
  for (const ReportDocument& document : report.documents) {
    documents.emplace_back();
    documents.back().Set("title", document.title).Set("source", document.source);
    documents.back().Set("text", document.text);
  }
  object.Set("states", states).Set("flash", JsonOf(FlashMap(report.items)));
  object.Set("evidence", evidence).Set("documents", documents);
  return object;
}

}  // namespace lastgood
