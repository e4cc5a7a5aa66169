// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "evidence/flash_map.h"
#include "evidence/run_report.h"
#include "evidence/wire_text.h"
#include "report/display_text.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

class TextWriter {
 public:
  explicit TextWriter(const RunReport& report) : report_(report) {}

  std::string Write() {
    Line(fmt::format("Run {}: {} {} ({})", report_.id, report_.command, report_.manifest_name,
                     report_.manifest_source));
    Line(OutcomeOf(report_));
    if (const std::string remedy = RemedyOf(report_); !remedy.empty()) Line("hint: " + remedy);
    out_ += "\nStates\n";
    for (const ReportState& state : report_.states)
      Line(fmt::format("  {}  {:<18} {}", TimestampLocal(state.at), state.state, state.detail));
    WriteFacts();
    WriteStages();
    for (const EvidenceItem& item : report_.items) std::visit(*this, item.content);
    WriteFlash();
    WriteWires();
    return std::move(out_);
  }

  // What has a block of its own, in its order; the others are told above or below.
  void operator()(const VerdictEvidence& verdict) {
    Title("verdict on " + verdict.firmware);
    Line(fmt::format("{}: {}", verdict.name, verdict.summary));
    if (!verdict.cause.empty()) Line("cause: " + verdict.cause);
    if (!verdict.remedy.empty()) Line("remedy: " + verdict.remedy);
    for (const std::string& note : verdict.notes) Line("note: " + note);
    for (const std::string& line : verdict.lines) Line("  " + line);
  }
  void operator()(const ProbeEvidence& probe) {
    Title(fmt::format("asked the network: {}{}{}", probe.subject, probe.via.empty() ? "" : " via ",
                      probe.via));
    Line(probe.url);
    Line(fmt::format("{}: {}", probe.outcome, probe.text));
    if (!probe.hint.empty()) Line(probe.hint);
  }
  void operator()(const TextEvidence& text) {
    Title(text.title);
    Lines(text.text);
  }
  template <class Other>
  void operator()(const Other&) {}

 private:
  void Line(const std::string& text) { out_ += ToPrintable(text) + "\n"; }
  void Lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      Line(std::string(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  void Title(const std::string& title) { out_ += "\n--- " + ToPrintable(title) + " ---\n"; }

  void WriteFacts() {
    const auto begins = AllOf<BeginEvidence>(report_);
    if (begins.empty()) return;
    out_ += "\nWhere\n";
    const BeginEvidence& begin = *begins.front();
    Line(fmt::format("  lastgood {}{}{}{}{}{}{}", begin.lastgood, begin.host.empty() ? "" : " on ",
                     begin.host, begin.release.empty() ? "" : ", ", begin.release,
                     begin.architecture.empty() ? "" : ", ", begin.architecture));
    if (!report_.board.empty()) Line(fmt::format("  {}  {}", report_.board, report_.board_title));
    if (!report_.serial_device.empty()) Line("  " + report_.serial_device);
  }

  void WriteStages() {
    out_ += "\n";
    bool first = true;
    for (const EvidenceItem& item : report_.items) {
      if (std::holds_alternative<BeginEvidence>(item.content)) {
        if (!first) Line(fmt::format("{} taken up again", TimestampLocal(item.at)));
        first = false;
      }
      const auto* stage = std::get_if<StageEvidence>(&item.content);
      if (stage == nullptr) continue;
      const std::string outcome(
          stage->outcome == StageOutcome::kFail ? "FAIL" : OutcomeName(stage->outcome));
      const auto took = item.offset - stage->began;
      Line(fmt::format("{:<4}  {:<9} {}{}", outcome, stage->stage, stage->text,
                       took.count() < 50 ? "" : fmt::format("  ({})", FormatSeconds(took))));
      for (const std::string& detail : stage->details) Line(fmt::format("{:>15} {}", "", detail));
    }
  }

  void WriteFlash() {
    const FlashMap map(report_.items);
    if (map.sectors().empty()) return;
    Title("the flash, in sectors of 4096 octets");
    for (const SectorFate fate : kSectorFates)
      if (map.Count(fate) > 0) Line(fmt::format("{:>5}  {}", map.Count(fate), FateTitle(fate)));
    for (const FlashStretch& stretch : map.Stretches())
      if (stretch.fate != SectorFate::kUntouched)
        Line(fmt::format("0x{:06x} to 0x{:06x}  {}", stretch.range.offset,
                         stretch.range.offset + stretch.range.size_bytes - 1,
                         FateTitle(stretch.fate)));
  }

  void WriteWires() {
    bool begun = false;
    for (const WireEvidence* wire : AllOf<WireEvidence>(report_)) {
      if (wire->events.empty()) continue;
      if (!begun) Title("heard from the board, and sent (>)");
      begun = true;
      for (const std::string& line : WireLines(*wire)) Line(line);
    }
  }

  const RunReport& report_;
  std::string out_;
};

}  // namespace

std::string ReportText(const RunReport& report) { return TextWriter(report).Write(); }

}  // namespace lastgood
