// SPDX-License-Identifier: MIT
// Everything that is known of a run, for people who were not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/evidence.h"
#include "host/clock.h"
#include "json/json_object.h"

namespace lastgood {

struct ReportState {
  std::string state;
  std::string detail;
  WallTime at{};
};

struct ReportDocument {
  std::string title;   // "manifest", "recipe", "recipe that it builds on"
  std::string source;  // path or URL
  std::string text;
};

struct RunReport {
  std::int64_t id = 0;
  std::string command;
  std::string manifest_name;
  std::string manifest_source;
  std::string serial_device;
  WallTime started_at{};
  std::optional<WallTime> ended_at;  // nullopt: the run is unfinished
  std::string board;                 // MAC address; empty until it was identified
  std::string board_title;           // "ESP8266EX, 4 MB flash, flash id 0x1640ef"
  int exit_code = 0;                 // once ended
  std::string outcome;               // once ended
  std::vector<ReportState> states;
  std::vector<EvidenceItem> items;
  std::vector<ReportDocument> documents;
};

// The report with secrets struck out of all of its texts.
RunReport Struck(RunReport report);

// Of one kind, in order.
template <class T>
std::vector<const T*> AllOf(const RunReport& report) {
  std::vector<const T*> found;
  for (const EvidenceItem& item : report.items)
    if (const T* content = std::get_if<T>(&item.content)) found.push_back(content);
  return found;
}

// "exit code 8: the new firmware failed, rolled back, the board is healthy"; "not finished".
std::string EndingOf(const RunReport& report);
// The outcome, or that there is none yet.
std::string OutcomeOf(const RunReport& report);
// What to do: what a person was told last, else what the last verdict says that was not good; empty
// when there is nothing.
std::string RemedyOf(const RunReport& report);

// For a terminal or a mail: stages, states, verdicts, flash, network, what went over the wires.
std::string ReportText(const RunReport& report);
// The fields of a list of runs: those up to "outcome" of docs/report.md.
JsonObject ReportHeadJson(const RunReport& report);
// One object, docs/report.md.
JsonObject ReportJson(const RunReport& report);
// One file that refers to nothing outside of it, without scripts; below 1 MB.
std::string ReportHtml(const RunReport& report);

}  // namespace lastgood
